/** How far around a quote its kind is counted. */
const around = 400

/** How often each quote occurs near a place of one text, without looking at the text again for each. */
export interface Quotes {
  /** Of the kind at `at`, from 400 units before to `at`, itself included. */
  readonly upTo: (at: number) => number
  /** Of the kind at `at`, in the 400 units after it. */
  readonly after: (at: number) => number
}

/** Counts a kind of quote when it is first asked about. */
export function quotesOf(text: string): Quotes {
  const sums = new Map<number, Int32Array>()
  const sumsOf = (code: number): Int32Array => {
    const known = sums.get(code)
    if (known) return known
    const made = new Int32Array(text.length + 1)
    for (let at = 0, count = 0; at < text.length; at++) {
      if (text.charCodeAt(at) === code) count++
      made[at + 1] = count
    }
    sums.set(code, made)
    return made
  }
  const between = (at: number, from: number, to: number): number => {
    const sum = sumsOf(text.charCodeAt(at))
    return (sum[Math.min(to, text.length)] ?? 0) - (sum[Math.max(0, from)] ?? 0)
  }
  return {
    upTo: (at) => between(at, at - around, at + 1),
    after: (at) => between(at, at + 1, at + around),
  }
}
