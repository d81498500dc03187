import type { PolicySetSummary, PolicyVersionSummary } from '@agentgate/api'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { GitCompareArrows } from 'lucide-react'
import { useSession } from '../../app/session.tsx'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { fieldClass } from '../../ui/field.tsx'
import { Id, shortened } from '../../ui/id.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Bar, Loading } from '../../ui/skeleton.tsx'
import { Empty, Failed } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { Difference } from './difference.tsx'
import { History } from './history.tsx'
import { forms } from './form.ts'
import { versionsQuery } from './queries.ts'
import { useRowKeys } from './rows.ts'
import { Standing } from './standing.tsx'

const route = getRouteApi('/shell/policies/$id')

/** Every published version, and what any two differ in. */
export function VersionsTab({ set }: { set: PolicySetSummary }) {
  const search = route.useSearch()
  const navigate = useNavigate()
  const query = useInfiniteQuery({ ...versionsQuery(set.id), enabled: set.versions > 0 })
  useRowKeys()
  if (set.versions === 0)
    return (
      <div className="rounded-lg border border-line bg-surface">
        <Empty title="Nothing has been published yet">Publish the draft, and its first version appears here.</Empty>
      </div>
    )
  const rows = query.data?.pages.flatMap(({ items }) => items) ?? []
  const from = search.from ?? (set.draft ? set.versions : Math.max(1, set.versions - 1))
  const to = search.to ?? (set.draft && search.from === undefined ? undefined : search.from === undefined ? set.versions : undefined)
  const compare = (next: { from?: number; to?: number | undefined }) =>
    void navigate({
      to: '/policies/$id',
      params: { id: set.id },
      search: { tab: 'versions', from: next.from ?? from, ...(next.to !== undefined && { to: next.to }) },
      replace: true,
    })
  const comparable = from !== to && from <= set.versions && (to ?? 1) <= set.versions && (to !== undefined || set.draft !== null)
  return (
    <div className="grid gap-4">
      <Panel title="Versions" flush aside="published versions never change">
        {query.isPending ? (
          <Loading what="versions">
            {Array.from({ length: 3 }, (_, row) => (
              <div key={row} className={cx(columns, 'h-10')}>
                <Bar className="w-8" />
                <Bar className="w-16" />
                <Bar className="w-16 max-md:hidden" />
                <Bar className="w-28" />
              </div>
            ))}
          </Loading>
        ) : query.isError ? (
          <Failed what="versions" error={query.error} retry={() => void query.refetch()} />
        ) : (
          <ul aria-label="Versions">
            {rows.map((version) => (
              <Row key={version.version} set={set} version={version} />
            ))}
          </ul>
        )}
        {query.hasNextPage && (
          <div className="border-t border-line px-4 py-2">
            <Button small disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              Older versions
            </Button>
          </div>
        )}
      </Panel>
      <Panel
        title="Difference"
        flush
        aside={
          <div className="flex items-center gap-2">
            <Pick label="From" set={set} value={from} choose={(value) => compare({ from: value ?? 1, to })} />
            <GitCompareArrows aria-hidden className="size-3.5" />
            <Pick label="To" set={set} value={to} choose={(value) => compare({ to: value })} draft />
          </div>
        }
      >
        {comparable ? (
          <Difference key={`${from}-${to ?? 'draft'}`} set={set} from={from} to={to} />
        ) : (
          <p className="px-4 py-8 text-center text-ink-3">
            {set.versions === 1 && !set.draft
              ? 'There is one version only, and no draft to compare it with.'
              : 'Choose two that are not the same.'}
          </p>
        )}
      </Panel>
      <History id={set.id} />
    </div>
  )
}

const columns =
  'grid grid-cols-[3.5rem_7rem_minmax(0,1fr)_auto] md:grid-cols-[3.5rem_7rem_10rem_13rem_minmax(0,1fr)_auto] items-center gap-x-3 border-b border-line px-4 last:border-b-0'

function Row({
  set,
  version: { version, active, digest, form, has_invariants: invariants, published_at: at, published_by: by },
}: {
  set: PolicySetSummary
  version: PolicyVersionSummary
}) {
  const { can } = useSession()
  const navigate = useNavigate()
  return (
    <li className={cx(columns, 'min-h-10 py-1 hover:bg-hover')}>
      <Link
        to="/policies/$id"
        params={{ id: set.id }}
        search={{ version }}
        data-row={version}
        className="tabular font-medium text-accent underline underline-offset-2"
      >
        v{version}
      </Link>
      <span>{active ? <Standing set={{ state: 'active', locked: false }} /> : <span className="text-xs text-ink-3">not active</span>}</span>
      <span className="text-xs text-ink-2 max-md:hidden">
        {forms[form]}
        {invariants && ', invariants'}
      </span>
      <span className="text-xs text-ink-3 max-md:hidden" title={by}>
        <Time at={at} /> by <span className="font-mono">{shortened(by)}</span>
      </span>
      <Id id={digest} what="the digest" short />
      <span className="justify-self-end">
        {!active && set.state !== 'deleted' && (
          <Button
            small
            disabled={!can('policy:activate')}
            title={can('policy:activate') ? undefined : 'Needs `policy:activate`'}
            aria-label={`Activate version ${version}`}
            onClick={() =>
              void navigate({
                to: '/policies/$id',
                params: { id: set.id },
                search: (before) => ({ ...before, do: 'activate' as const, to: version }),
              })
            }
          >
            Activate…
          </Button>
        )}
      </span>
    </li>
  )
}

function Pick({
  label,
  set,
  value,
  choose,
  draft = false,
}: {
  label: string
  set: PolicySetSummary
  value: number | undefined
  choose: (value: number | undefined) => void
  draft?: boolean
}) {
  return (
    <label className="flex items-center gap-1.5">
      {label}
      <select
        value={value ?? 'draft'}
        onChange={({ target }) => choose(target.value === 'draft' ? undefined : Number(target.value))}
        className={cx(fieldClass, 'h-7 text-xs')}
      >
        {draft && set.draft && <option value="draft">draft</option>}
        {Array.from({ length: set.versions }, (_, at) => set.versions - at).map((version) => (
          <option key={version} value={version}>
            v{version}
          </option>
        ))}
      </select>
    </label>
  )
}
