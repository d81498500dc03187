import type { Encoding } from './encoding.ts'
import type { Sets } from './sets.ts'
import type { Scalar } from './symbolic.ts'
import type { Term } from './term.ts'

/** All that must be said for some terms to mean what they should, and what it speaks of. */
export interface Relevant {
  readonly asserted: readonly Term[]
  /** Every term that occurs. */
  readonly terms: ReadonlySet<Term>
  /** Symbols and functions that occur. */
  readonly used: ReadonlySet<string>
  /** The values whose membership in some set is spoken of. */
  readonly elements: (kind: Scalar) => ReadonlySet<Term>
  /** Constructs that are not encoded and that the terms depend on. */
  readonly gaps: readonly string[]
}

/** Gathers the assumptions about every symbol that occurs, and the symbols that these bring, until nothing is new. */
export function relevant({ assumed, construct }: Encoding, sets: Sets, roots: readonly Term[], more: readonly Term[] = []): Relevant {
  const asserted = new Set<Term>()
  const walked = new Set<Term>()
  const symbols: Term[] = []
  const used = new Set<string>()
  const spoken = new Map<Scalar, Set<Term>>()
  const gaps = new Set<string>()
  const elements = (kind: Scalar) => spoken.get(kind) ?? new Set<Term>()

  const walk = (root: Term): void => {
    const stack = [root]
    for (let term = stack.pop(); term; term = stack.pop()) {
      if (walked.has(term)) continue
      walked.add(term)
      stack.push(...term.args)
      if (term.op === 'symbol') {
        symbols.push(term)
        used.add(term.text ?? '')
        const name = construct(term)
        if (name !== undefined) gaps.add(name)
      }
      const kind = sets.elementOf(term.op)
      if (kind === undefined) continue
      used.add(term.op)
      for (const element of term.args) spoken.set(kind, new Set(elements(kind)).add(element))
    }
  }
  const assert = (term: Term): void => {
    asserted.add(term)
    walk(term)
  }

  for (const root of roots) walk(root)
  for (const fact of more) assert(fact)
  for (let before = -1; before < asserted.size; ) {
    before = asserted.size
    for (let at = 0; at < symbols.length; at++) {
      const symbol = symbols[at]
      if (!symbol) continue
      for (const fact of assumed(symbol)) assert(fact)
      for (const fact of sets.meanings(symbol, elements)) assert(fact)
    }
  }
  return { terms: walked, asserted: [...asserted].filter(({ literal }) => literal !== true), used, elements, gaps: [...gaps] }
}
