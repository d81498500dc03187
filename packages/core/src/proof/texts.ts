import type { ModelValue } from './model.ts'
import type { Pattern } from './pattern.ts'
import { matches } from './pattern.ts'
import type { Term, Terms } from './term.ts'
import { textFor, type Wanted } from './text-search.ts'

/**
 * Texts and `like` without the solver's theory of strings, which often gives up on several patterns at once. To the
 * solver, `like` is a function of which it is told the values that matter; the texts of its model are then searched
 * for, and where there are none, it is told why not, and asked again. Both are exact.
 */
export interface Texts {
  /** The name of the function that stands for a pattern. */
  readonly functionOf: (pattern: Pattern) => string
  readonly about: (terms: ReadonlySet<Term>) => TextQuestion
}

export interface TextQuestion {
  /** What the solver is told at first, and what was learned before. */
  readonly facts: readonly Term[]
  /** Terms whose values settle the texts. */
  readonly asks: readonly Term[]
  /** The texts of a model, for the terms that need others than it has; or what is wrong with it. */
  readonly settle: (value: (term: Term) => ModelValue | undefined) => Settled
}

export type Settled = { readonly texts: ReadonlyMap<Term, string> } | { readonly facts: readonly Term[] } | { readonly unsettled: string }

/** With more patterns on one text than this, pairs of them are looked at only when a model needs it. */
const fewPatterns = 12
const mostLayers = 8

export function texts(t: Terms): Texts {
  const functions = new Map<string, string>()
  const learned = new Map<Term, { readonly fact: Term; readonly patterns: readonly Pattern[] }[]>()
  const pairs = new Map<string, readonly (readonly [boolean, boolean])[]>()
  const functionOf = (pattern: Pattern): string => {
    const key = JSON.stringify(pattern)
    const name = functions.get(key) ?? `like.${functions.size}`
    functions.set(key, name)
    return name
  }
  /** The ways in which no text answers two patterns. */
  const excluded = (a: Pattern, b: Pattern) => {
    const key = JSON.stringify([a, b])
    const known =
      pairs.get(key) ??
      ([true, false] as const).flatMap((one) =>
        ([true, false] as const).flatMap((two) =>
          textFor([
            { pattern: a, holds: one },
            { pattern: b, holds: two },
          ]) === 'none'
            ? [[one, two] as const]
            : [],
        ),
      )
    pairs.set(key, known)
    return known
  }
  const clause = (text: Term, wanted: readonly Wanted[]): Term =>
    t.or(...wanted.map(({ pattern, holds }) => (holds ? t.not(t.like(text, pattern)) : t.like(text, pattern))))

  return { functionOf, about }

  function about(terms: ReadonlySet<Term>): TextQuestion {
    const { patterns, compared, joined, literals } = spoken(terms)
    const facts: Term[] = []
    for (const [text, its] of patterns) {
      const near = joined.has(text) || text.op !== 'symbol' ? literals : (compared.get(text) ?? new Set())
      for (const literal of near) {
        for (const pattern of its) {
          const value = t.apply(functionOf(pattern), [t.string(literal)], 'Bool')
          facts.push(matches(literal, pattern) ? value : t.not(value))
        }
      }
      const list = [...its]
      if (list.length <= fewPatterns) {
        for (const [at, a] of list.entries()) {
          for (const b of list.slice(at + 1)) {
            for (const [one, two] of excluded(a, b)) {
              facts.push(
                clause(text, [
                  { pattern: a, holds: one },
                  { pattern: b, holds: two },
                ]),
              )
            }
          }
        }
      }
      for (const [layer, each] of beginnings(list).entries()) {
        const beginning = t.apply(`begins.${layer}`, [text], 'Int')
        for (const { pattern, number } of each) facts.push(t.or(t.not(t.like(text, pattern)), t.eq(beginning, t.int(number))))
      }
      const keys = new Set(list.map((pattern) => JSON.stringify(pattern)))
      for (const { fact, patterns: about } of learned.get(text) ?? []) {
        if (about.every((pattern) => pattern.length === 1 || keys.has(JSON.stringify(pattern)))) facts.push(fact)
      }
    }
    const atoms = [...patterns].flatMap(([text, its]) => [...its].map((pattern) => t.like(text, pattern)))
    return { facts, asks: [...patterns.keys(), ...joined, ...atoms], settle }

    function settle(value: (term: Term) => ModelValue | undefined): Settled {
      const settled = new Map<Term, string>()
      const taken = new Set([...literals, ...[...patterns.keys(), ...joined].map((term) => String(value(term) ?? ''))])
      const conflicts: Term[] = []
      for (const group of groups([...patterns.keys()], joined, value)) {
        const wanted: Wanted[] = []
        const apart = new Set<string>()
        for (const text of group) {
          for (const pattern of patterns.get(text) ?? []) wanted.push({ pattern, holds: value(t.like(text, pattern)) === true })
          for (const literal of compared.get(text) ?? []) apart.add(literal)
        }
        const [first] = group
        const now = first && value(first)
        if (!first || typeof now !== 'string' || wanted.every(({ pattern, holds }) => matches(now, pattern) === holds)) continue
        const unlike = (each: string): Wanted => ({ pattern: [each], holds: false })
        const must = [...wanted, ...[...apart].map(unlike)]
        const found = fresh(must, taken)
        if (found === 'too-many') return { unsettled: 'the patterns on one text are too entangled' }
        if (found === 'none') {
          for (const why of cores(must)) {
            const fact = clause(first, why)
            learned.set(first, [...(learned.get(first) ?? []), { fact, patterns: why.map(({ pattern }) => pattern) }])
            conflicts.push(fact)
          }
          continue
        }
        taken.add(found.text)
        for (const each of group) settled.set(each, found.text)
      }
      return conflicts.length > 0 ? { facts: conflicts } : { texts: settled }
    }
  }
}

/** A text for all that is wanted, another than those taken where there is one. */
function fresh(wanted: readonly Wanted[], taken: ReadonlySet<string>): ReturnType<typeof textFor> {
  const first = textFor(wanted)
  const unlike: Wanted[] = []
  for (let found = first; typeof found === 'object'; found = textFor([...wanted, ...unlike])) {
    if (!taken.has(found.text)) return found
    unlike.push({ pattern: [found.text], holds: false })
  }
  return first
}

/** Few of these that no text answers together: a pair, or what is left when nothing more can be left out. */
function cores(wanted: readonly Wanted[]): readonly (readonly Wanted[])[] {
  const held = wanted.filter(({ holds }) => holds)
  const pairs = held.flatMap((one, at) => held.slice(at + 1).map((two) => [one, two])).filter((pair) => textFor(pair) === 'none')
  if (pairs.length > 0) return pairs
  let kept = textFor(held) === 'none' ? held : wanted
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size > 1 ? Math.ceil(size / 2) : 0) {
    for (let at = 0; at < kept.length; ) {
      const without = [...kept.slice(0, at), ...kept.slice(at + size)]
      if (textFor(without) === 'none') kept = without
      else at += size
    }
  }
  return [kept]
}

/**
 * Patterns that begin differently share no text. Told once for each pattern: the beginning that a text has is a number,
 * and each pattern names its own. Beginnings of one layer are none the beginning of another; what goes on after one of
 * them is told apart in the next layer.
 */
function beginnings(patterns: readonly Pattern[]): readonly (readonly { readonly pattern: Pattern; readonly number: number }[])[] {
  const layers: { readonly pattern: Pattern; readonly number: number }[][] = []
  let rest = patterns.filter(([first = '']) => first !== '')
  while (rest.length > 1 && layers.length < mostLayers) {
    const firsts = [...new Set(rest.map(([first = '']) => first))].sort()
    const shortest = firsts.reduce<string[]>(
      (found, each) => (found.length > 0 && each.startsWith(found.at(-1) ?? '') ? found : [...found, each]),
      [],
    )
    const numberOf = ([first = '']: Pattern) => shortest.findIndex((each) => first.startsWith(each))
    if (shortest.length > 1) layers.push(rest.map((pattern) => ({ pattern, number: numberOf(pattern) })))
    rest = rest.filter(([first = '']) => !shortest.includes(first))
  }
  return layers
}

/** Which patterns and literals texts are compared with, and which texts with one another. */
function spoken(terms: ReadonlySet<Term>) {
  const patterns = new Map<Term, Set<Pattern>>()
  const compared = new Map<Term, Set<string>>()
  const joined = new Set<Term>()
  const literals = new Set<string>()
  const add = <V>(map: Map<Term, Set<V>>, key: Term, value: V) => map.set(key, (map.get(key) ?? new Set()).add(value))
  for (const { op, args, pattern, literal } of terms) {
    if (typeof literal === 'string') literals.add(literal)
    const [a, b] = args
    if (op === 'like' && a && pattern) add(patterns, a, pattern)
    if (op !== '=' || a?.sort !== 'String' || !b) continue
    if (typeof a.literal === 'string') add(compared, b, a.literal)
    else if (typeof b.literal === 'string') add(compared, a, b.literal)
    else joined.add(a).add(b)
  }
  return { patterns, compared, joined, literals }
}

/** The texts that have patterns, with those that a model makes equal to them. */
function groups(
  texts: readonly Term[],
  joined: ReadonlySet<Term>,
  value: (term: Term) => ModelValue | undefined,
): readonly (readonly Term[])[] {
  const found: Term[][] = []
  const placed = new Set<Term>()
  for (const text of texts) {
    if (placed.has(text)) continue
    const same = joined.has(text) ? [...joined].filter((each) => value(each) === value(text)) : [text]
    for (const each of same) placed.add(each)
    found.push(same)
  }
  return found
}
