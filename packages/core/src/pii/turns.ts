/** How much may be done before others have their turn: characters looked at, and 32 for each value of a document. */
const turnLength = 8_192

/** Lets whatever else waits for this thread go first. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve)
    else setTimeout(resolve, 0)
  })
}

/**
 * Does work that pauses now and then, and lets others have their turn at each pause, so that a long document does not hold up the
 * thread. It rejects with the signal's reason once that is aborted, at the next pause.
 */
export async function inTurns<T>(work: Generator<void, T>, signal?: AbortSignal): Promise<T> {
  for (let step = work.next(); ; step = work.next()) {
    if (step.done) return step.value
    await turn()
    signal?.throwIfAborted()
  }
}

/** Work that is nothing but a pause. */
export function* pause(): Generator<void, void> {
  yield
}

/** Does such work without a pause: for what is short, or must be done now. */
export function atOnce<T>(work: Generator<void, T>): T {
  let step = work.next()
  while (!step.done) step = work.next()
  return step.value
}

/** Says when enough was done that others should have their turn. */
export function meter(): (length: number) => boolean {
  let done = 0
  return (length) => {
    done += length + 32
    if (done < turnLength) return false
    done = 0
    return true
  }
}

/** How many are sorted before others have their turn. */
const sortedAtOnce = 4_096

/** What `toSorted` answers, with a pause now and then. */
export function* sorting<T>(items: readonly T[], compare: (one: T, other: T) => number): Generator<void, readonly T[]> {
  if (items.length <= sortedAtOnce) return items.toSorted(compare)
  const middle = items.length >> 1
  const before = yield* sorting(items.slice(0, middle), compare)
  yield
  const after = yield* sorting(items.slice(middle), compare)
  const merged: T[] = []
  for (let left = 0, right = 0; left + right < items.length; ) {
    const one = before[left]
    const other = after[right]
    if (other === undefined || (one !== undefined && compare(one, other) <= 0)) {
      if (one !== undefined) merged.push(one)
      left++
    } else {
      merged.push(other)
      right++
    }
    if (merged.length % sortedAtOnce === 0) yield
  }
  return merged
}
