/**
 * How far the server's clock is ahead of this machine's, by the `Date` header of an answer: milliseconds. The header counts
 * whole seconds and the answer took its time, so that less than two seconds are no difference. Absent when it cannot be read.
 */
export function skew(date: string | null, now: number): number | undefined {
  const told = date === null ? Number.NaN : Date.parse(date)
  if (!Number.isFinite(told)) return undefined
  const ahead = told + 500 - now
  return Math.abs(ahead) < 2000 ? 0 : ahead
}
