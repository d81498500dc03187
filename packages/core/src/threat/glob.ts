/**
 * Whether all of `text` matches `pattern`, where `*` stands for any run of signs and `?` for one; everything else stands for itself.
 * Greedy with one point of return, so at most `pattern.length × text.length` steps in theory and linear on what people write; patterns are
 * an operator's, at most 1,000 units.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  let at = 0
  let next = 0
  let star = -1
  let resume = 0
  while (at < text.length) {
    const sign = pattern[next]
    if (sign === '*') {
      star = next++
      resume = at
    } else if (next < pattern.length && (sign === '?' || sign === text[at])) {
      next++
      at++
    } else if (star >= 0) {
      next = star + 1
      at = ++resume
    } else return false
  }
  while (pattern[next] === '*') next++
  return next === pattern.length
}

/**
 * Whether `pattern` matches somewhere in `text`, from the beginning of a word on. Stars at either end add nothing here, since a match may
 * stop anywhere. Takes the leftmost place for each piece between stars, so one pass with `indexOf` decides it: linear for a fixed pattern.
 */
export function occursGlob(pattern: string, text: string): boolean {
  const pieces = pattern.split('*').filter((piece) => piece !== '')
  let from = 0
  for (const [index, piece] of pieces.entries()) {
    const found = place(piece, text, from, index === 0 && !pattern.startsWith('*'))
    if (found < 0) return false
    from = found + piece.length
  }
  return true
}

function place(piece: string, text: string, from: number, atWord: boolean): number {
  const wild = piece.includes('?')
  for (let at = from; at + piece.length <= text.length; at++) {
    if (!wild) {
      at = text.indexOf(piece, at)
      if (at < 0) return -1
    } else if (!same(piece, text, at)) continue
    if (!atWord || !wordBefore(text, at)) return at
  }
  return -1
}

function same(piece: string, text: string, at: number): boolean {
  for (let index = 0; index < piece.length; index++) if (piece[index] !== '?' && piece[index] !== text[at + index]) return false
  return true
}

const letter = /[\p{L}\p{N}_]/u
const wordBefore = (text: string, at: number): boolean => at > 0 && letter.test(text[at - 1] ?? '') && letter.test(text[at] ?? '')

/** Throws a `RangeError` for a pattern that is empty or longer than 1,000 units. */
export function checkGlob(pattern: string, option: string): void {
  if (pattern === '' || pattern.length > 1000)
    throw new RangeError(`\`${option}\` holds a pattern of ${pattern.length} units: give 1 to 1,000`)
}
