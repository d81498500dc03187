import { overlap, round, type Span } from './pii-rows.ts'

export interface Count {
  found: number
  wrong: number
  missed: number
}

/** Precision, recall and F of a count. */
export function rates({ found, wrong, missed }: Count): { precision: number; recall: number; f1: number; f2: number } {
  const precision = found / (found + wrong || 1)
  const recall = found / (found + missed || 1)
  const f = (beta: number) => ((1 + beta ** 2) * precision * recall) / (beta ** 2 * precision + recall || 1)
  return { precision: round(precision), recall: round(recall), f1: round(f(1)), f2: round(f(2)) }
}

/** Counts by kind. */
export function tally() {
  const counts = new Map<string, Count>()
  const of = (kind: string): Count => {
    const count = counts.get(kind) ?? { found: 0, wrong: 0, missed: 0 }
    counts.set(kind, count)
    return count
  }
  const total = (): Count => {
    const sum = { found: 0, wrong: 0, missed: 0 }
    for (const count of counts.values()) addTo(sum, count)
    return sum
  }
  const rows = () => [...counts].toSorted(([a], [b]) => a.localeCompare(b)).map(([kind, count]) => ({ kind, ...count, ...rates(count) }))
  return { of, rows, total, counts }
}

export function addTo(sum: Count, { found, wrong, missed }: Count): void {
  sum.found += found
  sum.wrong += wrong
  sum.missed += missed
}

/** Whether a kind that was found stands for one that was wanted. */
export type Same = (wanted: string, found: string) => boolean

/** A date of birth is a date; what has a postcode may be part of an address. */
export const sameKind: Same = (wanted, found) =>
  wanted === found || (wanted === 'DATE' && found === 'DATE_OF_BIRTH') || (wanted === 'ADDRESS' && found === 'ZIP')

const places = new Set(['ADDRESS', 'LOCATION', 'ZIP'])

/** As Presidio's own evaluation has it: addresses, towns and postcodes are all places. */
export const sameFamily: Same = (wanted, found) => sameKind(wanted, found) || (places.has(wanted) && places.has(found))

/**
 * Scores one text: a span counts as found when something of its kind overlaps it, and what was found as wrong when it overlaps
 * nothing of its kind. What overlaps only spans of `ignored` kinds does not count.
 */
export function score(
  wanted: readonly Span[],
  ignored: readonly Omit<Span, 'kind'>[],
  found: readonly Span[],
  same: Same,
  of: (kind: string) => Count,
): void {
  for (const span of wanted) {
    if (found.some((each) => same(span.kind, each.kind) && overlap(each, span))) of(span.kind).found++
    else of(span.kind).missed++
  }
  for (const each of found) {
    if (ignored.some((span) => overlap(span, each))) continue
    if (!wanted.some((span) => same(span.kind, each.kind) && overlap(each, span))) of(kindFor(each.kind)).wrong++
  }
}

/** The same, where only spans of the same bounds count. */
export function scoreExactly(wanted: readonly Span[], found: readonly Span[], of: (kind: string) => Count): void {
  const is = (a: Span, b: Span) => a.start === b.start && a.end === b.end && sameKind(a.kind, b.kind)
  for (const span of wanted) {
    if (found.some((each) => is(span, each))) of(span.kind).found++
    else of(span.kind).missed++
  }
  for (const each of found) if (!wanted.some((span) => is(span, each))) of(kindFor(each.kind)).wrong++
}

const kindFor = (kind: string) => (kind === 'DATE_OF_BIRTH' ? 'DATE' : kind)

/** A 95 % interval of F2 over texts, by 2,000 samples with replacement from a fixed seed. */
export function interval(texts: readonly Count[]): readonly [low: number, high: number] {
  let state = 20_261_122
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const samples = Array.from({ length: 2000 }, () => {
    const sum = { found: 0, wrong: 0, missed: 0 }
    for (let drawn = 0; drawn < texts.length; drawn++) {
      const text = texts[Math.floor(random() * texts.length)]
      if (text) addTo(sum, text)
    }
    return rates(sum).f2
  }).toSorted((a, b) => a - b)
  return [samples[49] ?? 0, samples[1949] ?? 0]
}
