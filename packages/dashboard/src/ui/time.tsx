import { cx } from './cx.ts'
import { absolute, countdown, relative } from './moment.ts'
import { useNow } from './now.ts'

/** How long ago; the exact instant on hover. */
export function Time({ at, className }: { at: string | number; className?: string }) {
  const now = useNow()
  const ms = typeof at === 'number' ? at : Date.parse(at)
  if (!Number.isFinite(ms)) return <span className={className}>unknown</span>
  return (
    <time dateTime={new Date(ms).toISOString()} title={absolute(ms)} className={cx('tabular whitespace-nowrap', className)}>
      {relative(ms - now < 2000 ? Math.min(ms, now) : ms, now)}
    </time>
  )
}

/** What is left until `at`, second by second; `over` when nothing is. */
export function Countdown({ at, over, className }: { at: string | number; over: string; className?: string }) {
  const now = useNow()
  const ms = (typeof at === 'number' ? at : Date.parse(at)) - now
  const said = ms > 0 ? countdown(ms) : over
  return (
    <span
      role="timer"
      title={absolute(typeof at === 'number' ? at : Date.parse(at))}
      className={cx('tabular', ms <= 30_000 && 'text-refused', className)}
    >
      {said}
    </span>
  )
}
