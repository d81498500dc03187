import type { ComplianceControl } from '@agentgate/api'
import { useQuery } from '@tanstack/react-query'
import { CircleCheck, CircleHelp, CircleX, type LucideIcon } from 'lucide-react'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { Panel } from '../../ui/panel.tsx'
import { Bar, Loading } from '../../ui/skeleton.tsx'
import { Failed } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { complianceQuery } from './queries.ts'

const looks: {
  readonly [status in ComplianceControl['status']]: { readonly icon: LucideIcon; readonly word: string; readonly badge: string }
} = {
  pass: { icon: CircleCheck, word: 'pass', badge: 'text-allowed bg-allowed-soft border-allowed-line' },
  fail: { icon: CircleX, word: 'fail', badge: 'text-refused bg-refused-soft border-refused-line' },
  not_measured: { icon: CircleHelp, word: 'not measured', badge: 'text-shadow bg-shadow-soft border-shadow-line border-dashed' },
}

/** Each control as evidence answers it at this moment. What nobody can tell is not measured, which is no pass. */
export function ComplianceTab() {
  const query = useQuery(complianceQuery)
  if (query.isPending)
    return (
      <Panel title="Controls">
        <Loading what="compliance">
          <div className="space-y-5 py-2">
            {Array.from({ length: 6 }, (_, row) => (
              <Bar key={row} className="w-3/4" />
            ))}
          </div>
        </Loading>
      </Panel>
    )
  if (query.isError)
    return (
      <Panel title="Controls" flush>
        <Failed what="compliance" error={query.error} retry={() => void query.refetch()} />
      </Panel>
    )
  const { controls, looked_at: looked } = query.data
  const count = (status: ComplianceControl['status']) => controls.filter((each) => each.status === status).length
  return (
    <Panel
      title={`${count('pass')} pass, ${count('fail')} fail, ${count('not_measured')} not measured`}
      flush
      aside={
        <>
          {looked.entries} entries of the ledger{looked.complete ? '' : ', the newest'}
          <Button small disabled={query.isFetching} onClick={() => void query.refetch()}>
            Ask again
          </Button>
        </>
      }
    >
      <ul aria-label="Controls">
        {controls.map(({ id, norm, title, status, query: asked, found, at }) => {
          const { icon: Icon, word, badge } = looks[status]
          return (
            <li
              key={id}
              data-control={id}
              data-status={status}
              className="grid gap-x-4 gap-y-1 border-b border-line px-4 py-3 last:border-b-0 md:grid-cols-[15rem_minmax(0,1fr)_8rem]"
            >
              <div>
                <p className="font-medium">{title}</p>
                <p className="text-xs text-ink-3">{norm}</p>
              </div>
              <div className="min-w-0">
                <p>{found}</p>
                <p className="text-xs text-ink-3">
                  Asked <Time at={at} />: {asked}
                </p>
              </div>
              <span className="md:justify-self-end">
                <span
                  className={cx(
                    'inline-flex items-center gap-1 whitespace-nowrap rounded-sm border px-1.5 py-px text-xs font-medium',
                    badge,
                  )}
                >
                  <Icon aria-hidden className="size-3.5 shrink-0" strokeWidth={2} />
                  {word}
                </span>
              </span>
            </li>
          )
        })}
      </ul>
    </Panel>
  )
}
