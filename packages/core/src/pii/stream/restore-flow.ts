import { jsonPlaces } from '../json-places.ts'
import { tokenKinds } from '../kinds.ts'
import type { Owner } from '../owner.ts'
import { longestNumber, recallAll, restoringText, type UnknownTokens } from '../restore.ts'
import { readingTokens, readTokens, unfinishedToken } from '../token.ts'
import { inTurns } from '../turns.ts'
import type { Vault } from '../vault.ts'
import type { Flow } from './flow.ts'
import { type Held, longestWhole, type StreamPlace } from './place.ts'

export interface RestoreStreamOptions {
  readonly vault: Vault
  readonly owner: Owner
  /** `fail_closed` unless told: the stream errors at an unknown token, and nothing of it or after it comes out. */
  readonly unknownToken?: UnknownTokens
  /** Kinds besides those of patterns and names. */
  readonly kinds?: readonly string[]
  readonly place?: StreamPlace
  /** For a sink of high risk: `whole` lets nothing out before the end, so that an unknown token keeps back all. */
  readonly hold?: Held
}

/**
 * Restores a text whose pieces may end anywhere, in one pass: what comes out is the same for every way of cutting it up. It holds
 * back only what may be the beginning of a token in any spelling, at most 48 characters. A value is escaped for its place: no
 * quote in it ends the string of a JSON document that the text is.
 */
export function restoreFlow(options: RestoreStreamOptions): Flow {
  const { vault, owner, unknownToken = 'fail_closed', place = 'text', hold = 'needed' } = options
  const known = tokenKinds(options.kinds)
  const strict = place === 'json'
  const places = jsonPlaces(strict)
  let held = ''

  async function flow(until: number): Promise<string> {
    const text = held.slice(0, until)
    held = held.slice(until)
    if (text === '') return ''
    const tokens = await inTurns(readingTokens(text, known))
    const values = await recallAll(tokens, owner, { vault, tokenKinds: known, unknownToken })
    return inTurns(restoringText(text, tokens, values, places, strict))
  }

  /** A number's quotes go away with its token, so the first waits for it, and it for the second. */
  function letGo(): number {
    const open = unfinishedToken(held)
    const quote = held.lastIndexOf('"')
    if (quote < 0 || places.document() === false) return open
    const after = held.slice(quote + 1)
    const closes = after === '' && isOne(held.slice(held.lastIndexOf('"', quote - 1) + 1, quote))
    const waits = after === '' ? !closes : open === quote + 1 ? after.length < longestNumber : isOne(after)
    return waits ? quote : open
  }

  function isOne(text: string): boolean {
    if (text.length > longestNumber) return false
    const [token] = readTokens(text, known)
    return token?.start === 0 && token.end === text.length
  }

  return {
    async push(piece) {
      held += piece
      if (hold === 'needed') return flow(letGo())
      if (held.length > longestWhole)
        throw new RangeError(`A text of more than ${longestWhole} characters is too long to be held back whole.`)
      return ''
    },
    end: () => flow(held.length),
    held: () => held.length,
  }
}
