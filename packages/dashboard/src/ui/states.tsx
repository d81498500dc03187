import { FilterX, Inbox, type LucideIcon, Lock, Unplug } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import { cx } from './cx.ts'
import { Said } from './said.tsx'
import { explain, type Trouble } from './trouble.ts'

function State({
  icon: Icon,
  tone = 'text-ink-3',
  title,
  children,
  action,
  state,
  alert = false,
}: {
  icon: LucideIcon
  tone?: string
  title: string
  children?: ReactNode
  action?: ReactNode
  state: string
  alert?: boolean
}) {
  return (
    <div
      role={alert ? 'alert' : undefined}
      data-state={state}
      className="rise mx-auto flex max-w-md flex-col items-center gap-1 px-6 py-12 text-center"
    >
      <Icon aria-hidden className={cx('mb-2 size-5', tone)} strokeWidth={1.75} />
      <p className="text-base font-semibold">{title}</p>
      {children && <div className="text-ink-2">{children}</div>}
      {action && <div className="mt-3">{action}</div>}
    </div>
  )
}

/** There is nothing yet, and what would make something. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <State icon={Inbox} state="empty" title={title} action={action}>
      {children}
    </State>
  )
}

/** There is something, but not of what was asked for. */
export function Filtered({ what, clear }: { what: string; clear: () => void }) {
  return (
    <State
      icon={FilterX}
      state="filtered"
      title={`No ${what} match these filters`}
      action={
        <Button small onClick={clear}>
          Clear filters
        </Button>
      }
    >
      There may be others: the filters hide them.
    </State>
  )
}

/** It is not known whether there is anything: asking failed. A missing permission is told apart from a fault. */
export function Failed({ what, error, retry }: { what: string; error: unknown; retry?: () => void }) {
  const trouble: Trouble = explain(error)
  if (trouble.denied)
    return (
      <State icon={Lock} state="denied" tone="text-refused" title={`You may not see ${what}`} alert>
        <Said text={trouble.detail} />
      </State>
    )
  return (
    <State
      icon={Unplug}
      state="failed"
      tone="text-failed"
      alert
      title={`Could not load ${what}`}
      action={
        retry && (
          <Button small onClick={retry}>
            Try again
          </Button>
        )
      }
    >
      <p>
        <Said text={trouble.detail} />
      </p>
      {trouble.request && <p className="mt-1 font-mono text-2xs text-ink-3">request {trouble.request}</p>}
    </State>
  )
}
