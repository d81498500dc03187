import { condition } from './sql-condition.ts'
import { type Found, hit, type Place } from './sql-found.ts'
import { kindOf, lastOf, literalPair, risky, word } from './sql-grammar.ts'
import type { Token } from './sql-tokens.ts'

/** Clauses that an injection hangs on to the query it found. */
export function clause(text: string, start: number, name: string, tokens: readonly Token[], place: Place): Found {
  const [first, second, third] = tokens
  const end = lastOf(tokens)
  switch (name) {
    case 'order':
    case 'group':
      if (!word(first, 'by')) return undefined
      if (place === 'quote' && second) return second.type === 'word' && !third ? undefined : hit('clause', 'certain', end)
      if (place !== 'head' && !(second?.type === 'number' && third?.type === 'comment')) return undefined
      if (!second) return hit('clause', 'bare', end)
      if (
        second.type === 'number' &&
        (!third || third.type === ',' || third.type === 'comment' || third.type === ';' || third.type === ')')
      )
        return hit('clause', 'bare', end)
      return risky(tokens) ||
        second.type === '(' ||
        (kindOf(second) === 'call' && third?.type === '(' && third.start === second.end) ||
        tokens.some((token) => word(token, 'having'))
        ? hit('clause', 'bare', end)
        : undefined
    case 'having':
    case 'where':
    case 'when':
      if (place === 'quote')
        return (
          condition(tokens, 0, 'quote', false) ??
          (first?.type === 'word' && second?.type === 'word' ? undefined : hit('clause', 'bare', end))
        )
      return literalPair(tokens) ? hit('constant', name === 'when' ? 'bare' : 'certain', end) : undefined
    case 'into':
      return word(first, 'outfile', 'dumpfile') ? hit('file', 'certain', end) : undefined
    case 'procedure':
      return word(first, 'analyse') && second?.type === '(' ? hit('call', 'certain', end) : undefined
    case 'from':
      if (first?.type === '(' && tokens.slice(1, 4).some((token) => word(token, 'select'))) return hit('subquery', 'certain', end)
      if (first?.type === '(' && word(second, 'select')) return hit('subquery', 'certain', end)
      if (first?.type === 'word' && word(second, 'where') && place === 'head' && leaves(text, start)) return hit('clause', 'bare', end)
      return place === 'head' && start === 0 && kindOf(first) === 'risk' ? hit('risk', 'bare', end) : undefined
    case 'case':
      return word(first, 'when') && tokens.some((token) => word(token, 'then')) && (place === 'head' || literalPair(tokens.slice(1)))
        ? hit('clause', 'bare', end)
        : undefined
    case 'limit':
      return place === 'quote' && first?.type === 'number' ? hit('clause', 'bare', end) : undefined
    case 'as':
      return aliasFragment.test(text) ? hit('fragment', 'bare', end) : undefined
    default:
      return undefined
  }
}

const aliasFragment = /^\d{1,9}\sas["`]\sfrom$|^.{0,8}[)`"';]\s{0,4}as[\s`"]{1,4}[\w`" ]{1,40}from$/

/** Whether a parenthesis that the value did not open is closed just before `at`. */
function leaves(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - 100), at).trimEnd()
  return before.endsWith(')') && !before.includes('(')
}
