import type { Json } from '../json.ts'
import { applyEdits, type FindEdits } from './edits.ts'
import { keptNumber } from './kept.ts'
import { nameKinds } from './kinds.ts'
import type { NamedIn } from './name-model.ts'
import type { Edit } from './placed.ts'
import { plain } from './plain.ts'
import { type Said, saidIn, shortestSaid, stillIn } from './said-again.ts'
import type { Token } from './token.ts'
import { inTurns, meter } from './turns.ts'

/** The masked value, once the vault has answered with the tokens of all the draft's edits, in order. */
export type Fill = (tokens: readonly string[]) => Json

/** Collects what is to be masked in several values, so that the vault is asked once. It pauses now and then: see `inTurns`. */
export interface Draft {
  /**
   * Every string anywhere in a value, its keys, and its numbers. Names are looked for but in the members that `unnamed` says. What
   * fills it throws a `TypeError` where two keys of an object would come to be the same.
   */
  readonly value: (value: Json, unnamed?: (member: string) => boolean) => Generator<void, Fill>
  /** A text that may have been a field of what was drafted before: it is masked as it was there, but for names. */
  readonly again: (text: string) => Generator<void, Fill>
  readonly edits: readonly Edit[]
  /** What was found, as a reader sees it. */
  readonly found: readonly { readonly kind: string; readonly text: string }[]
  /** What was found somewhere and still stands elsewhere, where nothing around gives it away. */
  readonly standing: () => Generator<void, Said>
}

/**
 * Does work with a draft, and once more with another where a value that was found stands elsewhere in what was drafted: no value
 * crosses in one place that is masked in another.
 */
export async function drafted<T>(
  make: (said?: Said) => Draft,
  work: (draft: Draft) => Promise<T>,
  signal?: AbortSignal,
): Promise<readonly [T, Draft]> {
  const first = make()
  const done = await work(first)
  const said = await inTurns(first.standing(), signal)
  if (said.size === 0) return [done, first]
  const second = make(said)
  return [await work(second), second]
}

/** `named` is what a model names in the texts; `said` is masked wherever it stands. */
export function createDraft(find: FindEdits, passes?: (token: Token) => boolean, named?: NamedIn, said?: Said): Draft {
  const edits: Edit[] = []
  const found: { kind: string; text: string }[] = []
  const fields = new Map<string, readonly Edit[]>()
  const read: { readonly text: string; readonly edits: readonly Edit[] }[] = []
  const enough = meter()

  function* text(original: string, hint: string, names: boolean): Generator<void, Fill> {
    if (enough(original.length)) yield
    const { edits: here, found: detections } = yield* find(original, hint, passes, names, named?.get(original), said)
    for (const { kind, start, end } of detections) found.push({ kind, text: plain(original.slice(start, end)).text })
    if (original.length >= shortestSaid) read.push({ text: original, edits: here })
    if (here.length > (fields.get(original)?.length ?? 0)) fields.set(original, here)
    return filled(original, here)
  }

  function filled(original: string, here: readonly Edit[]): Fill {
    const first = edits.length
    for (const edit of here) edits.push(edit)
    return here.length === 0 ? () => original : (tokens) => applyEdits(original, here, tokens.slice(first, first + here.length))
  }

  /** A number is personal data when all its digits are: a card number is, a price that has a year in it is not. */
  function* number(original: number, hint: string): Generator<void, Fill> {
    const digits = String(original)
    if (!/^\d{5,16}$/.test(digits)) return () => original
    const { edits: here, found: detections } = yield* find(digits, hint, undefined, true, [], said)
    read.push({ text: digits, edits: here })
    const whole = here.find(({ start, end }) => start === 0 && end === digits.length)
    if (detections.some(({ start, end }) => start === 0 && end === digits.length))
      found.push(...detections.map(({ kind }) => ({ kind, text: digits })))
    return whole ? filled(digits, [{ ...whole, value: keptNumber(digits) }]) : () => original
  }

  function* value(item: Json, hint: string, names: (member: string) => boolean): Generator<void, Fill> {
    if (typeof item === 'string') return yield* text(item, hint, names(''))
    if (enough(0)) yield
    if (typeof item === 'number') return yield* number(item, hint)
    if (item === null || typeof item === 'boolean') return () => item
    if (isArray(item)) {
      const items: Fill[] = []
      for (const each of item) items.push(yield* value(each, hint, names))
      return (tokens) => items.map((fill) => fill(tokens))
    }
    const members: (readonly [key: Fill, value: Fill])[] = []
    for (const [key, each] of Object.entries(item)) {
      const named = names(key)
      // A key of one word is the name of a field, and no name of a person.
      members.push([yield* text(key, '', named && key.includes(' ')), yield* value(each, `${hint} ${key}`.slice(-64), () => named)])
    }
    return (tokens) => {
      const masked = Object.fromEntries(members.map(([key, fill]) => [String(key(tokens)), fill(tokens)]))
      if (Object.keys(masked).length < members.length) throw new TypeError('Two keys of one object stand for the same text.')
      return masked
    }
  }

  return {
    value: (item, unnamed = () => false) => value(item, '', (member) => !unnamed(member)),
    *again(original) {
      const before = fields.get(original)?.filter(({ kind }) => !isName(kind))
      return before ? filled(original, before) : yield* text(original, '', false)
    },
    edits,
    found,
    *standing() {
      const all = saidIn(edits)
      const left = new Map<string, string>()
      for (const { text, edits } of all.size > 0 ? read : []) {
        if (enough(text.length)) yield
        for (const [word, kind] of yield* stillIn(text, edits, all)) left.set(word, kind)
      }
      return left
    },
  }
}

function isName(kind: string): boolean {
  return nameKinds.some((name) => name === kind)
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
