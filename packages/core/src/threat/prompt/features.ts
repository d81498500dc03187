import { concepts } from './concepts.ts'

/** How many places words and pairs of words are counted in. */
export const wordPlaces = 4096

/** Concepts that say more together, or less, than each apart. */
const together = [
  ['harm', 'fiction'],
  ['harm', 'persona'],
  ['harm', 'step-by-step'],
  ['harm', 'begin-reply'],
  ['harm', 'excuse'],
  ['persona', 'unbound'],
  ['persona', 'dirty'],
  ['excuse', 'secret-wanted'],
  ['excuse', 'personal-wanted'],
  ['to-the-model', 'carry-out'],
  ['markup', 'carry-out'],
  ['speaker', 'carry-out'],
  ['todo', 'carry-out'],
  ['mentioned', 'override'],
  ['mentioned', 'override-earlier'],
  ['mentioned', 'system-prompt'],
  ['mentioned', 'do-anything-now'],
] as const

/** How many different concepts a passage has: from two on each more says more. */
const counts = [2, 3, 4, 6, 8]

const names = concepts.map(({ name }) => name)
const paired = together.map(([one, other]) => [names.indexOf(one), names.indexOf(other)] as const)

/** How many features stand before those of words. */
export const conceptPlaces = names.length + paired.length + counts.length

/** Of what a feature speaks, by its place. */
export const placeNames: readonly string[] = [
  ...names,
  ...together.map(([one, other]) => `${one} + ${other}`),
  ...counts.map((count) => `${count} concepts`),
]

/** What a passage of folded text is judged by: places of features that it has, concepts first. Ascending within each part. */
export interface Features {
  readonly concepts: readonly number[]
  readonly words: readonly number[]
}

export function featuresOf(passage: string): Features {
  const has = concepts.map(({ pattern }) => pattern.test(passage))
  const found = has.flatMap((yes, index) => (yes ? [index] : []))
  const count = has.filter((yes, index) => yes && names[index] !== 'mentioned').length
  const pairs = paired.flatMap(([one, other], index) => (has[one] && has[other] ? [names.length + index] : []))
  const many = counts.flatMap((least, index) => (count >= least ? [names.length + paired.length + index] : []))
  return { concepts: [...found, ...pairs, ...many], words: wordsOf(passage) }
}

/** The places of a passage's words and pairs of words. */
function wordsOf(passage: string): readonly number[] {
  const places = new Set<number>()
  let before = ''
  for (const [word] of passage.matchAll(/[\p{L}\p{M}']{1,40}/gu)) {
    places.add(placeOf(word))
    if (before !== '') places.add(placeOf(`${before} ${word}`))
    before = word
  }
  return [...places].toSorted((one, other) => one - other)
}

/** FNV-1a, 32 bits, folded to a place. */
function placeOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0
  return (hash ^ (hash >>> 16)) & (wordPlaces - 1)
}
