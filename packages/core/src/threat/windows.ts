import type { Marks } from './marks.ts'
import { blockSize, type Survey } from './survey.ts'

/** A stretch of a text that patterns are tried on by itself. */
export interface Window {
  readonly text: string
  /** What to add to an offset in `text` for one in the whole. */
  readonly offset: number
  readonly marks: Marks
}

/** Texts up to here are one window. */
const single = 1600
const size = 2 * blockSize
/** How far a window runs into the next: more than any pattern reaches. */
const overlap = blockSize
/** Stands where a window is cut, so that no pattern takes a cut for the beginning or the end of the text. */
const cut = 'x'

/**
 * A text as overlapping windows. What a pattern needs is then asked of each window: in a long text that has every sign somewhere, patterns
 * run only where their own signs are.
 */
export function windowsOf(text: string, { all, blocks }: Survey): readonly Window[] {
  if (text.length <= single) return [{ text, offset: 0, marks: all }]
  const windows: Window[] = []
  for (let start = 0; start < text.length; start += size) {
    const end = Math.min(text.length, start + size + overlap)
    const before = start === 0 ? '' : cut
    const part = before + text.slice(start, end) + (end === text.length ? '' : cut)
    windows.push({ text: part, offset: start - before.length, marks: together(blocks, start / blockSize, Math.ceil(end / blockSize)) })
    if (end === text.length) break
  }
  return windows
}

function together(blocks: readonly Marks[], from: number, to: number): Marks {
  let signs = 0
  let words = 0
  for (let index = from; index < to; index++) {
    signs |= blocks[index]?.signs ?? 0
    words |= blocks[index]?.words ?? 0
  }
  return { signs, words }
}
