/** One control's place in the time that deciding took. Percentages of the whole. */
export interface Step<F> {
  readonly finding: F
  readonly left: number
  readonly width: number
}

/** Controls are asked one after the other: each starts where the one before it ended. Bars are never too thin to see. */
export function waterfall<F extends { readonly ms: number }>(
  findings: readonly F[],
): { readonly total: number; readonly steps: readonly Step<F>[] } {
  const total = findings.reduce((sum, { ms }) => sum + Math.max(0, ms), 0)
  let before = 0
  const steps = findings.map((finding) => {
    const ms = Math.max(0, finding.ms)
    const left = total > 0 ? Math.min(99, (before / total) * 100) : 0
    before += ms
    return { finding, left, width: total > 0 ? Math.max(1, Math.min(100 - left, (ms / total) * 100)) : 1 }
  })
  return { total, steps }
}
