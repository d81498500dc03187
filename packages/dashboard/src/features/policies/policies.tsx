import type { PolicySetSummary } from '@agentgate/api'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { FileInput, Lock, Plus, ShieldAlert } from 'lucide-react'
import { useId } from 'react'
import { present } from '../../app/search.ts'
import { useSession } from '../../app/session.tsx'
import { useTitle } from '../../app/title.ts'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { fieldClass } from '../../ui/field.tsx'
import { shortened } from '../../ui/id.tsx'
import { PageHead } from '../../ui/panel.tsx'
import { Radios } from '../../ui/radios.tsx'
import { Empty, Failed, Filtered } from '../../ui/states.tsx'
import { type Column, Heads, LoadingRows, rowClass, rowLinkClass } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'
import { policyStates } from './address.ts'
import { GrantsPanel } from './grants.tsx'
import { Import } from './import.tsx'
import { NewSet } from './new-set.tsx'
import { policiesQuery } from './queries.ts'
import { useRowKeys } from './rows.ts'
import { Standing, standings } from './standing.tsx'
import { Starters } from './starters.tsx'

const route = getRouteApi('/shell/policies')
type State = (typeof policyStates)[number]

/** The policy sets and how each stands, and the bundled ones to begin from. */
export function PoliciesPage() {
  useTitle('Policies')
  const search = route.useSearch()
  const navigate = useNavigate()
  const { can } = useSession()
  const query = useQuery(policiesQuery(search.state === 'deleted'))
  useRowKeys()
  const all = query.data?.items ?? []
  const rows = all.filter((set) => shown(set, search))
  const filtered = search.state !== undefined || search.name !== undefined
  const begin = (from: string | undefined) => void navigate({ to: '/policies', search: present({ ...search, begin: from }) })
  const load = (from: 'files' | undefined) => void navigate({ to: '/policies', search: present({ ...search, load: from }) })
  const mayWrite = { disabled: !can('policy:write'), title: can('policy:write') ? undefined : 'Needs `policy:write`' }
  return (
    <>
      <PageHead title="Policies" about="What may be called. A forbid in any active set denies; else a permit allows; else it is denied.">
        <Button {...mayWrite} onClick={() => load('files')} icon={<FileInput aria-hidden className="size-4" />}>
          Import…
        </Button>
        <Button kind="solid" {...mayWrite} onClick={() => begin('nothing')} icon={<Plus aria-hidden className="size-4" />}>
          New set…
        </Button>
      </PageHead>
      {query.isSuccess && search.state !== 'deleted' && all.length > 0 && !all.some(({ active_version: active }) => active !== null) && (
        <p
          role="note"
          className="mb-3 flex items-center gap-2 rounded-lg border border-refused-line bg-refused-soft px-4 py-2.5 text-refused"
        >
          <ShieldAlert aria-hidden className="size-4 shrink-0" /> No set is active: every call is denied.
        </p>
      )}
      <Filters search={search} />
      <div className="rounded-lg border border-line bg-surface">
        {query.isPending ? (
          <LoadingRows what="policies" columns={heads} rows={5} className={cx(columns, 'h-10')} />
        ) : query.isError ? (
          <Failed what="policies" error={query.error} retry={() => void query.refetch()} />
        ) : rows.length > 0 ? (
          <Rows rows={rows} />
        ) : filtered ? (
          <Filtered what="policy sets" clear={() => void navigate({ to: '/policies', search: {} })} />
        ) : (
          <Empty title="There is no policy set, so every call is denied">
            Begin from one of the sets below, or write one as Cedar text.
          </Empty>
        )}
      </div>
      {query.isSuccess && (
        <p role="status" className="mt-2 text-xs text-ink-3">
          {rows.length} of {all.length} {all.length === 1 ? 'set' : 'sets'}
        </p>
      )}
      <Starters taken={new Set(all.map(({ id }) => id))} begin={begin} />
      {can('evidence:read') && <GrantsPanel />}
      {search.begin !== undefined && <NewSet from={search.begin} taken={all.map(({ id }) => id)} close={() => begin(undefined)} />}
      {search.load === 'files' && <Import all={all} close={() => load(undefined)} />}
    </>
  )
}

function shown(set: PolicySetSummary, { state, name }: { state?: State; name?: string }): boolean {
  if (name !== undefined && !set.id.includes(name.toLowerCase())) return false
  if (state === undefined) return true
  if (state === 'locked') return set.locked
  // A set that is published may have a draft besides.
  return state === 'draft' ? set.draft !== null : set.state === state
}

const columns =
  'grid grid-cols-[minmax(0,1fr)_11rem] md:grid-cols-[minmax(0,1fr)_11rem_7rem_9rem] lg:grid-cols-[minmax(0,1fr)_11rem_7rem_12rem_7rem_8rem] gap-x-3 items-center px-4'

const heads: readonly Column[] = [
  { name: 'Set', bar: 'w-32' },
  { name: 'State', bar: 'w-16' },
  { name: 'Active', from: 'md', bar: 'w-12' },
  { name: 'Draft', from: 'md', bar: 'w-24' },
  { name: 'Published', from: 'lg', bar: 'w-14' },
  { name: 'Digest', from: 'lg', bar: 'w-20' },
]

function Rows({ rows }: { rows: readonly PolicySetSummary[] }) {
  return (
    <div role="table" aria-label="Policy sets">
      <Heads columns={heads} className={columns} />
      {rows.map((set) => (
        <Row key={set.id} set={set} />
      ))}
    </div>
  )
}

function Row({ set }: { set: PolicySetSummary }) {
  const { id, versions, active_version: active, draft, published_at: published, digest } = set
  return (
    <div role="row" className={cx(columns, rowClass, 'relative h-10')}>
      <span role="cell" className="truncate">
        <Link to="/policies/$id" params={{ id }} data-row={id} className={rowLinkClass}>
          {id}
        </Link>
      </span>
      <span role="cell" className="flex">
        <Standing set={set} />
      </span>
      <span role="cell" className="tabular max-md:hidden">
        {active === null ? <span className="text-ink-3">none</span> : `v${active}`}
        <span className="text-ink-3"> of {versions}</span>
      </span>
      <span role="cell" className="truncate text-xs text-ink-3 max-md:hidden">
        {draft ? (
          <>
            revision {draft.revision}, <Time at={draft.edited_at} />
          </>
        ) : (
          'none'
        )}
      </span>
      <span role="cell" className="text-xs text-ink-3 max-lg:hidden">
        {published === null ? 'never' : <Time at={published} />}
      </span>
      <span role="cell" className="truncate font-mono text-xs text-ink-3 max-lg:hidden" title={digest ?? undefined}>
        {digest === null ? '' : shortened(digest)}
      </span>
    </div>
  )
}

function Filters({ search }: { search: { state?: State; name?: string } }) {
  const navigate = useNavigate()
  const ids = useId()
  const set = (change: { state?: State | undefined; name?: string | undefined }) =>
    void navigate({ to: '/policies', search: present({ ...search, ...change }), replace: true })
  return (
    <div className="mb-3 flex flex-wrap items-center gap-2">
      <Radios
        label="State"
        value={search.state}
        choose={(state) => set({ state })}
        options={[undefined, ...policyStates].map((state) => ({
          value: state,
          word: state ?? 'All',
          ...(state && { icon: state === 'locked' ? Lock : standings[state].icon, tone: 'text-ink-3' }),
        }))}
      />
      <label className="sr-only" htmlFor={`${ids}name`}>
        Name
      </label>
      <input
        id={`${ids}name`}
        data-main-field
        value={search.name ?? ''}
        placeholder="Name"
        spellCheck={false}
        onChange={({ target }) => set({ name: target.value.trim() || undefined })}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur()
        }}
        className={cx(fieldClass, 'h-7 w-40 text-xs')}
      />
    </div>
  )
}
