/**
 * What a vault keeps for a token: the text that was found, or, after a NUL, JSON that says more about it. No text that begins
 * with NUL or is not valid Unicode is kept as it is, so that what comes back is what was found, letter by letter.
 */
export interface Kept {
  readonly text: string
  /** A number that was masked: it comes back as one where its token stands alone. */
  readonly number: boolean
  /** The text is as it was written this many JSON strings deep, in an unusual way: there it comes back as it was. */
  readonly depth?: number
}

interface Marked {
  readonly t: string
  readonly n?: true
  readonly d?: number
}

export function keptText(text: string): string {
  return text.startsWith('\0') || !text.isWellFormed() ? marked({ t: text }) : text
}

export function keptNumber(digits: string): string {
  return marked({ t: digits, n: true })
}

export function keptWritten(written: string, depth: number): string {
  return marked({ t: written, d: depth })
}

export function readKept(value: string): Kept {
  if (!value.startsWith('\0')) return { text: value, number: false }
  const { t, n, d } = JSON.parse(value.slice(1)) as Marked
  return { text: t, number: n === true, ...(d !== undefined && { depth: d }) }
}

function marked(kept: Marked): string {
  return `\0${JSON.stringify(kept)}`
}
