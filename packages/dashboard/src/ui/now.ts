import { useSyncExternalStore } from 'react'
import { skew } from './skew.ts'

const watchers = new Set<() => void>()
let ahead = 0
let now = Date.now()
let timer: ReturnType<typeof setInterval> | undefined

/** Learns the server's time from an answer's `Date` header: what it dates is counted by its own clock, not by this machine's. */
export function learnTime(date: string | null): void {
  ahead = skew(date, Date.now()) ?? ahead
}

function tell(): void {
  now = Date.now() + ahead
  for (const each of watchers) each()
}

function watch(watcher: () => void): () => void {
  if (watchers.size === 0) now = Date.now() + ahead
  watchers.add(watcher)
  timer ??= setInterval(tell, 1000)
  return () => {
    watchers.delete(watcher)
    if (watchers.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/** The server's time in milliseconds, moving once a second for the whole page. */
export function useNow(): number {
  return useSyncExternalStore(watch, () => now)
}
