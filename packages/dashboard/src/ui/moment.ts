const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const

const words = new Intl.RelativeTimeFormat('en', { numeric: 'always', style: 'narrow' })

/** `3m ago`, `in 20s`; `now` within a second. */
export function relative(at: number, now: number): string {
  const away = at - now
  const [unit, size] = units.find(([, size]) => Math.abs(away) >= size) ?? ['second', 1000]
  return Math.abs(away) < 1000 ? 'now' : words.format(Math.trunc(away / size), unit)
}

const clock = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })

/** `22 Nov 2026, 15:04:05` in this browser's zone, then the exact UTC instant. */
export function absolute(at: number): string {
  return `${clock.format(at)} (${new Date(at).toISOString()})`
}

/** `0.4 ms`, `12 ms`, `1.3 s`. */
export function milliseconds(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`
  return ms >= 10 ? `${Math.round(ms)} ms` : `${ms.toFixed(ms < 1 ? 2 : 1)} ms`
}

/** What is left, rounded up so that it never says 0 too early: `4:59`, `1:02:00`. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  const two = (part: number) => String(part).padStart(2, '0')
  const minutes = Math.floor(seconds / 60)
  return minutes >= 60 ? `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}
