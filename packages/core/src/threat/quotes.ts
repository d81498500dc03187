/** How far around a quote its kind is counted. */
const around = 400

/** How often each quote occurs near a place of one text, without looking at the text again for each. */
export interface Quotes {
  /** Of the kind at `at`, from 400 units before to `at`, itself included. */
  readonly upTo: (at: number) => number
  /** Of the kind at `at`, in the 400 units after it. */
  readonly after: (at: number) => number
}

/** Counts by `places`, which are in order and hold every quote among others. */
export function quotesOf(text: string, places: readonly number[]): Quotes {
  const kinds = new Map<number, readonly number[]>()
  const placesOf = (code: number): readonly number[] => {
    const known = kinds.get(code)
    if (known) return known
    const made = places.filter((at) => text.charCodeAt(at) === code)
    kinds.set(code, made)
    return made
  }
  const between = (at: number, from: number, to: number): number => {
    const ofKind = placesOf(text.charCodeAt(at))
    return before(ofKind, to) - before(ofKind, from)
  }
  return {
    upTo: (at) => between(at, at - around, at + 1),
    after: (at) => between(at, at + 1, at + around),
  }
}

/** How many of `places` are before `at`. */
function before(places: readonly number[], at: number): number {
  let low = 0
  let high = places.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((places[middle] ?? at) < at) low = middle + 1
    else high = middle
  }
  return low
}
