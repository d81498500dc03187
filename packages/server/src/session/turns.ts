/** Lets `many` works run at once, and as many as `waiting` wait their turn; one more rejects with a `RangeError`. */
export function turns(many: number, waiting: number): <T>(work: () => Promise<T>) => Promise<T> {
  const queue: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running >= many) {
      if (queue.length >= waiting) throw new RangeError(`${waiting} wait already: try again later.`)
      await new Promise<void>((resolve) => queue.push(resolve))
    } else running++
    try {
      return await work()
    } finally {
      const next = queue.shift()
      if (next) next()
      else running--
    }
  }
}
