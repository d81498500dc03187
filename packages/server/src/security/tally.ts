/** Adds up amounts by key within tumbling windows, in bounded memory: keys beyond `most` push out those whose window began first. */
export interface Tally {
  /** The sum of the key's window with this amount, and what it was before. */
  readonly add: (key: string, amount: number, now: number) => { readonly before: number; readonly sum: number }
  readonly size: () => number
}

export function createTally(window: number, most: number): Tally {
  const windows = new Map<string, { readonly from: number; sum: number }>()
  return {
    add(key, amount, now) {
      const known = windows.get(key)
      if (known && now - known.from < window) {
        const before = known.sum
        known.sum += amount
        return { before, sum: known.sum }
      }
      windows.delete(key)
      windows.set(key, { from: now, sum: amount })
      const [first] = windows.keys()
      if (windows.size > most && first !== undefined) windows.delete(first)
      return { before: 0, sum: amount }
    },
    size: () => windows.size,
  }
}
