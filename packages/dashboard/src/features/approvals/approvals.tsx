import { type Approval, Problem } from '@agentgate/api'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import { api } from '../../app/client.ts'
import { type Binding, useKeys } from '../../app/keys.ts'
import { useSession } from '../../app/session.tsx'
import { useTitle } from '../../app/title.ts'
import { Badge } from '../../ui/badge.tsx'
import { cx } from '../../ui/cx.ts'
import { shortened } from '../../ui/id.tsx'
import { LineState } from '../../ui/line.tsx'
import { useNow } from '../../ui/now.ts'
import { PageHead } from '../../ui/panel.tsx'
import { Bar, Loading } from '../../ui/skeleton.tsx'
import { Empty, Failed } from '../../ui/states.tsx'
import { ofApproval } from '../../ui/status.ts'
import { Countdown, Time } from '../../ui/time.tsx'
import { explain } from '../../ui/trouble.ts'
import { decidedQuery, pendingQuery, useApprovalsLine } from './pending.ts'
import { Request } from './request.tsx'

const route = getRouteApi('/shell/approvals')

/** The calls that wait for a person, and what people said of earlier ones. */
export function ApprovalsPage() {
  useTitle('Approvals')
  const { show, id } = route.useSearch()
  const pending = useQuery(pendingQuery)
  const decided = useQuery({ ...decidedQuery, enabled: show === 'decided' })
  const query = show === 'decided' ? decided : pending
  const items = show === 'decided' ? decided.data : pending.data?.items
  const listed = items?.find((each) => each.id === id)
  const asked = useQuery({
    queryKey: ['approvals', 'one', id],
    queryFn: ({ signal }) => api.approvals.get({ params: { id: id ?? '' }, signal }),
    enabled: id !== undefined && items !== undefined && !listed,
  })
  const selected = id === undefined ? items?.[0] : (listed ?? asked.data)
  const line = useApprovalsLine()
  const { can } = useSession()
  useListKeys(items ?? [], selected)
  return (
    <>
      <PageHead title="Approvals" about="Held calls. Nobody decides their own; a call runs once, with exactly the input shown.">
        <LineState line={line} />
      </PageHead>
      <nav aria-label="Requests" className="mb-3 flex gap-4 border-b border-line">
        <Tab to="pending" current={show !== 'decided'} count={pending.data?.items.length} />
        <Tab to="decided" current={show === 'decided'} />
      </nav>
      {query.isPending ? (
        <Skeleton />
      ) : query.isError ? (
        <Failed what="approvals" error={query.error} retry={() => void query.refetch()} />
      ) : (
        <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-[22rem_minmax(0,1fr)]">
          <div className="rounded-lg border border-line bg-surface">
            {items?.length ? (
              <ul aria-label={show === 'decided' ? 'Decided requests' : 'Waiting requests'}>
                {items.map((approval) => (
                  <Entry key={approval.id} approval={approval} current={approval.id === selected?.id} />
                ))}
              </ul>
            ) : show === 'decided' ? (
              <Empty title="Nothing has been decided yet" />
            ) : (
              <Empty title="Nothing waits for a person">
                Calls appear here as they are held.
                {can('playground:use') && (
                  <>
                    {' '}
                    Try “Delete a user” in the{' '}
                    <Link to="/playground" className="font-medium text-accent underline underline-offset-2">
                      playground
                    </Link>
                    .
                  </>
                )}
              </Empty>
            )}
          </div>
          {selected ? (
            <Request key={selected.id} approval={selected} />
          ) : id !== undefined && asked.isError ? (
            asked.error instanceof Problem && asked.error.status === 404 ? (
              <Empty title="No such request">No approval that you may see has this id.</Empty>
            ) : (
              <Failed what="this request" error={asked.error} retry={() => void asked.refetch()} />
            )
          ) : null}
        </div>
      )}
      {asked.isError && !selected && <p className="sr-only">{explain(asked.error).detail}</p>}
    </>
  )
}

function Tab({ to, current, count }: { to: 'pending' | 'decided'; current: boolean; count?: number | undefined }) {
  return (
    <Link
      to="/approvals"
      search={to === 'decided' ? { show: 'decided' } : {}}
      aria-current={current ? 'page' : undefined}
      className="-mb-px flex h-9 items-center gap-1.5 border-b-2 border-transparent px-1 font-medium text-ink-3 hover:text-ink aria-[current]:border-ink aria-[current]:text-ink"
    >
      {to === 'decided' ? 'Decided' : 'Waiting'}
      {count !== undefined && <span className="tabular text-xs text-ink-3">{count}</span>}
    </Link>
  )
}

function Entry({ approval, current }: { approval: Approval; current: boolean }) {
  const { id, call, state, requester, own, asked_at, expires_at } = approval
  const { status, word } = ofApproval(approval, useNow())
  return (
    <li className="border-b border-line first:rounded-t-lg last:rounded-b-lg last:border-b-0">
      <Link
        to="/approvals"
        search={{ id, ...(state !== 'pending' && { show: 'decided' as const }) }}
        replace
        data-request={id}
        aria-current={current ? 'true' : undefined}
        className={cx(
          'block border-l-2 border-transparent px-4 py-2.5 -outline-offset-2 first:rounded-t-lg hover:bg-hover',
          'aria-[current]:border-accent aria-[current]:bg-hover',
        )}
      >
        <span className="flex items-center gap-2">
          <span className="truncate font-medium">{call.tool.name}</span>
          <span className="ml-auto text-xs">
            {status === 'held' ? (
              <span className="text-ink-3">
                <Countdown at={expires_at} over="expired" />
              </span>
            ) : (
              <Badge status={status} word={word} bare />
            )}
          </span>
        </span>
        <span className="flex items-center gap-2 text-xs text-ink-3">
          <span className="truncate font-mono">{own ? 'you' : shortened(requester)}</span>
          <span className="ml-auto">
            <Time at={asked_at} />
          </span>
        </span>
      </Link>
    </li>
  )
}

/** `j` and `k` move through the requests. */
function useListKeys(items: readonly Approval[], selected: Approval | undefined): void {
  const navigate = useNavigate()
  useKeys(
    useMemo((): readonly Binding[] => {
      const move = (by: number) => () => {
        const at = items.findIndex(({ id }) => id === selected?.id)
        const next = items[Math.max(0, Math.min(items.length - 1, at + by))]
        if (next) void navigate({ to: '/approvals', search: (before: object) => ({ ...before, id: next.id }), replace: true })
      }
      return [
        { keys: 'j', does: 'Next request', run: move(1) },
        { keys: 'k', does: 'Previous request', run: move(-1) },
      ]
    }, [items, selected, navigate]),
  )
}

function Skeleton() {
  return (
    <Loading what="approvals" className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-[22rem_minmax(0,1fr)]">
      <div className="rounded-lg border border-line bg-surface">
        {Array.from({ length: 4 }, (_, row) => (
          <div key={row} className="flex h-[57px] flex-col justify-center gap-2 border-b border-line px-4 last:border-b-0">
            <Bar className="w-32" />
            <Bar className="w-20" />
          </div>
        ))}
      </div>
      <div className="h-72 rounded-lg border border-line bg-surface" />
    </Loading>
  )
}
