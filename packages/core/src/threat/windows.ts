import { type Marks, marksOf } from './marks.ts'

/** A stretch of a text that patterns are tried on by itself. */
export interface Window {
  readonly text: string
  /** What to add to an offset in `text` for one in the whole. */
  readonly offset: number
  readonly marks: Marks
}

/** Texts up to here are one window. */
const single = 1600
const size = 1000
/** How far a window runs into the next: more than any pattern reaches. */
const overlap = 500
/** Stands where a window is cut, so that no pattern takes a cut for the beginning or the end of the text. */
const cut = 'x'

/**
 * A text as overlapping windows. What a pattern needs is then asked of each window: in a long text that has every sign somewhere, patterns
 * run only where their own signs are.
 */
export function windowsOf(text: string): readonly Window[] {
  if (text.length <= single) return [{ text, offset: 0, marks: marksOf(text) }]
  const windows: Window[] = []
  for (let start = 0; start < text.length; start += size) {
    const end = Math.min(text.length, start + size + overlap)
    const before = start === 0 ? '' : cut
    const part = before + text.slice(start, end) + (end === text.length ? '' : cut)
    windows.push({ text: part, offset: start - before.length, marks: marksOf(part) })
    if (end === text.length) break
  }
  return windows
}

/** What the whole has. */
export function allMarks(windows: readonly Window[]): Marks {
  const [first] = windows
  if (first && windows.length === 1) return first.marks
  const signs = new Uint8Array(129)
  let words = 0
  for (const { marks } of windows) {
    words |= marks.words
    for (let code = 0; code < 129; code++) signs[code] = (signs[code] ?? 0) | (marks.signs[code] ?? 0)
  }
  return { signs, words }
}
