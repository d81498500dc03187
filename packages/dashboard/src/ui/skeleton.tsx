import { cx } from './cx.ts'

/** A grey bar where text will be. */
export function Bar({ className }: { className?: string }) {
  return <span aria-hidden className={cx('breathe block h-3 rounded-sm bg-hover', className)} />
}

/** Says to those who listen that something is on its way; what is seen are the bars inside. */
export function Loading({ what, children, className }: { what: string; children: React.ReactNode; className?: string }) {
  return (
    <div role="status" aria-label={`Loading ${what}`} className={className}>
      {children}
    </div>
  )
}
