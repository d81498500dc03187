import { useNavigate } from '@tanstack/react-router'
import { X } from 'lucide-react'
import { type FormEvent, useId } from 'react'
import { present } from '../../app/search.ts'
import { cx } from '../../ui/cx.ts'
import { fieldClass } from '../../ui/field.tsx'
import { shortened } from '../../ui/id.tsx'
import { Radios } from '../../ui/radios.tsx'
import { looks, ofStatus, ofVerdict } from '../../ui/status.ts'
import type { Narrowing } from './tail.ts'

const verdicts = ['allow', 'hold', 'deny'] as const
const statuses = ['succeeded', 'waiting', 'refused', 'failed', 'withheld', 'running', 'cut', 'lost'] as const

/** Narrows the list. All of it is in the URL. */
export function TraceFilters({ filters }: { filters: Narrowing }) {
  const navigate = useNavigate()
  const ids = useId()
  const set = (change: Narrowing | { [name: string]: undefined }) =>
    void navigate({ to: '/traces', search: present({ ...filters, ...change }) as Record<string, never>, replace: true })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const typed = new FormData(event.currentTarget).get('tool')
    set({ tool: (typeof typed === 'string' && typed.trim()) || undefined } as Narrowing)
  }
  return (
    <div className="mb-3 flex flex-wrap items-center gap-2">
      <Radios
        label="Verdict"
        value={filters.verdict}
        choose={(verdict) => set({ verdict } as Narrowing)}
        options={[undefined, ...verdicts].map((verdict) => {
          const look = verdict && looks[ofVerdict(verdict)]
          return { value: verdict, word: verdict ? ofVerdict(verdict) : 'All', ...(look && { icon: look.icon, tone: look.text }) }
        })}
      />
      <label className="sr-only" htmlFor={`${ids}status`}>
        Status
      </label>
      <select
        id={`${ids}status`}
        value={filters.status ?? ''}
        onChange={(event) => set({ status: event.target.value || undefined } as Narrowing)}
        className={cx(fieldClass, 'h-7 text-xs')}
      >
        <option value="">Any status</option>
        {statuses.map((status) => (
          <option key={status} value={status}>
            {status === 'succeeded' || status === 'waiting' ? `${ofStatus(status)} (${status})` : status}
          </option>
        ))}
      </select>
      <form onSubmit={submit} className="flex">
        <label className="sr-only" htmlFor={`${ids}tool`}>
          Tool
        </label>
        <input
          key={filters.tool ?? ''}
          id={`${ids}tool`}
          name="tool"
          data-main-field
          defaultValue={filters.tool ?? ''}
          placeholder="Tool, then Enter"
          spellCheck={false}
          onKeyDown={(event) => {
            if (event.key === 'Escape') event.currentTarget.blur()
          }}
          className={cx(fieldClass, 'h-7 w-40 font-mono text-xs')}
        />
      </form>
      {filters.principal !== undefined && (
        <button
          type="button"
          onClick={() => set({ principal: undefined })}
          aria-label={`Any principal, not only ${filters.principal}`}
          className="inline-flex h-7 items-center gap-1 rounded-md border border-line-strong bg-hover px-2 font-mono text-xs"
        >
          {shortened(filters.principal)} <X aria-hidden className="size-3" />
        </button>
      )}
      {Object.keys(filters).length > 0 && (
        <button
          type="button"
          onClick={() => void navigate({ to: '/traces', search: {}, replace: true })}
          className="px-1.5 text-xs text-ink-2 underline underline-offset-2 hover:text-ink"
        >
          Clear
        </button>
      )}
    </div>
  )
}
