import { apart, createSearch, type Detection } from './detect.ts'
import { applyEdits, editsOf, literalsIn } from './edits.ts'
import { defaultKinds, tokenKinds } from './kinds.ts'
import type { Owner } from './owner.ts'
import { plain } from './plain.ts'
import { back, reach } from './recognizer.ts'
import { recallAll, restoreText, type UnknownTokens } from './restore.ts'
import { readTokens, unfinishedToken } from './token.ts'
import type { Vault } from './vault.ts'

/** Where the text of a stream stands: by itself, or inside a JSON string, as the arguments of a tool that a model calls. */
export type StreamPlace = 'text' | 'json-string'

export interface MaskStreamOptions {
  readonly vault: Vault
  readonly owner: Owner
  readonly kinds?: readonly string[]
  readonly minScore?: number
  readonly place?: StreamPlace
}

export interface RestoreStreamOptions {
  readonly vault: Vault
  readonly owner: Owner
  /** `fail_closed` unless told: the stream errors at an unknown token, and nothing of it or after it comes out. */
  readonly unknownToken?: UnknownTokens
  /** Kinds besides those of patterns and names. */
  readonly kinds?: readonly string[]
  readonly place?: StreamPlace
}

/** How much of what is out already is read again for the words before a detection, in characters. */
const context = 1024
/** The longest unbroken word, and the longest PEM block, that is held to see whether it is a key. */
const longestWord = 16_384
const longestBlock = 65_536

/**
 * Masks a stream whose chunks may end anywhere: what comes out is the same for every way of cutting it up.
 *
 * It holds back what could still become part of something: the line's last 64 characters, from a digit or sign on the last
 * 256, an unbroken word as a whole, a private key to its end.
 */
export function maskStream(options: MaskStreamOptions): TransformStream<string, string> {
  const { vault, owner, kinds = defaultKinds, minScore = 0.5, place = 'text' } = options
  const search = createSearch(kinds)
  const known = tokenKinds(kinds)
  let out = ''
  let held = ''
  let due = 0

  async function flow(last: boolean, controller: TransformStreamDefaultController<string>): Promise<void> {
    if (!last && held.length < due) return
    const text = out + held
    const candidates = [...search(text).filter(({ score }) => score >= minScore), ...literalsIn(text, known)]
    const here = candidates.filter(({ start }) => start >= out.length)
    const until = last ? text.length : cut(here, Math.max(out.length, holdFrom(text, out.length)))
    const edits = editsOf(text, apart(here.filter(({ end }) => end <= until)), () => place === 'json-string')
    const shifted = edits.map((edit) => ({ ...edit, start: edit.start - out.length, end: edit.end - out.length }))
    const masked = applyEdits(text.slice(out.length, until), shifted, edits.length > 0 ? await vault.keep(owner, edits) : [])
    if (masked !== '') controller.enqueue(masked)
    held = text.slice(until)
    // A long word that comes letter by letter is not searched again for each.
    due = held.length > 2 * context ? held.length * 1.25 : 0
    out = text.slice(Math.max(0, until - context), until)
  }

  return new TransformStream({
    transform(chunk, controller) {
      held += chunk
      return flow(false, controller)
    },
    flush: (controller) => flow(true, controller),
  })
}

/** Not later than `until`, and not within a candidate. */
function cut(candidates: readonly Detection[], until: number): number {
  let at = until
  for (const { start, end } of [...candidates].sort((a, b) => b.end - a.end)) if (start < at && at < end) at = start
  return at
}

/** From where on a text may still change its meaning with what follows. */
function holdFrom(text: string, from: number): number {
  const view = plain(text)
  const seen = view.text
  const line = seen.lastIndexOf('\n') + 1
  const window = Math.max(line, seen.length - reach)
  const live = /[\d@:=<&\\%+(]/.exec(seen.slice(window))
  let hold = live ? window + live.index - back : seen.length - back

  let word = seen.length
  while (word > 0 && seen.length - word < longestWord && /[!-~\u00a1-\u058f]/.test(seen.charAt(word - 1))) word--
  hold = Math.max(line, Math.min(Math.max(hold, window), word - back))

  const block = seen.lastIndexOf('-----BEGIN ')
  if (block >= 0 && seen.length - block < longestBlock && !/-----END [A-Z0-9 ]{1,80}-----/.test(seen.slice(block)))
    hold = Math.min(hold, block)
  const [start] = hold < seen.length ? view.span(hold, hold + 1) : [text.length]
  return Math.max(from, start)
}

/**
 * Restores a stream whose chunks may end anywhere, one pass, holding back only what may be the beginning of a token: at most 47
 * characters. In a `json-string` a value is escaped, so that no quote in it ends the string.
 */
export function restoreStream(options: RestoreStreamOptions): TransformStream<string, string> {
  const { vault, owner, unknownToken = 'fail_closed', place = 'text' } = options
  const known = tokenKinds(options.kinds)
  let held = ''

  async function flow(last: boolean, controller: TransformStreamDefaultController<string>): Promise<void> {
    const until = last ? held.length : unfinishedToken(held)
    const text = held.slice(0, until)
    held = held.slice(until)
    const tokens = readTokens(text, known)
    const values = await recallAll(tokens, owner, { vault, tokenKinds: known, unknownToken })
    const restored = restoreText(text, tokens, values, place === 'text' ? 'text' : 'json')
    if (restored !== '') controller.enqueue(restored)
  }

  return new TransformStream({
    transform(chunk, controller) {
      held += chunk
      return flow(false, controller)
    },
    flush: (controller) => flow(true, controller),
  })
}
