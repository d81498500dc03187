/** One place where personal data was found: UTF-16 offsets, so that `text.slice(start, end)` is it. */
export interface Detection {
  readonly kind: string
  readonly start: number
  readonly end: number
  /** From 0 to 1: how sure the recognizer is. */
  readonly score: number
  readonly recognizer: string
}

/** Finds personal data in one text. `hint` is the name of the field that holds it, which counts as a word nearby. */
export type Detector = (text: string, hint?: string) => readonly Detection[]
