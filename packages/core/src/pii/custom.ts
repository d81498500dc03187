import { RE2JS } from 're2js'
import { abaRouting, dea, luhn, mod97, nhs, npi } from './checksum.ts'
import { inputKind, literalKind, recordKind } from './kinds.ts'
import { digitsOf, isNear, type Match } from './recognizer.ts'

/** Checks that a custom recognizer may name: they see what was found without spaces and dashes. */
export const validators = {
  luhn: (found: string) => /^\d+$/.test(found) && luhn(found),
  mod97: (found: string) => /^[A-Z]{2}\d{2}[A-Z0-9]{1,30}$/i.test(found) && mod97(found.toUpperCase()),
  aba: (found: string) => /^\d{9}$/.test(found) && abaRouting(found),
  npi: (found: string) => /^\d{10}$/.test(found) && npi(found),
  nhs: (found: string) => /^\d{10}$/.test(found) && nhs(found),
  dea: (found: string) => digitsOf(found).length === 7 && dea(digitsOf(found)),
} as const

/** What an operator or an application has found besides: `{ name: 'staff-number', kind: 'STAFF_NUMBER', pattern: 'S-\\d{6}' }`. */
export interface CustomRecognizer {
  /** Names it in detections; lower case, digits and dashes. */
  readonly name: string
  /** The kind of what it finds, and of its tokens; capitals and single underscores. It may be a kind that exists. */
  readonly kind: string
  /** A regular expression in RE2's syntax: no backreferences and no looking around, so that it takes linear time. */
  readonly pattern: string
  /** Words of the neighbourhood, letters and spaces. Where none stands near, what is found counts half. */
  readonly context?: readonly string[]
  readonly validator?: keyof typeof validators
  /** From 0 to 1; 0.7 unless told. */
  readonly score?: number
}

/**
 * Bounds of custom recognizers. Nothing longer than `match` characters is found. After `finds` in 2,048 characters the rest of
 * them is one find.
 */
export const customLimits = { recognizers: 100, pattern: 500, program: 1_000, words: 20, word: 40, match: 512, finds: 256 } as const

/** Finds in a text as a reader sees it. */
export type CustomSearch = (text: string, hint: string, found: (match: Match) => void) => void

const reserved: ReadonlySet<string> = new Set([literalKind, inputKind, recordKind])

/** What is wrong with a recognizer, for people to read; `undefined` when it can be used. */
export function recognizerProblem({ name, kind, pattern, context = [], validator, score = 0.7 }: CustomRecognizer): string | undefined {
  const shown = `\`${name.slice(0, 40)}\``
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(name) || name.length > 40)
    return `The recognizer ${shown} has a name that is not 1 to 40 lower-case letters, digits and single dashes, from a letter on.`
  if (!/^[A-Z]+(?:_[A-Z]+)*$/.test(kind) || kind.length < 2 || kind.length > 32)
    return `The recognizer ${shown} has the kind \`${kind.slice(0, 40)}\`, which is not 2 to 32 capitals with single underscores between.`
  if (reserved.has(kind))
    return `The recognizer ${shown} has the kind \`${kind}\`, which is kept for tokens that people type: choose another.`
  if (pattern === '' || pattern.length > customLimits.pattern)
    return `The pattern of ${shown} has ${pattern.length} characters: 1 to ${customLimits.pattern} can be used.`
  const compiled = compile(pattern)
  if (typeof compiled === 'string')
    return `The pattern of ${shown} is not a regular expression of linear time: ${compiled}. Write it without backreferences and without looking around.`
  if (compiled.matcher('').find())
    return `The pattern of ${shown} matches nothing at all, in every place: let it ask for at least one character.`
  if (compiled.programSize() > customLimits.program)
    return `The pattern of ${shown} is too large: it has ${compiled.programSize()} steps of ${customLimits.program}. Use shorter repetitions.`
  if (context.length > customLimits.words || context.some((word) => !/^[\p{L}][\p{L} ]*$/u.test(word) || word.length > customLimits.word))
    return `The context of ${shown} is not at most ${customLimits.words} words of letters and spaces, of ${customLimits.word} characters each.`
  if (validator !== undefined && !Object.hasOwn(validators, validator))
    return `The recognizer ${shown} names the validator \`${String(validator).slice(0, 40)}\`, which is none of ${Object.keys(validators).join(', ')}.`
  if (!(score > 0 && score <= 1)) return `The recognizer ${shown} has the score ${score}, which is not above 0 and at most 1.`
  return undefined
}

function compile(pattern: string): RE2JS | string {
  try {
    return RE2JS.compile(pattern)
  } catch (error) {
    return error instanceof Error ? error.message.slice(0, 120) : 'it cannot be read'
  }
}

const window = 2_048

/** Throws a `TypeError` that says what is wrong with a recognizer that cannot be used. */
export function openRecognizer(recognizer: CustomRecognizer): CustomSearch {
  const problem = recognizerProblem(recognizer)
  if (problem !== undefined) throw new TypeError(problem)
  const { pattern, context = [], validator, score = 0.7 } = recognizer
  const compiled = RE2JS.compile(pattern)
  const near =
    context.length > 0 ? new RegExp(`(?<!\\p{L})(?:${context.map((word) => word.toLowerCase()).join('|')})(?!\\p{L})`, 'u') : undefined
  const valid = validator === undefined ? undefined : validators[validator]

  // Window by window: the engine is linear in one search, and not in as many as there may be finds.
  return (text, hint, found) => {
    for (let from = 0; from < text.length; from += window) {
      const part = text.slice(Math.max(0, from - 1), from + window + customLimits.match)
      const offset = from === 0 ? 0 : from - 1
      const matcher = compiled.matcher(part)
      for (let at = from - offset, finds = 0; at <= part.length && matcher.find(at); finds++) {
        const start = matcher.start() + offset
        const end = matcher.end() + offset
        at = Math.max(matcher.end(), matcher.start() + 1)
        if (start >= from + window) break
        if (finds === customLimits.finds) {
          found([start, Math.min(text.length, from + window), score])
          break
        }
        if (end === start || end - start > customLimits.match) continue
        if (valid && !valid(text.slice(start, end).replace(/[\s-]/g, ''))) continue
        found([start, end, near && !isNear(text, start, end, near, hint) ? score / 2 : score])
      }
    }
  }
}
