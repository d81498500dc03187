import { type Json, isObject } from '../json.ts'
import type { Detection } from './detection.ts'
import { nameKinds } from './kinds.ts'

/** Finds people, places and organisations that no list knows, as a trained model does. It works off the event loop. */
export interface NameModel {
  readonly name: string
  /** For each text what it names, in UTF-16 offsets. A rejection means "cannot tell": the call is denied. */
  readonly find: (texts: readonly string[], signal: AbortSignal) => Promise<readonly (readonly Detection[])[]>
}

/** How many characters of one call a model is asked about. */
export const maxModelText = 200_000

/** What a model names, by text. */
export type NamedIn = ReadonlyMap<string, readonly Detection[]>

/**
 * Asks a model about every text in a value but the members that `unnamed` says, each once. It rejects for more than `maxModelText`
 * characters, and for an answer that does not fit its question.
 */
export async function namedIn(model: NameModel, value: Json, unnamed: (member: string) => boolean, signal: AbortSignal): Promise<NamedIn> {
  const texts = [...new Set(textsOf(value, unnamed))].filter((text) => /\p{L}{2}/u.test(text))
  const length = texts.reduce((sum, text) => sum + text.length, 0)
  if (length > maxModelText) throw new RangeError(`\`${model.name}\` is asked about ${length} characters: at most ${maxModelText} at once.`)
  if (texts.length === 0) return new Map()
  const answers = await model.find(texts, signal)
  if (answers.length !== texts.length) throw new TypeError(`\`${model.name}\` answered for ${answers.length} of ${texts.length} texts.`)
  return new Map(texts.map((text, index) => [text, fitting(model, text, answers[index] ?? [])]))
}

function fitting(model: NameModel, text: string, found: readonly Detection[]): readonly Detection[] {
  for (const { kind, start, end, score } of found) {
    const fits = nameKinds.some((name) => name === kind) && start >= 0 && start < end && end <= text.length && score >= 0 && score <= 1
    if (!fits) throw new TypeError(`\`${model.name}\` named something that is not in its text, or of no kind of names.`)
  }
  return found
}

function* textsOf(value: Json, unnamed: (member: string) => boolean): Generator<string> {
  if (typeof value === 'string') yield value
  else if (Array.isArray(value)) for (const item of value) yield* textsOf(item as Json, unnamed)
  else if (isObject(value)) for (const [key, item] of Object.entries(value)) if (!unnamed(key)) yield* textsOf(item, unnamed)
}
