import { matches, type Pattern } from './pattern.ts'

/** The sorts that are used of SMT-LIB. A text is its UTF-8 bytes, one character a byte. */
export type Sort = 'Bool' | 'Int' | 'String'

/** What a symbol of each sort may stand for. */
export type Literal = boolean | bigint | string

/** A ground SMT-LIB term. Within one `Terms`, two that are the same are one object. */
export interface Term {
  readonly sort: Sort
  /** `literal`, `symbol`, or the function that is applied. */
  readonly op: string
  readonly args: readonly Term[]
  readonly literal?: Literal
  /** Of a symbol its name, as SMT-LIB writes it. */
  readonly text?: string
  /** Of `like`. */
  readonly pattern?: Pattern
  /** Its place among the terms that were made. */
  readonly order: number
}

export interface Declared {
  readonly name: string
  readonly takes: readonly Sort[]
  readonly sort: Sort
}

/**
 * Makes the terms of one question, and simplifies while making: what the scopes of policies exclude leaves no trace.
 * Ground and quantifier-free.
 */
export interface Terms {
  readonly bool: (value: boolean) => Term
  readonly int: (value: bigint | number) => Term
  readonly string: (value: string) => Term
  readonly symbol: (name: string, sort: Sort) => Term
  readonly apply: (name: string, args: readonly Term[], sort: Sort) => Term
  readonly not: (a: Term) => Term
  readonly and: (...all: readonly Term[]) => Term
  readonly or: (...any: readonly Term[]) => Term
  readonly ite: (test: Term, yes: Term, no: Term) => Term
  readonly eq: (a: Term, b: Term) => Term
  readonly atMost: (a: Term, b: Term) => Term
  readonly below: (a: Term, b: Term) => Term
  readonly sum: (a: Term, b: Term) => Term
  readonly difference: (a: Term, b: Term) => Term
  readonly product: (a: Term, b: Term) => Term
  /** Rounds down: SMT-LIB's `div` by a positive number. */
  readonly quotient: (a: Term, by: bigint) => Term
  readonly join: (a: Term, b: Term) => Term
  readonly startsWith: (text: Term, start: Term) => Term
  readonly like: (text: Term, pattern: Pattern) => Term
  readonly declared: () => readonly Declared[]
}

export function terms(): Terms {
  const made = new Map<string, Term>()
  const declarations = new Map<string, Declared>()

  const make = (sort: Sort, op: string, args: readonly Term[], leaf: Pick<Term, 'literal' | 'text' | 'pattern'> = {}): Term => {
    const key = `${sort} ${op} ${args.map(({ order }) => order).join(',')} ${leaf.text ?? ''} ${typeof leaf.literal} ${leaf.literal ?? ''}`
    const known = made.get(key)
    if (known) return known
    const term: Term = { sort, op, args, order: made.size, ...leaf }
    made.set(key, term)
    return term
  }
  const literal = (sort: Sort, value: Literal) => make(sort, 'literal', [], { literal: value })
  const yes = literal('Bool', true)
  const no = literal('Bool', false)
  const bool = (value: boolean) => (value ? yes : no)
  const int = (value: bigint | number) => literal('Int', BigInt(value))
  const string = (value: string) => literal('String', value)

  const declare = (name: string, takes: readonly Sort[], sort: Sort): void => {
    const known = declarations.get(name)
    if (known && (known.sort !== sort || known.takes.join() !== takes.join())) throw new TypeError(`\`${name}\` was declared otherwise.`)
    declarations.set(name, { name, takes, sort })
  }
  const symbol = (name: string, sort: Sort) => {
    declare(name, [], sort)
    return make(sort, 'symbol', [], { text: name })
  }
  /** What is asked of one of two texts is asked of each: no text that a question compares is itself a choice. */
  const ofEither = (text: Term, ask: (each: Term) => Term): Term => {
    const [test, a, b] = text.sort === 'String' && text.op === 'ite' ? text.args : []
    return test && a && b ? ite(test, ofEither(a, ask), ofEither(b, ask)) : ask(text)
  }
  const apply = (name: string, args: readonly Term[], sort: Sort): Term => {
    const [only] = args
    if (args.length === 1 && only?.op === 'ite' && only.sort === 'String') return ofEither(only, (each) => apply(name, [each], sort))
    declare(
      name,
      args.map((arg) => arg.sort),
      sort,
    )
    return make(sort, name, args)
  }

  const not = (a: Term): Term => {
    if (a.literal !== undefined) return bool(a.literal === false)
    return a.op === 'not' ? (a.args[0] ?? a) : make('Bool', 'not', [a])
  }
  /** `and` and `or`: flat, each part once, in order of making; `rules` is the literal that decides alone. */
  const junction = (op: 'and' | 'or', rules: Term, parts: readonly Term[]): Term => {
    const found = new Set<Term>()
    for (const part of parts.flatMap((each) => (each.op === op ? each.args : [each]))) {
      if (part === rules) return rules
      if (part.literal === undefined) found.add(part)
    }
    for (const part of found) if (part.op === 'not' && part.args[0] && found.has(part.args[0])) return rules
    const kept = [...found].sort((a, b) => a.order - b.order)
    const [only] = kept
    if (!only) return not(rules)
    return kept.length === 1 ? only : make('Bool', op, kept)
  }
  const and = (...all: readonly Term[]) => junction('and', no, all)
  const or = (...any: readonly Term[]) => junction('or', yes, any)

  const ite = (test: Term, a: Term, b: Term): Term => {
    if (test.literal !== undefined) return test.literal ? a : b
    if (a === b) return a
    if (a.sort === 'Bool') return and(or(not(test), a), or(test, b))
    return make(a.sort, 'ite', [test, a, b])
  }
  const eq = (a: Term, b: Term): Term => {
    if (a === b) return yes
    if (a.literal !== undefined && b.literal !== undefined) return no
    if (a.sort === 'Bool' && a.literal !== undefined) return a.literal ? b : not(b)
    if (a.sort === 'Bool' && b.literal !== undefined) return b.literal ? a : not(a)
    if (a.sort === 'String' && a.op === 'ite') return ofEither(a, (each) => eq(each, b))
    if (b.sort === 'String' && b.op === 'ite') return ofEither(b, (each) => eq(a, each))
    return make('Bool', '=', a.order < b.order ? [a, b] : [b, a])
  }
  const compare = (op: '<=' | '<', a: Term, b: Term): Term => {
    if (a === b) return bool(op === '<=')
    if (typeof a.literal !== 'bigint' || typeof b.literal !== 'bigint') return make('Bool', op, [a, b])
    return bool(op === '<=' ? a.literal <= b.literal : a.literal < b.literal)
  }
  const arithmetic = (op: '+' | '-' | '*' | 'div', a: Term, b: Term): Term => {
    if (typeof a.literal !== 'bigint' || typeof b.literal !== 'bigint') return make('Int', op, [a, b])
    const [x, y] = [a.literal, b.literal]
    if (op === '+') return int(x + y)
    if (op === '-') return int(x - y)
    return int(op === '*' ? x * y : (x - (((x % y) + y) % y)) / y)
  }

  return {
    bool,
    int,
    string,
    symbol,
    apply,
    not,
    and,
    or,
    ite,
    eq,
    atMost: (a, b) => compare('<=', a, b),
    below: (a, b) => compare('<', a, b),
    sum: (a, b) => arithmetic('+', a, b),
    difference: (a, b) => arithmetic('-', a, b),
    product: (a, b) => arithmetic('*', a, b),
    quotient: (a, by) => arithmetic('div', a, int(by)),
    join: (a, b) =>
      typeof a.literal === 'string' && typeof b.literal === 'string' ? string(a.literal + b.literal) : make('String', 'str.++', [a, b]),
    startsWith: (text, start) =>
      typeof text.literal === 'string' && typeof start.literal === 'string'
        ? bool(text.literal.startsWith(start.literal))
        : make('Bool', 'str.prefixof', [start, text]),
    like(text, pattern) {
      const [first = '', ...rest] = pattern
      if (rest.length === 0) return eq(text, string(first))
      if (pattern.every((part) => part === '')) return yes
      return ofEither(text, (each) =>
        typeof each.literal === 'string'
          ? bool(matches(each.literal, pattern))
          : make('Bool', 'like', [each], { text: JSON.stringify(pattern), pattern }),
      )
    },
    declared: () => [...declarations.values()],
  }
}
