/**
 * What judging one call may cost. A step is about one sign looked at by one judge, some nanoseconds; ordinary text takes ten to twenty a sign,
 * so a million units of it fit.
 */
export const maxSteps = 60_000_000

/** Counts what judging costs, so that no text takes longer than its limit, on any machine. */
export interface Steps {
  /** Throws a `RangeError` once the limit is passed: what is left of the text cannot be told. */
  readonly take: (count: number) => void
}

/** A count that ends at `limit` steps; give one to several judgements to bound them together. */
export function stepsWithin(limit: number = maxSteps): Steps {
  let left = limit
  return {
    take: (count) => {
      left -= count
      if (left < 0) throw new RangeError(`judging takes more than ${limit} steps: send less at once, or fewer signs of code`)
    },
  }
}
