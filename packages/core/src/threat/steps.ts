/**
 * What judging one call may cost. A step is about one sign looked at by one judge, some nanoseconds; ordinary text takes ten to twenty a sign,
 * dense markup, URLs and form data up to a hundred, so a million units of any of them fit.
 */
export const maxSteps = 150_000_000

/** What is judged before everything else has a turn: some ten milliseconds. */
export const sliceSteps = 1_500_000

/** Counts what judging costs, so that no text takes longer than its limit, on any machine. */
export interface Steps {
  /** Throws a `RangeError` once the limit is passed: what is left of the text cannot be told. */
  readonly take: (count: number) => void
  /** Whether a slice has been taken since this was last true: time to let others have a turn. */
  readonly due: () => boolean
}

/** A count that ends at `limit` steps; give one to several judgements to bound them together. */
export function stepsWithin(limit: number = maxSteps, slice: number = sliceSteps): Steps {
  let left = limit
  let next = limit - slice
  return {
    take: (count) => {
      left -= count
      if (left < 0) throw new RangeError(`judging takes more than ${limit} steps: send less at once, or fewer signs of code`)
    },
    due: () => {
      if (left > next) return false
      next = left - slice
      return true
    },
  }
}

/** A judgement that can be left between two slices, by `yield`, and gone on with. */
export type Judging<T> = Generator<undefined, T, undefined>

/** Runs a judgement to its end at once. */
export function atOnce<T>(judging: Judging<T>): T {
  for (;;) {
    const { done, value } = judging.next()
    if (done) return value
  }
}

/**
 * Runs a judgement to its end in slices, with a turn for everything else between any two. Throws what the signal was aborted with, when nobody
 * waits for the answer any more.
 */
export async function inSlices<T>(judging: Judging<T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    const { done, value } = judging.next()
    if (done) return value
    await new Promise((resolve) => setImmediate(resolve))
    signal.throwIfAborted()
  }
}
