import type { Store } from './store/store.ts'

/**
 * Whether the store takes a write: reads may be answered from memory, and without writes there is no evidence, so every call
 * is refused. A change that found the disk full counts, since a small write may still fit. Anybody may ask for the health of a server, so it is tried at most once in `every` milliseconds.
 */
export function takesWrites(
  { full }: Pick<Store, 'full'>,
  write: () => Promise<unknown>,
  every = 3_000,
): () => Promise<{ ok: boolean; detail?: string }> {
  const detail =
    'The store takes no writes, so every call is refused: see the log, whether the disk is full, and whether the database runs.'
  let until = Number.NEGATIVE_INFINITY
  let found: Promise<{ ok: boolean; detail?: string }> = Promise.resolve({ ok: false })
  return async () => {
    if (full()) return { ok: false, detail }
    if (performance.now() < until) return found
    until = performance.now() + every
    found = write().then(
      () => ({ ok: true }),
      () => ({ ok: false, detail }),
    )
    return found
  }
}
