import type { Detection, Detector } from './detection.ts'

/** How long a piece of a long text is, in characters: a few milliseconds' work. */
export const pieceLength = 8_192
/** How far before and after a piece is read for what stands around and what ends beyond. */
const margin = 1024
/** The longest unbroken word, and the longest private key, that is read on from a piece to its end. */
const longestWord = 16_384

/**
 * Searches a text by pieces, and pauses after each. What it finds is what `find` finds in the whole, as far as that depends on no
 * more than 1,024 characters around; a name is read by what is said in its piece.
 */
export function* findByPieces(find: Detector, text: string, hint = ''): Generator<void, readonly Detection[]> {
  if (text.length <= pieceLength + margin) return find(text, hint)
  const found: Detection[] = []
  for (let from = 0; from < text.length; ) {
    const to = gapAfter(text, from + pieceLength)
    const start = gapBefore(text, Math.max(0, from - margin))
    // What begins in the piece is one word at most that goes on beyond the margin, and a piece that ends in a gap ends with its word.
    const after = space.test(text.charAt(to)) ? wholeCharacter(text, to + margin) : gapAfter(text, to + margin)
    const window = text.slice(start, keyEnd(text, from, Math.min(text.length, after)))
    for (const each of find(window, hint)) {
      const at = each.start + start
      if (at >= from && at < to) found.push({ ...each, start: at, end: each.end + start })
    }
    from = to
    if (from < text.length) yield
  }
  return found
}

const space = /\s/

function gapAfter(text: string, at: number): number {
  for (let next = at; next < text.length && next < at + longestWord; next++) if (space.test(text.charAt(next))) return next
  return wholeCharacter(text, Math.min(at, text.length))
}

function gapBefore(text: string, at: number): number {
  for (let next = at; next > 0 && next > at - margin; next--) if (space.test(text.charAt(next))) return next
  return wholeCharacter(text, at)
}

/** Not between the halves of a surrogate pair. */
function wholeCharacter(text: string, at: number): number {
  return (text.charCodeAt(at) & 0xfc00) === 0xdc00 ? Math.max(0, at - 1) : at
}

/** Where a private key ends that begins in a piece, if that is beyond the window. */
function keyEnd(text: string, from: number, to: number): number {
  const begun = text.lastIndexOf('-----BEGIN ', to)
  if (begun < from) return to
  const ended = text.slice(begun, begun + longestWord).indexOf('-----END ')
  return ended < 0 ? to : Math.max(to, Math.min(text.length, begun + ended + 100))
}
