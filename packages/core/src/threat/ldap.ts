import type { Hit } from './kind.ts'
import type { Judging, Steps } from './steps.ts'

/**
 * Finds what leaves an LDAP filter: a parenthesis that the value did not open, followed by another filter, an operator, or the end of the
 * string. Balanced parentheses, as in prose and code, are none.
 */
export function* ldap(text: string, hits: Hit[], steps: Steps): Judging<void> {
  steps.take(text.length)
  let depth = 0
  let open = text.indexOf('(')
  for (let at = text.indexOf(')'), from = 0; at >= 0; from = at + 1, at = text.indexOf(')', from)) {
    for (; open >= 0 && open < at; open = text.indexOf('(', open + 1)) depth++
    if (depth > 0) {
      depth--
      continue
    }
    if (!leaves(text, at)) continue
    steps.take(100)
    if (steps.due()) yield
    const match = breakout.exec(text.slice(at, at + 120))
    if (match)
      return void hits.push({
        kind: 'ldap_injection',
        detector: 'ldap-breakout',
        start: Math.max(0, at - 1),
        end: at + match[0].length,
        weight: 'certain',
      })
  }
  const match = filter.exec(text)
  if (match)
    hits.push({ kind: 'ldap_injection', detector: 'ldap-filter', start: match.index, end: match.index + match[0].length, weight: 'bare' })
}

/** Whether what follows a parenthesis could go on with a filter; of a run of parentheses the last is asked. */
function leaves(text: string, at: number): boolean {
  let next = at + 1
  while (next < at + 6 && text.charCodeAt(next) <= 32) next++
  return '(&|!%\\'.includes(text[next] ?? ' ')
}

const attribute = String.raw`\s{0,4}[a-z][\w.;:-]{0,40}\s{0,4}[~<>:]?=`
const breakout = new RegExp(
  String.raw`^\)+\s{0,4}(?:[&|!]?\s{0,4}\(${attribute}[^\s]{0,60}|\(?\s{0,4}\(?[&|!]\s{0,4}(?:\(|$|${attribute})|[&|]\s{0,4}\(|\(\s{0,4}[&|]|%00|\\x00)`,
)
const filter = new RegExp(
  String.raw`^[\s*]{0,4}\(\s{0,4}[&|!]\s{0,4}\(${attribute}|^\s{0,4}\*\s{0,4}\(\s{0,4}[&|]|^\*[()|&]+|^[\w*]{0,20}\)\(?${attribute}\*|^\((?:cn|uid|mail|sn|objectclass|userpassword)=\*?[^)]{0,60}\)?$`,
)
