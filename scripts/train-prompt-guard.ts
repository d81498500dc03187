import { writeFileSync } from 'node:fs'
import { conceptPlaces, type Features, featuresOf, placeNames, wordPlaces } from '../packages/core/src/threat/prompt/features.ts'
import { passages } from '../packages/core/src/threat/prompt/passages.ts'
import { unwrap } from '../packages/core/src/threat/prompt/unwrap.ts'
import { dice, material } from './prompt-guard/material.ts'

/**
 * Makes `threat/prompt/weights.ts`, the same each time: logistic regression over concepts, words and pairs of words. It learns from sentences
 * that were written for this project (`prompt-guard/attacks.ts`, `prompt-guard/ordinary.ts`) and from manuals of installed packages under the
 * MIT licence (`prompt-guard/material.ts`); nothing of the evaluation's corpora is among them.
 */
interface Seen {
  readonly features: Features
  readonly attack: boolean
}

const read = (seed: number, each: number): readonly Seen[] =>
  material(seed, each).map(({ text, attack }) => ({ attack, features: featuresOf([...passages(unwrap(text)[0]?.text ?? '')][0] ?? '') }))

const learned = read(1, 40)
const unseen = read(2, 4)
const [conceptPull, wordPull] = [0.0002, 0.01]
const weights = new Float64Array(conceptPlaces)
const words = new Float64Array(wordPlaces)
const conceptSquares = new Float64Array(conceptPlaces).fill(1e-3)
const wordSquares = new Float64Array(wordPlaces).fill(1e-3)
let bias = -2
let biasSquares = 1e-3
const positives = learned.filter(({ attack }) => attack).length
// A sign of steering never speaks for a text: only what is talked about, told or played may. Some say more than these sentences show.
const certain: { readonly [name: string]: number } = {
  markup: 2.4,
  'own-prompt': 2.2,
  'do-anything-now': 1,
  'override-earlier': 2,
  override: 1.5,
  'override-all': 0.6,
  comment: 1,
  'foreign-role': 1.5,
  'override-other-language': 4.5,
}
const least = placeNames.map((name) => certain[name] ?? (/^(?:mentioned|fiction|persona$)/.test(name) ? -2 : 0.2))
const balance = { attack: (learned.length / positives) * 0.5, ordinary: (learned.length / (learned.length - positives)) * 0.5 }

const roll = dice(3)
for (let epoch = 0; epoch < 10; epoch++) {
  const order = learned.map((_, index) => index)
  for (let at = order.length - 1; at > 0; at--) {
    const other = Math.floor(roll() * (at + 1))
    ;[order[at], order[other]] = [order[other] as number, order[at] as number]
  }
  for (const index of order) step(learned[index] as Seen)
}

function scoreOf({ concepts, words: found }: Features): number {
  let sum = bias
  for (const place of concepts) sum += weights[place] ?? 0
  let said = 0
  for (const place of found) said += words[place] ?? 0
  return 1 / (1 + Math.exp(-(sum + said / Math.sqrt(found.length + 1))))
}

function step({ features, attack }: Seen): void {
  const error = (scoreOf(features) - (attack ? 1 : 0)) * (attack ? balance.attack : balance.ordinary)
  const rate = 0.1
  biasSquares += error * error
  bias -= (rate * error) / Math.sqrt(biasSquares)
  for (const place of features.concepts) {
    const slope = error + conceptPull * (weights[place] ?? 0)
    conceptSquares[place] = (conceptSquares[place] ?? 0) + slope * slope
    weights[place] = Math.max(least[place] ?? 0, (weights[place] ?? 0) - (rate * slope) / Math.sqrt(conceptSquares[place] ?? 1))
  }
  const share = 1 / Math.sqrt(features.words.length + 1)
  for (const place of features.words) {
    const slope = error * share + wordPull * (words[place] ?? 0)
    wordSquares[place] = (wordSquares[place] ?? 0) + slope * slope
    words[place] = (words[place] ?? 0) - (rate * slope) / Math.sqrt(wordSquares[place] ?? 1)
  }
}

const largest = words.reduce((most, weight) => Math.max(most, Math.abs(weight)), 1e-9)
const packed = Buffer.from(Int8Array.from(words, (weight) => Math.round((weight / largest) * 127)).buffer).toString('base64')
const lines = packed.match(/.{1,120}/g) ?? []
const listed = [...weights].map((weight) => weight.toFixed(3))
writeFileSync(
  'packages/core/src/threat/prompt/weights.ts',
  `/** Made by \`scripts/train-prompt-guard.ts\`: change its material, and make it again. */
export const bias = ${bias.toFixed(3)}

/** By the places of \`features.ts\`. */
// biome-ignore format: a table of numbers
export const conceptWeights: readonly number[] = [
${(listed.join(', ').match(/.{1,118}(?:, |$)/g) ?? []).map((line) => `  ${line.trim()}`).join('\n')}
]

/** What a signed byte of \`wordWeights\` counts. */
export const wordScale = ${(largest / 127).toPrecision(5)}

/** Signed bytes in Base64, one a place. */
export const wordWeights = [
${lines.map((line) => `  '${line}',`).join('\n')}
].join('')
`,
)

const right = unseen.filter(({ features, attack }) => scoreOf(features) > 0.5 === attack).length
console.log(`${learned.length} texts learned from, ${positives} of them attacks; ${right} of ${unseen.length} unseen ones told right`)
