/** US dollars as decimal in, integer micro-dollars out. Throws a `RangeError` for what is negative or finer than a micro-dollar. */
export function microDollars(dollars: number, of: string): number {
  const micro = Math.round(dollars * 1e6)
  if (!Number.isSafeInteger(micro) || micro < 0 || Math.abs(dollars * 1e6 - micro) > 1e-3) {
    throw new RangeError(`\`${of}\` is ${dollars}: give US dollars, zero or more, no finer than $0.000001`)
  }
  return micro
}
