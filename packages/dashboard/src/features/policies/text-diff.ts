/** One line of a comparison. `before` and `after` are its line numbers, from 1. */
export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added'
  readonly text: string
  readonly before?: number
  readonly after?: number
}

/** Beyond so many differing lines the shortest way is not looked for: what differs is shown as removed, then added. */
const patience = 800

/** The lines of both texts, in order, by the shortest way from one to the other (Myers, 1986). */
export function diffLines(before: string, after: string): readonly DiffLine[] {
  const [a, b] = [before.split('\n'), after.split('\n')]
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head++
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++
  const same = (at: number, shift: number): DiffLine => ({ kind: 'same', text: a[at] ?? '', before: at + 1, after: at + 1 + shift })
  const middle = steps(a.slice(head, a.length - tail), b.slice(head, b.length - tail))
  return [
    ...Array.from({ length: head }, (_, at) => same(at, 0)),
    ...middle.map((line) => ({
      ...line,
      ...(line.before !== undefined && { before: line.before + head }),
      ...(line.after !== undefined && { after: line.after + head }),
    })),
    ...Array.from({ length: tail }, (_, at) => same(a.length - tail + at, b.length - a.length)),
  ]
}

function steps(a: readonly string[], b: readonly string[]): readonly DiffLine[] {
  const trail = search(a, b)
  if (!trail) return [...a.map((text, at) => removed(text, at)), ...b.map((text, at) => added(text, at))]
  const lines: DiffLine[] = []
  let [x, y] = [a.length, b.length]
  for (let d = trail.length - 1; d >= 0; d--) {
    const reach = trail[d]
    const k = x - y
    const down = k === -d || (k !== d && (reach?.get(k - 1) ?? -1) < (reach?.get(k + 1) ?? -1))
    const from = down ? k + 1 : k - 1
    const fromX = d === 0 ? 0 : (reach?.get(from) ?? 0)
    const fromY = fromX - from
    while (x > (d === 0 ? 0 : fromX) && y > (d === 0 ? 0 : fromY)) {
      x--
      y--
      lines.push({ kind: 'same', text: a[x] ?? '', before: x + 1, after: y + 1 })
    }
    if (d === 0) break
    if (down) lines.push(added(b[--y] ?? '', y))
    else lines.push(removed(a[--x] ?? '', x))
  }
  return lines.reverse()
}

/** How far each diagonal is reached after each step; absent when there are too many. */
function search(a: readonly string[], b: readonly string[]): readonly ReadonlyMap<number, number>[] | undefined {
  const trail: Map<number, number>[] = []
  let reach = new Map<number, number>([[1, 0]])
  for (let d = 0; d <= Math.min(a.length + b.length, patience); d++) {
    trail.push(new Map(reach))
    const next = new Map(reach)
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1))
      let x = down ? (reach.get(k + 1) ?? 0) : (reach.get(k - 1) ?? 0) + 1
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++
      next.set(k, x)
      if (x >= a.length && x - k >= b.length) return trail
    }
    reach = next
  }
  return undefined
}

const removed = (text: string, at: number): DiffLine => ({ kind: 'removed', text, before: at + 1 })
const added = (text: string, at: number): DiffLine => ({ kind: 'added', text, after: at + 1 })

/** Runs of lines that are far from any difference, folded: `hidden` lines stand between what is shown. */
export type Hunk = { readonly lines: readonly DiffLine[] } | { readonly hidden: number }

export function folded(lines: readonly DiffLine[], around = 3): readonly Hunk[] {
  const near = new Uint8Array(lines.length)
  lines.forEach(({ kind }, at) => {
    if (kind !== 'same') near.fill(1, Math.max(0, at - around), at + around + 1)
  })
  const hunks: { lines: DiffLine[]; shown: boolean }[] = []
  lines.forEach((line, at) => {
    const shown = near[at] === 1
    const last = hunks.at(-1)
    if (last?.shown === shown) last.lines.push(line)
    else hunks.push({ lines: [line], shown })
  })
  return hunks.map(({ lines: run, shown }) => (shown ? { lines: run } : { hidden: run.length }))
}
