import type { PolicySetSummary, Replayed } from '@agentgate/api'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { ArrowRight, History } from 'lucide-react'
import { useSession } from '../../app/session.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { count } from '../../ui/count.ts'
import { cx } from '../../ui/cx.ts'
import { fieldClass } from '../../ui/field.tsx'
import { shortened } from '../../ui/id.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Bar, Loading } from '../../ui/skeleton.tsx'
import { Empty, Failed } from '../../ui/states.tsx'
import { ofVerdict } from '../../ui/status.ts'
import { Time } from '../../ui/time.tsx'
import { replayQuery } from './queries.ts'
import { Subject, subjectBody } from './subject.tsx'

const route = getRouteApi('/shell/policies/$id')
const limits = [100, 500, 2000] as const

/** What recorded calls would have become under this text. Nothing runs and nothing changes. */
export function ReplayTab({ set }: { set: PolicySetSummary }) {
  const { version, calls } = route.useSearch()
  const navigate = useNavigate()
  const limit = limits.find((each) => each === calls)
  const query = useQuery({
    ...replayQuery(set.id, { ...subjectBody(set, version), limit: limit ?? 500 }),
    enabled: limit !== undefined,
  })
  const run = (many: number) => {
    if (many === limit) return void query.refetch()
    void navigate({ to: '/policies/$id', params: { id: set.id }, search: (before) => ({ ...before, calls: many }), replace: true })
  }
  return (
    <div className="grid gap-4">
      <form
        className="flex flex-wrap items-center gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          run(Number(new FormData(event.currentTarget).get('limit')))
        }}
      >
        <Subject set={set} label="Judge by" />
        <label className="flex items-center gap-2 text-ink-2">
          the newest
          <select name="limit" defaultValue={limit ?? 500} className={cx(fieldClass, 'h-8')}>
            {limits.map((each) => (
              <option key={each} value={each}>
                {count(each)} calls
              </option>
            ))}
          </select>
        </label>
        <Button kind="solid" type="submit" disabled={query.isFetching} icon={<History aria-hidden className="size-4" />}>
          {query.isFetching ? 'Judging…' : 'Replay'}
        </Button>
        <p className="text-xs text-ink-3">In place of this set’s active version, beside the other active sets. Nothing runs or changes.</p>
      </form>
      {limit === undefined ? (
        <div className="rounded-lg border border-line bg-surface">
          <Empty title="Nothing has been replayed">
            Recorded calls are judged again by this text: what it would newly deny and newly allow is listed, by tool and by agent.
          </Empty>
        </div>
      ) : query.isFetching ? (
        <Loading what="the replay" className="grid gap-4">
          <div className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line md:grid-cols-5">
            {Array.from({ length: 5 }, (_, tile) => (
              <div key={tile} className="bg-surface px-4 py-3">
                <Bar className="w-20" />
                <Bar className="mt-3 h-6 w-12" />
              </div>
            ))}
          </div>
          <div className="h-56 rounded-lg border border-line bg-surface" />
        </Loading>
      ) : query.isError ? (
        <div className="rounded-lg border border-line bg-surface">
          <Failed what="the replay" error={query.error} retry={() => void query.refetch()} />
        </div>
      ) : query.data ? (
        <Result data={query.data} />
      ) : null}
    </div>
  )
}

function Result({ data }: { data: Replayed }) {
  const { calls, newly_allowed: allowed, newly_denied: denied, otherwise, unfit, changed } = data
  const { can } = useSession()
  if (calls === 0 && unfit === 0)
    return (
      <div className="rounded-lg border border-line bg-surface">
        <Empty title="No call has been recorded yet">
          There is nothing to judge again. Calls that are governed from now on can be replayed.
        </Empty>
      </div>
    )
  return (
    <>
      <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line md:grid-cols-5" data-part="replay">
        <Tile name="Calls judged" value={calls} />
        <Tile name="Newly denied" value={denied} tone="text-refused" />
        <Tile name="Newly allowed" value={allowed} tone="text-allowed" />
        <Tile name="Otherwise" value={otherwise} title="Changed between held and refused, or became held." tone="text-held" />
        <Tile name="Not judged" value={unfit} title="Their tool is gone, or their facts do not fit." tone="text-failed" />
      </dl>
      <div className="grid gap-4 lg:grid-cols-2">
        <Tally title="By tool" rows={data.by_tool} />
        <Tally title="By agent" rows={data.by_agent} />
      </div>
      <Panel
        title="Calls that would be decided otherwise"
        flush
        aside={changed.length > 0 && `${count(changed.length)} listed, newest first`}
      >
        {changed.length === 0 ? (
          <p className="px-4 py-6 text-center text-ink-2">
            {calls === 0 ? 'None could be judged.' : `None of the ${count(calls)} that were judged.`}
          </p>
        ) : (
          <ul aria-label="Changed calls" className="max-h-[32rem] overflow-y-auto">
            {changed.map((call) => (
              <li
                key={call.id}
                className="grid min-h-9 grid-cols-[5rem_11.5rem_minmax(0,1fr)] items-center gap-3 border-b border-line px-4 py-1 last:border-b-0 hover:bg-hover lg:grid-cols-[5rem_11.5rem_minmax(0,10rem)_minmax(0,1fr)_8rem]"
              >
                <Time at={call.at} className="text-xs text-ink-3" />
                <span className="flex items-center gap-1.5">
                  <Badge status={ofVerdict(call.before)} bare /> <ArrowRight aria-hidden className="size-3 text-ink-3" />
                  <span className="sr-only">becomes</span> <Badge status={ofVerdict(call.after)} bare />
                </span>
                {can('trace:read') ? (
                  <Link
                    to="/traces/$id"
                    params={{ id: call.id }}
                    className="truncate font-medium text-accent underline underline-offset-2"
                    title={call.resource}
                  >
                    {call.tool}
                  </Link>
                ) : (
                  <span className="truncate font-medium">{call.tool}</span>
                )}
                <span className="truncate font-mono text-xs text-ink-3 max-lg:hidden" title={call.determining.join(', ')}>
                  {call.determining.join(', ') || 'no policy permits it'}
                </span>
                <span className="truncate font-mono text-xs text-ink-3 max-lg:hidden" title={call.principal}>
                  {shortened(call.principal)}
                </span>
              </li>
            ))}
          </ul>
        )}
      </Panel>
    </>
  )
}

function Tile({ name, value, tone, title }: { name: string; value: number; tone?: string; title?: string }) {
  return (
    <div className="bg-surface px-4 py-3" title={title}>
      <dt className="text-xs text-ink-3">{name}</dt>
      <dd className={cx('tabular mt-1 text-3xl font-semibold tracking-[-0.02em]', value > 0 && tone)}>{count(value)}</dd>
    </div>
  )
}

function Tally({ title, rows }: { title: string; rows: Replayed['by_tool'] }) {
  return (
    <Panel title={title} flush>
      {rows.length === 0 ? (
        <p className="px-4 py-3 text-ink-3">None.</p>
      ) : (
        <div className="overflow-x-auto">
          <table className="w-full text-left">
            <thead>
              <tr className="label border-b border-line">
                <th scope="col" className="px-4 py-1.5 font-medium">
                  Name
                </th>
                {['Calls', 'Newly denied', 'Newly allowed'].map((each) => (
                  <th key={each} scope="col" className="px-4 py-1.5 text-right font-medium">
                    {each}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map(({ name, calls, newly_denied: denied, newly_allowed: allowed }) => (
                <tr key={name} className="border-b border-line last:border-b-0">
                  <td className="max-w-48 truncate px-4 py-1.5 font-mono text-xs" title={name}>
                    {shortened(name)}
                  </td>
                  <td className="tabular px-4 py-1.5 text-right">{count(calls)}</td>
                  <td className={cx('tabular px-4 py-1.5 text-right', denied > 0 ? 'font-medium text-refused' : 'text-ink-3')}>
                    {count(denied)}
                  </td>
                  <td className={cx('tabular px-4 py-1.5 text-right', allowed > 0 ? 'font-medium text-allowed' : 'text-ink-3')}>
                    {count(allowed)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  )
}
