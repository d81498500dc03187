/** What the text of a stream is: for people, or a JSON document, as the arguments of a tool that a model calls. */
export type StreamPlace = 'text' | 'json'

/** How much is held back: as little as can be, or the whole text until its end. */
export type Held = 'needed' | 'whole'

/** The longest text that is held back whole, in characters. */
export const longestWhole = 1_000_000
/** The most characters of one value, found or not yet, that wait for its end. */
export const longestValue = 131_072
