import { matches } from './pattern.ts'
import type { Literal, Term } from './term.ts'

/**
 * Works out terms whose symbols all have values. Nothing is decided by it: what it says of a predicate goes into the
 * theorem as a claim, and the solver finds out whether it is so. `undefined` where a symbol has no value.
 */
export function ground(values: ReadonlyMap<Term, Literal>): (term: Term) => Literal | undefined {
  const known = new Map<Term, Literal | undefined>()

  return function of(term: Term): Literal | undefined {
    if (term.literal !== undefined) return term.literal
    if (!known.has(term)) known.set(term, term.op === 'symbol' ? values.get(term) : apply(term, of))
    return known.get(term)
  }
}

function apply({ op, args, pattern }: Term, of: (term: Term) => Literal | undefined): Literal | undefined {
  if (op === 'and' || op === 'or') {
    const rules = op === 'or'
    const all = args.map(of)
    return all.includes(rules) ? rules : all.includes(undefined) ? undefined : !rules
  }
  if (op === 'ite') {
    const [test, yes, no] = args
    const holds = test && of(test)
    const chosen = holds === undefined ? undefined : holds ? yes : no
    return chosen && of(chosen)
  }
  const [a, b] = args.map(of)
  if (a === undefined) return undefined
  if (op === 'not') return !a
  if (op === 'like') return typeof a === 'string' && pattern ? matches(a, pattern) : undefined
  if (b === undefined) return undefined
  if (op === '=') return a === b
  if (typeof a === 'string' && typeof b === 'string') return op === 'str.++' ? a + b : op === 'str.prefixof' ? b.startsWith(a) : undefined
  return typeof a === 'bigint' && typeof b === 'bigint' ? whole(op, a, b) : undefined
}

function whole(op: string, a: bigint, b: bigint): Literal | undefined {
  switch (op) {
    case '<':
      return a < b
    case '<=':
      return a <= b
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case 'div':
      return b > 0n ? (a - (((a % b) + b) % b)) / b : undefined
    default:
      return undefined
  }
}
