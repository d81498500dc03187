import { atOnce, type Judging } from '../steps.ts'
import { conceptPlaces, type Features, featuresOf, placeNames } from './features.ts'
import { passages } from './passages.ts'
import { unwrap } from './unwrap.ts'
import { bias, conceptWeights, wordScale, wordWeights } from './weights.ts'

/** How sure the built-in model is that a text tries to steer a model, and what it goes by. */
export interface Suspicion {
  /** 0 to 1. */
  readonly score: number
  /** The concepts that say most for it, at most three. */
  readonly signs: readonly string[]
  /** What hid the words that were found. */
  readonly disguise?: string
}

/** The longest text that is judged, in UTF-16 units. */
export const maxPrompt = 200_000

const words = Int8Array.from(atob(wordWeights), (sign) => sign.charCodeAt(0))

/** Judges the worst passage of a text, however it is disguised. Throws a `RangeError` for a text beyond `maxPrompt`: it cannot be told. */
export function suspicionOf(text: string): Suspicion {
  return atOnce(suspecting(text))
}

/** `suspicionOf`, in slices. */
export function* suspecting(text: string): Judging<Suspicion> {
  if (text.length > maxPrompt)
    throw new RangeError(`a text of ${text.length} units is longer than the ${maxPrompt} that are judged: send less at once`)
  let worst: Suspicion = { score: 0, signs: [] }
  let judged = 0
  for (const { text: reading, disguise } of unwrap(text)) {
    for (const passage of passages(reading)) {
      if (++judged % 20 === 0) yield
      const features = featuresOf(passage)
      // Who writes so that people cannot read it has something to hide.
      const score = sigmoid(logit(features) + (disguise === undefined ? 0 : 1))
      if (score > worst.score) worst = { score, signs: signs(features), ...(disguise && { disguise }) }
    }
  }
  return worst
}

function logit({ concepts, words: found }: Features): number {
  let sum = bias
  for (const place of concepts) sum += conceptWeights[place] ?? 0
  let said = 0
  for (const place of found) said += words[place] ?? 0
  return sum + (said * wordScale) / Math.sqrt(found.length + 1)
}

function signs({ concepts }: Features): readonly string[] {
  return concepts
    .filter((place) => place < conceptPlaces && (conceptWeights[place] ?? 0) > 0.3)
    .toSorted((one, other) => (conceptWeights[other] ?? 0) - (conceptWeights[one] ?? 0))
    .slice(0, 3)
    .map((place) => placeNames[place] ?? '')
}

function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value))
}
