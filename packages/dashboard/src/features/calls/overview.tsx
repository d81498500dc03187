import type { Overview } from '@agentgate/api'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, type LinkProps } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'
import { useRef } from 'react'
import { useLive } from '../../app/live.ts'
import { useTitle } from '../../app/title.ts'
import { Badge } from '../../ui/badge.tsx'
import { count } from '../../ui/count.ts'
import { cx } from '../../ui/cx.ts'
import { LineState } from '../../ui/line.tsx'
import { absolute } from '../../ui/moment.ts'
import { PageHead, Panel } from '../../ui/panel.tsx'
import { Said } from '../../ui/said.tsx'
import { Bar, Loading } from '../../ui/skeleton.tsx'
import { Empty, Failed } from '../../ui/states.tsx'
import { looks, ofStatus, type Status } from '../../ui/status.ts'
import { Time } from '../../ui/time.tsx'
import { EvidenceHealth } from '../evidence/health.tsx'
import { overviewQuery, traceStream } from './queries.ts'
import { Timeline } from './timeline.tsx'

/** The last 24 hours in numbers that the server counted, each leading to what it counts. */
export function OverviewPage() {
  useTitle('Overview')
  const query = useQuery(overviewQuery)
  const client = useQueryClient()
  const due = useRef<ReturnType<typeof setTimeout>>(undefined)
  const refresh = () => {
    clearTimeout(due.current)
    due.current = setTimeout(() => void client.invalidateQueries({ queryKey: ['overview'] }), 400)
  }
  const line = useLive(traceStream, refresh, refresh)
  return (
    <>
      <PageHead
        title="Overview"
        about={
          query.data ? (
            <span title={absolute(Date.parse(query.data.since))}>
              Calls of the last 24 hours
              {query.data.truncated && ': more than could be counted, so these are at least'}
            </span>
          ) : (
            'Calls of the last 24 hours'
          )
        }
      >
        <LineState line={line} />
      </PageHead>
      {query.isPending ? (
        <Skeleton />
      ) : query.isError ? (
        <Failed what="the overview" error={query.error} retry={() => void query.refetch()} />
      ) : (
        <Numbers data={query.data} />
      )}
    </>
  )
}

function Numbers({ data }: { data: Overview }) {
  const { calls, verdicts, pending_approvals, success_rate, recent, truncated } = data
  const atLeast = truncated ? '≥ ' : ''
  return (
    <div className="grid gap-4">
      <div className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line md:grid-cols-3 xl:grid-cols-6">
        <Tile name="Calls" to={{ to: '/traces' }} value={`${atLeast}${count(calls)}`} />
        <Tile
          name="Allowed"
          status="allowed"
          to={{ to: '/traces', search: { verdict: 'allow' } }}
          value={`${atLeast}${count(verdicts.allow)}`}
        />
        <Tile name="Held" status="held" to={{ to: '/traces', search: { verdict: 'hold' } }} value={`${atLeast}${count(verdicts.hold)}`} />
        <Tile
          name="Refused"
          status="refused"
          to={{ to: '/traces', search: { verdict: 'deny' } }}
          value={`${atLeast}${count(verdicts.deny)}`}
        />
        <Tile name="Waiting for a person" to={{ to: '/approvals' }} value={String(pending_approvals)} />
        <Tile
          name="Success rate"
          to={{ to: '/traces', search: { status: 'succeeded' } }}
          value={success_rate === null ? undefined : `${Math.floor(success_rate * 1000) / 10} %`}
          unknown="none settled yet"
        />
      </div>
      <div className="grid gap-4 xl:grid-cols-[minmax(0,1fr)_22rem]">
        <Panel title="Calls by verdict" aside="24 hours, half an hour a bar">
          <Timeline />
        </Panel>
        <EvidenceHealth evidence={data.evidence} />
      </div>
      <div className="grid gap-4 xl:grid-cols-[minmax(0,1fr)_22rem]">
        <Panel
          title="Recent traces"
          flush
          aside={
            <Link to="/traces" className="hover:text-ink">
              All traces
            </Link>
          }
        >
          {recent.length === 0 ? (
            <Empty title="No call has been governed yet">
              Send one from the{' '}
              <Link to="/playground" className="font-medium text-accent underline underline-offset-2">
                playground
              </Link>
              : it appears here as it is decided.
            </Empty>
          ) : (
            <ul>
              {recent.slice(0, 8).map(({ id, status, tool, reason, at }) => (
                <li key={id} className="border-b border-line last:border-b-0">
                  <Link
                    to="/traces/$id"
                    params={{ id }}
                    className="grid h-9 grid-cols-[6rem_9rem_minmax(0,1fr)_auto] items-center gap-3 px-4 -outline-offset-2 hover:bg-hover"
                  >
                    <Badge status={ofStatus(status)} bare />
                    <span className="truncate font-medium">{tool}</span>
                    <span className="truncate text-ink-3">{reason && <Said text={reason.message} />}</span>
                    <Time at={at} className="text-xs text-ink-3" />
                  </Link>
                </li>
              ))}
            </ul>
          )}
        </Panel>
        <Statuses statuses={data.statuses} />
      </div>
    </div>
  )
}

/** A number that leads to what it counts. A number that is not known is said so, and is never zero. */
function Tile({
  name,
  value,
  unknown,
  status,
  to,
}: {
  name: string
  value: string | undefined
  unknown?: string
  status?: Status
  to: LinkProps
}) {
  const look = status && looks[status]
  const Icon = look?.icon
  return (
    <Link {...to} className="group bg-surface px-4 py-3 -outline-offset-2 hover:bg-hover">
      <span className="flex items-center gap-1.5 text-xs text-ink-3">
        {Icon && <Icon aria-hidden className={cx('size-3.5', look.text)} />}
        <span className="truncate">{name}</span>
        <ChevronRight aria-hidden className="ml-auto size-3 shrink-0 opacity-0 group-hover:opacity-100" />
      </span>
      {value === undefined ? (
        <span className="mt-1 block text-sm/9 text-ink-3">{unknown ?? 'not known'}</span>
      ) : (
        <span className="tabular mt-1 block text-3xl font-semibold tracking-[-0.02em]">{value}</span>
      )}
    </Link>
  )
}

function Statuses({ statuses }: { statuses: Overview['statuses'] }) {
  const rows = Object.entries(statuses)
    .filter(([, number]) => number > 0)
    .toSorted(([, a], [, b]) => b - a)
  const most = rows[0]?.[1] ?? 1
  return (
    <Panel title="What became of them" flush>
      {rows.length === 0 ? (
        <p className="px-4 py-3 text-ink-3">Nothing yet.</p>
      ) : (
        <ul className="py-1.5">
          {rows.map(([status, number]) => (
            <li key={status}>
              <Link
                to="/traces"
                search={{ status: status as 'failed' }}
                className="grid h-8 grid-cols-[6rem_minmax(0,1fr)_3rem] items-center gap-3 px-4 -outline-offset-2 hover:bg-hover"
              >
                <Badge status={ofStatus(status)} bare />
                <span aria-hidden className="h-1.5 rounded-full bg-sunken">
                  <span
                    className={cx('block h-full rounded-full', looks[ofStatus(status)].bar)}
                    style={{ width: `${Math.max(2, (number / most) * 100)}%` }}
                  />
                </span>
                <span className="tabular text-right">{count(number)}</span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}

function Skeleton() {
  return (
    <Loading what="the overview" className="grid gap-4">
      <div className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line md:grid-cols-3 xl:grid-cols-6">
        {Array.from({ length: 6 }, (_, tile) => (
          <div key={tile} className="bg-surface px-4 py-3">
            <Bar className="h-3 w-20" />
            <Bar className="mt-3 h-6 w-12" />
          </div>
        ))}
      </div>
      <div className="grid gap-4 xl:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="h-64 rounded-lg border border-line bg-surface" />
        <div className="h-64 rounded-lg border border-line bg-surface" />
      </div>
    </Loading>
  )
}
