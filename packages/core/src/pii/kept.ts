/**
 * What a vault keeps for a token: the text that was found, unless a mark says more. The marks begin with NUL, which no
 * recognizer's finding does.
 */
const numberMark = '\0n'
const verbatimMark = '\0v'

/** A number that was masked: it comes back as one where the token stands alone. */
export function keptNumber(digits: string): string {
  return numberMark + digits
}

/** Text out of a JSON string that is written in an unusual way: it comes back letter by letter, never escaped again. */
export function keptVerbatim(written: string): string {
  return verbatimMark + written
}

export interface Kept {
  readonly text: string
  readonly number: boolean
  readonly verbatim: boolean
}

export function readKept(value: string): Kept {
  const number = value.startsWith(numberMark)
  const verbatim = value.startsWith(verbatimMark)
  return { text: number || verbatim ? value.slice(2) : value, number, verbatim }
}
