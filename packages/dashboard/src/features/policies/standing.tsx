import type { PolicySetSummary, PolicyState } from '@agentgate/api'
import { CircleCheck, CircleDashed, FileCheck2, Lock, type LucideIcon, PencilLine, Trash2 } from 'lucide-react'
import { cx } from '../../ui/cx.ts'

interface Look {
  readonly icon: LucideIcon
  readonly badge: string
  readonly means: string
}

const grey = 'text-shadow bg-shadow-soft border-shadow-line'

export const standings: { readonly [state in PolicyState]: Look } = {
  draft: { icon: PencilLine, badge: grey, means: 'Being written. It decides nothing until it is published and activated.' },
  published: { icon: FileCheck2, badge: 'text-accent bg-accent-soft border-line-strong', means: 'Published, and never active so far.' },
  active: { icon: CircleCheck, badge: 'text-allowed bg-allowed-soft border-allowed-line', means: 'One of its versions decides calls now.' },
  inactive: { icon: CircleDashed, badge: grey, means: 'Was active before. It decides nothing now.' },
  deleted: { icon: Trash2, badge: grey, means: 'Deleted. Its history stays readable and its name stays taken.' },
}

/** How a set stands, as icon and word; locked sets say so beside it. */
export function Standing({ set: { state, locked } }: { set: Pick<PolicySetSummary, 'state' | 'locked'> }) {
  const { icon: Icon, badge, means } = standings[state]
  return (
    <span className="inline-flex items-center gap-1.5">
      <span title={means} className={cx(badgeClass, badge)}>
        <Icon aria-hidden className="size-3.5 shrink-0" strokeWidth={2} />
        {state}
      </span>
      {locked && (
        <span
          title="Its active version cannot be deactivated, replaced or deleted until it is unlocked."
          className={cx(badgeClass, 'border-held-line bg-held-soft text-held')}
        >
          <Lock aria-hidden className="size-3.5 shrink-0" strokeWidth={2} />
          locked
        </span>
      )}
    </span>
  )
}

export const badgeClass = 'inline-flex items-center gap-1 whitespace-nowrap rounded-sm border px-1.5 py-px text-xs font-medium'
