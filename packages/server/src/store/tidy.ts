import type { Store } from './store.ts'

/** How long what is over can still be looked at: sessions, 30 days. */
const kept = 30 * 86_400_000

/** Drops what is over: windows that have passed, old sign-ins. To be called every few minutes. */
export async function tidy(store: Store, now: number): Promise<void> {
  await store.ask('counter', 'tidy', now)
  await store.ask('sessions', 'tidy', now - kept)
}
