import { type Quotes, quotesOf } from './quotes.ts'
import type { Steps } from './steps.ts'
import { survey } from './survey.ts'

/** A text that is judged as SQL, with what judgements ask of the whole, found once. */
export interface Source {
  readonly text: string
  readonly steps: Steps
  /** Where a judgement can begin, in order. */
  readonly places: readonly number[]
  readonly quotes: Quotes
  /** Without blanks at either end. */
  readonly trimmed: string
  /** Where its first space is, or its length. */
  readonly space: number
  /** Whether any statement ends in it. */
  readonly ends: boolean
}

/** `places` are the survey's; without them the text is surveyed. */
export function sourceOf(text: string, steps: Steps, places: readonly number[] = survey(text).sqlPlaces): Source {
  const space = text.indexOf(' ')
  return {
    text,
    steps,
    places,
    quotes: quotesOf(text, places),
    trimmed: text.trim(),
    space: space < 0 ? text.length : space,
    ends: text.includes(';'),
  }
}
