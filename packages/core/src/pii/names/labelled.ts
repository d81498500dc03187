import type { Detection } from '../detection.ts'

/** What a token classifier says of one token of a text: its letters and a label such as `B-PER`, `I-LOC` or `O`. */
export interface Labelled {
  readonly word: string
  readonly label: string
  /** From 0 to 1. */
  readonly score: number
}

/** A part of a text that a classifier reads at once: it begins at `at`. */
export interface Window {
  readonly at: number
  readonly text: string
}

/** So short that no tokeniser makes more than the 512 tokens of it that such models read: in bytes of UTF-8, or a little more. */
const longest = 480
/** How far a window goes back into the one before, so that a name at the cut is whole in one of them. */
const overlap = 80

/** A text in windows that overlap, cut where there is space if there is any. */
export function windowsOf(text: string): readonly Window[] {
  const windows: Window[] = []
  for (let at = 0; ; ) {
    let end = at
    for (let size = 0; end < text.length; end++) {
      size += text.charCodeAt(end) < 0x80 ? 1 : 3
      if (size > longest) break
    }
    if (end === text.length) return [...windows, { at, text: text.slice(at) }]
    const cut = text.lastIndexOf(' ', end)
    if (cut > at + (end - at) / 2) end = cut
    windows.push({ at, text: text.slice(at, end) })
    at = Math.max(at + 1, end - Math.min(overlap, (end - at) >> 1))
  }
}

/** What is named in a text by what its windows say. What touches a cut is left to the window that has it whole. */
export function namedInWindows(
  text: string,
  windows: readonly Window[],
  labels: readonly (readonly Labelled[])[],
  recognizer: string,
): readonly Detection[] {
  const found = new Map<string, Detection>()
  for (const [index, window] of windows.entries()) {
    for (const each of labelledNames(window.text, labels[index] ?? [], recognizer)) {
      const start = window.at + each.start
      const end = window.at + each.end
      const cut = (start === window.at && start > 0) || (end === window.at + window.text.length && end < text.length)
      if (!cut) found.set(`${each.kind} ${start} ${end}`, { ...each, start, end })
    }
  }
  return [...found.values()]
}

const kindOf: { readonly [label: string]: string } = {
  PER: 'PERSON',
  PERSON: 'PERSON',
  LOC: 'LOCATION',
  LOCATION: 'LOCATION',
  GPE: 'LOCATION',
  ORG: 'ORGANIZATION',
  ORGANIZATION: 'ORGANIZATION',
}

/**
 * The names that labels in BIO or BIOES form tell of, as whole words. Tokens are found again in the text by their letters, in order;
 * one that is not found, as an unknown one, joins what it stands in.
 */
export function labelledNames(text: string, tokens: readonly Labelled[], recognizer: string): readonly Detection[] {
  const letters = lettersOf(text)
  const found: { kind: string; start: number; end: number; scores: number[] }[] = []
  let at = 0
  for (const { word, label, score } of tokens) {
    const place = letters.find(word, at)
    if (!place) continue
    const before = at
    at = place.next
    const kind = kindOf[label.replace(/^[BIES]-/, '')]
    if (!kind) continue
    const last = found.at(-1)
    const goesOn = last?.kind === kind && /^[ '’.-]{0,2}$/.test(text.slice(last.end, place.start)) && before <= place.next
    if (last && goesOn && (!/^[BS]-/.test(label) || last.end === place.start)) {
      last.end = place.end
      last.scores.push(score)
    } else found.push({ kind, start: place.start, end: place.end, scores: [score] })
  }
  return found.map(({ kind, start, end, scores }) => {
    while (start > 0 && inWord.test(text.charAt(start - 1))) start--
    while (end < text.length && inWord.test(text.charAt(end))) end++
    return { kind, start, end, score: Math.min(0.95, scores.reduce((sum, score) => sum + score, 0) / scores.length), recognizer }
  })
}

const inWord = /[\p{L}\p{M}\p{N}]/u

/** The letters and signs of a text without accents, case and space, each with its place. */
function lettersOf(text: string) {
  const places: number[] = []
  let plain = ''
  for (let at = 0; at < text.length; ) {
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0)
    const folded = foldLetters(character)
    for (let unit = 0; unit < folded.length; unit++) places.push(at)
    plain += folded
    at += character.length
  }
  return {
    /** Where a token stands at or soon after a place. `next` is in the letters, `start` and `end` in the text. */
    find(word: string, from: number): { start: number; end: number; next: number } | undefined {
      const wanted = foldLetters(word.replace(/^##|▁|Ġ/gu, ''))
      if (wanted === '') return undefined
      const at = plain.slice(from, from + wanted.length + 64).indexOf(wanted)
      if (at < 0) return undefined
      const next = from + at + wanted.length
      const last = places[next - 1] ?? text.length
      return { start: places[from + at] ?? text.length, end: last + String.fromCodePoint(text.codePointAt(last) ?? 32).length, next }
    },
  }
}

function foldLetters(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\p{M}\s]/gu, '')
    .toLowerCase()
}
