import type { ReactNode } from 'react'
import { cx } from './cx.ts'

/** A bordered part of a page with its heading. */
export function Panel({
  title,
  aside,
  children,
  className,
  flush = false,
}: {
  title: ReactNode
  aside?: ReactNode
  children: ReactNode
  className?: string
  flush?: boolean
}) {
  return (
    <section className={cx('flex min-w-0 flex-col rounded-lg border border-line bg-surface', className)}>
      <header className="flex min-h-10 items-center gap-3 border-b border-line px-4 py-1.5">
        <h2 className="text-sm font-semibold">{title}</h2>
        {aside && <div className="ml-auto flex items-center gap-2 text-xs text-ink-3">{aside}</div>}
      </header>
      <div className={cx('min-w-0 flex-1', !flush && 'px-4 py-3')}>{children}</div>
    </section>
  )
}

/** A page's heading, what it is for, and what can be done on it. */
export function PageHead({ title, about, children }: { title: ReactNode; about?: ReactNode; children?: ReactNode }) {
  return (
    <header className="mb-4 flex min-h-9 flex-wrap items-center gap-x-4 gap-y-2">
      <div className="min-w-0">
        <h1 className="text-xl font-semibold tracking-[-0.01em]">{title}</h1>
        {about && <p className="text-ink-3">{about}</p>}
      </div>
      {children && <div className="ml-auto flex flex-wrap items-center gap-2">{children}</div>}
    </header>
  )
}

/** Names and values, one a line. */
export function Facts({ children, className }: { children: ReactNode; className?: string }) {
  return <dl className={cx('grid gap-x-4 gap-y-1.5', className ?? 'grid-cols-[7rem_minmax(0,1fr)]')}>{children}</dl>
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-xs/5 text-ink-3">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  )
}
