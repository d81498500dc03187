import type { Encoding } from './encoding.ts'
import { scalar } from './scalar.ts'
import { type Scalar, type ScalarValue, type SetOf, type Symbolic, sortOf } from './symbolic.ts'
import type { Term } from './term.ts'

/**
 * Finite sets without a theory of sets: membership is an uninterpreted function, and comparing two sets is a name that
 * is either witnessed or holds for every element that the question speaks of. Both directions are exact, since a model
 * says which of these elements are in which set, and nothing else needs to be.
 */
export interface Sets {
  readonly symbolic: (name: string, element: Scalar | undefined) => SetOf
  readonly listed: (items: readonly Symbolic[], same: (a: Symbolic, b: Symbolic) => Term) => SetOf
  readonly either: (test: Term, a: SetOf, b: SetOf) => SetOf
  readonly within: (a: SetOf, b: SetOf) => Term
  readonly meet: (a: SetOf, b: SetOf) => Term
  /** Of a function that is membership in a set, the kind of the set's elements. */
  readonly elementOf: (name: string) => Scalar | undefined
  /** What the name of a comparison, or what else is a symbol, says of these elements. */
  readonly meanings: (name: Term, elements: (kind: Scalar) => Iterable<Term>) => readonly Term[]
}

export function sets(encoding: Encoding): Sets {
  const { t, assume, fresh, gap } = encoding
  const compared = new Map<string, Term>()
  let made = 0
  const comparisons = new Map<Term, { kind: Scalar; of: (element: ScalarValue) => Term }>()
  const memberships = new Map<string, Scalar>()
  const empty: SetOf = { kind: 'Set', key: '[]', items: [], element: undefined, has: () => t.bool(false) }

  const symbolic = (name: string, element: Scalar | undefined): SetOf => {
    if (element !== undefined) memberships.set(name, element)
    const has = (value: Symbolic): Term => {
      if (value.kind === 'Unknown') return gap(value.construct)
      if (element === undefined) return gap(`membership in \`${name}\`, whose elements are no single values`)
      return value.kind === element && 'term' in value ? t.apply(name, [value.term], 'Bool') : t.bool(false)
    }
    return { kind: 'Set', key: name, element, has }
  }

  const listed: Sets['listed'] = (items, same) => {
    const [first] = items
    const element = first && 'term' in first && items.every(({ kind }) => kind === first.kind) ? first.kind : undefined
    const key = items.every((item) => 'term' in item) ? items.map(({ kind, term }) => `${kind}:${term.order}`).join() : `${made++}`
    return { kind: 'Set', key: `[${key}]`, items, element, has: (value) => t.or(...items.map((item) => same(item, value))) }
  }

  const either: Sets['either'] = (test, a, b) => {
    if (a.key === b.key) return a
    return {
      kind: 'Set',
      key: `if ${test.order} ${a.key} ${b.key}`,
      element: a.element ?? b.element,
      has: (value) => t.ite(test, a.has(value), b.has(value)),
      choice: { test, yes: a, no: b },
    }
  }

  /** A name for a comparison of two sets that are not written out, made once for each two. */
  const named = (what: string, a: SetOf, b: SetOf, define: (kind: Scalar, name: Term) => void): Term => {
    const key = `${what} ${a.key} ${b.key}`
    const known = compared.get(key)
    if (known) return known
    const kind = a.element ?? b.element
    const name = kind === undefined ? gap('comparing sets whose elements are no single values') : fresh(what, 'Bool')
    compared.set(key, name)
    if (kind !== undefined) define(kind, name)
    return name
  }
  const witness = (kind: Scalar) => scalar(encoding, kind, fresh('element', sortOf(kind)))

  const within: Sets['within'] = (a, b) => {
    if (a.key === b.key) return t.bool(true)
    if (a.items) return t.and(...a.items.map(b.has))
    if (a.choice) return t.ite(a.choice.test, within(a.choice.yes, b), within(a.choice.no, b))
    return named('within', a, b, (kind, name) => {
      const one = witness(kind)
      assume(name, t.or(name, t.and(a.has(one), t.not(b.has(one)))))
      comparisons.set(name, { kind, of: (element) => t.or(t.not(name), t.not(a.has(element)), b.has(element)) })
    })
  }

  const meet: Sets['meet'] = (a, b) => {
    if (b.items) return t.or(...b.items.map(a.has))
    if (a.items) return t.or(...a.items.map(b.has))
    if (a.choice) return t.ite(a.choice.test, meet(a.choice.yes, b), meet(a.choice.no, b))
    if (b.choice) return t.ite(b.choice.test, meet(a, b.choice.yes), meet(a, b.choice.no))
    if (a.key === b.key) return t.not(within(a, empty))
    return named('meet', a, b, (kind, name) => {
      const one = witness(kind)
      assume(name, t.or(t.not(name), t.and(a.has(one), b.has(one))))
      comparisons.set(name, { kind, of: (element) => t.or(name, t.not(a.has(element)), t.not(b.has(element))) })
    })
  }

  const meanings: Sets['meanings'] = (name, elements) => {
    const comparison = comparisons.get(name)
    return comparison ? [...elements(comparison.kind)].map((term) => comparison.of({ kind: comparison.kind, term })) : []
  }

  return { symbolic, listed, either, within, meet, elementOf: (name) => memberships.get(name), meanings }
}
