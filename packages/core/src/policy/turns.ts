/** Milliseconds. */
const turn = 10

/** Everything that `all` yields, a few milliseconds at a time: whoever else waits for this thread is let by in between. */
export async function inTurns<T>(all: Iterable<T>): Promise<readonly T[]> {
  const gathered: T[] = []
  let until = performance.now() + turn
  for (const each of all) {
    gathered.push(each)
    if (performance.now() < until) continue
    await new Promise((resolve) => setImmediate(resolve))
    until = performance.now() + turn
  }
  return gathered
}
