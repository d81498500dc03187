/** The median and the 99th percentile of milliseconds, in milliseconds. */
export function percentiles(times: readonly number[]): { p50_ms: number; p99_ms: number } {
  const sorted = times.toSorted((one, other) => one - other)
  const at = (part: number) => Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0) * 1000) / 1000
  return { p50_ms: at(0.5), p99_ms: at(0.99) }
}
