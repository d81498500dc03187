import type { Detection } from './detect.ts'
import { inStrings, outOfStrings } from './written.ts'
import type { JsonPlaces } from './json-places.ts'
import { atOnce, meter } from './turns.ts'
import { keptNumber, keptText, keptWritten } from './kept.ts'

/** A part of a text that a token is to stand for. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly kind: string
  /** What the vault is to keep, see `kept.ts`. */
  readonly value: string
  /** Whether the token has to bring quotes along: it stands for a number, where only a JSON value may stand. */
  readonly quoted?: true
}

/**
 * What to keep for each detection, in reading order; nothing for those of no kind, which are tokens that stay. Where the text is
 * a JSON document no edit takes part of its structure along, nor half an escape: a detection that crosses the end of a string
 * becomes two. `places` has read the text up to `from`, and has read it up to the end of the last detection afterwards.
 */
export function placedEdits(text: string, chosen: readonly Detection[], places: JsonPlaces, strict = false, from = 0): readonly Edit[] {
  return atOnce(placing(text, chosen, places, strict, from))
}

/** As `placedEdits`, with a pause now and then: see `inTurns`. */
export function* placing(
  text: string,
  chosen: readonly Detection[],
  places: JsonPlaces,
  strict = false,
  from = 0,
): Generator<void, readonly Edit[]> {
  const edits: Edit[] = []
  const enough = meter()
  let at = from
  for (const { kind, start, end } of chosen) {
    if (kind === '') {
      places.read(text.slice(at, start))
      places.token()
      at = end
      continue
    }
    while (start - at > longestStep) {
      places.read(text.slice(at, at + longestStep))
      at += longestStep
      yield
    }
    if (enough(end - at)) yield
    for (const [first, last] of piecesOf(text, at, start, end, places)) {
      places.read(text.slice(at, first))
      const depth = places.depth()
      const found = text.slice(first, last)
      const number = strict && depth === 0 && isNumber(found)
      edits.push({
        start: first,
        end: last,
        kind,
        value: number ? keptNumber(found) : keptAt(found, depth, strict),
        ...(number && { quoted: true }),
      })
      places.token()
      at = last
    }
  }
  return edits
}

/** How much of a text between two edits is read before others have their turn. */
const longestStep = 65_536

/** The parts of a span that are text, without quotes that begin or end a string, or half an escape. */
function piecesOf(text: string, at: number, start: number, end: number, places: JsonPlaces): readonly (readonly [number, number])[] {
  if (places.document() === false) return [[start, end]]
  const ahead = places.copy()
  ahead.read(text.slice(at, start))
  if (ahead.document() !== true) return [[start, end]]
  const pieces: [number, number][] = []
  const add = (first: number, last: number) => {
    if (first < last && !/^[\s,:{}[\]]*$/.test(text.slice(first, last))) pieces.push([first, last])
  }
  let first = start
  let settled = start
  let depth = ahead.depth()
  let half = ahead.pending()
  for (let place = start; place < end; place++) {
    ahead.read(text.charAt(place))
    if (ahead.pending()) {
      continue
    }
    if (ahead.depth() !== depth) {
      add(first, settled)
      first = place + 1
      depth = ahead.depth()
    } else if (half) first = place + 1
    half = false
    settled = place + 1
  }
  add(first, settled)
  return pieces
}

function isNumber(text: string): boolean {
  return /^[1-9]\d{4,15}$/.test(text) && String(Number(text)) === text
}

/** The text itself, if writing it that deep gives the same again; otherwise as it is written. */
function keptAt(found: string, depth: number, strict: boolean): string {
  if (depth === 0) return strict ? keptWritten(found, 0) : keptText(found)
  const meant = outOfStrings(found, depth)
  return meant !== undefined && inStrings(meant, depth) === found ? keptText(meant) : keptWritten(found, depth)
}
