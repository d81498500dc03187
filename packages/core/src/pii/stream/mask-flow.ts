import type { CustomRecognizer } from '../custom.ts'
import { createFinder, createSearchInTurns, parting } from '../detect.ts'
import { applyEdits, literalsIn, withLiterals } from '../edits.ts'
import { jsonPlaces } from '../json-places.ts'
import { defaultKinds, nameKinds, tokenKinds } from '../kinds.ts'
import type { Owner } from '../owner.ts'
import { findByPieces } from '../pieces.ts'
import { placing } from '../placed.ts'
import type { Token } from '../token.ts'
import { inTurns, pause } from '../turns.ts'
import type { Vault } from '../vault.ts'
import { type Flow, wholeCharacters } from './flow.ts'
import { cutBefore, holdFrom } from './hold.ts'
import { type Held, longestValue, longestWhole, type StreamPlace } from './place.ts'

export interface MaskStreamOptions {
  readonly vault: Vault
  readonly owner: Owner
  /** The kinds to mask; `defaultKinds` unless told. Names are found in whole texts only, so they need `hold: 'whole'`. */
  readonly kinds?: readonly string[]
  /** What is found and masked besides, in whole texts only. */
  readonly recognizers?: readonly CustomRecognizer[]
  /** What is found with less confidence stays; 0.5 unless told. */
  readonly minScore?: number
  readonly place?: StreamPlace
  /** Which tokens in it are genuine and stay: in what a model says, those of its session. Any other becomes a `LITERAL`. */
  readonly passes?: (token: Token) => boolean
  readonly hold?: Held
}

/** How much of what is out already is read again for the words before a detection, in characters. */
const context = 256
/** How much of a word waits for the rest of it, in characters: what is out of it already is not searched again. */
const longestHalf = 32
/** How much of one piece is looked at before others have their turn, in characters. */
const longestPiece = 8_192

/**
 * Masks a text whose pieces may end anywhere: what comes out is the same for every way of cutting it up.
 *
 * It holds back what could still become part of something: the line's last 64 characters, from a digit or sign on the last 256, a
 * key or a JSON web token from its prefix to its end, a private key to its end, and what is found to where it ends. A `RangeError`
 * where that does not end in time. Throws a `TypeError` where names, or what custom recognizers find, are to be found as the text comes.
 */
export function maskFlow(options: MaskStreamOptions): Flow {
  const { vault, owner, kinds = defaultKinds, recognizers = [], minScore = 0.5, place = 'text', passes } = options
  const whole = options.hold === 'whole'
  const late = [...kinds.filter((kind) => (nameKinds as readonly string[]).includes(kind)), ...recognizers.map(({ name }) => name)]
  if (!whole && late.length > 0)
    throw new TypeError(`\`${late.join(' ')}\` cannot be found before a text is whole: mask it with \`hold: 'whole'\`.`)
  const all = [...kinds, ...recognizers.map(({ kind }) => kind)]
  const find = whole ? createFinder(all, recognizers) : undefined
  const search = find ? (text: string) => findByPieces(find, text) : createSearchInTurns(kinds)
  const known = tokenKinds(all)
  const strict = place === 'json'
  const places = jsonPlaces(strict)
  let out = ''
  let held = ''
  let due = 0

  async function flow(last: boolean): Promise<string> {
    if (held === '' || (!last && held.length < due)) return ''
    const text = out + held
    const hold = last ? text.length : Math.max(out.length, holdFrom(text, out.length))
    if (hold === out.length || !(last || hold - out.length > longestHalf || /\s/.test(text.slice(out.length, hold)))) return ''
    const found = await inTurns(search(text))
    const candidates = found.filter(({ start, score }) => start >= out.length && score >= minScore)
    const literals = (await inTurns(literalsIn(text, known, passes))).filter(({ start }) => start >= out.length)
    const until = last ? hold : wholeCharacters(text, cutBefore([...candidates, ...literals], hold))
    const here = <T extends { readonly end: number }>(found: readonly T[]) => found.filter(({ end }) => end <= until)
    const chosen = withLiterals(await inTurns(parting(here(candidates))), here(literals))
    const edits = await inTurns(placing(text, chosen, places, strict, out.length))
    places.read(text.slice(chosen.at(-1)?.end ?? out.length, until))
    const shifted = edits.map((edit) => ({ ...edit, start: edit.start - out.length, end: edit.end - out.length }))
    const masked = applyEdits(text.slice(out.length, until), shifted, edits.length > 0 ? await vault.keep(owner, edits) : [])
    held = text.slice(until)
    // A long word that comes letter by letter is not searched again for each.
    due = held.length > 2048 ? held.length * 1.25 : 0
    out = text.slice(Math.max(0, until - context), until)
    return masked
  }

  return {
    async push(piece) {
      if (whole) {
        held += piece
        if (held.length > longestWhole)
          throw new RangeError(`A text of more than ${longestWhole} characters is too long to be held back whole.`)
        return ''
      }
      let masked = ''
      for (let at = 0; at < piece.length; at += longestPiece) {
        if (at > 0) await inTurns(pause())
        held += piece.slice(at, at + longestPiece)
        masked += await flow(false)
        // Whoever lets a part of a value out tells the value.
        if (held.length > longestValue)
          throw new RangeError(
            `What looks like one value goes on for more than ${longestValue} characters: it is too long to be held back.`,
          )
      }
      return masked
    },
    end: () => flow(true),
    held: () => held.length,
  }
}
