import { oneOf, present, text } from '../../app/search.ts'

export const piiTabs = ['sessions', 'text', 'recognizers', 'keys', 'access', 'compliance'] as const
export type PiiTab = (typeof piiTabs)[number]

/** What of the page stands in its address: never a text, a token or a value. */
export function piiSearch(search: Record<string, unknown>) {
  return present({
    part: oneOf(piiTabs, search['part']),
    all: oneOf(['true'], String(search['all'])),
    session: text(search['session']),
    of: text(search['of']),
  })
}
