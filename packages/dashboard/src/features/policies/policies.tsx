import type { PolicySetSummary } from '@agentgate/api'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Lock, Plus, ShieldAlert } from 'lucide-react'
import { useId } from 'react'
import { present } from '../../app/search.ts'
import { useSession } from '../../app/session.tsx'
import { useTitle } from '../../app/title.ts'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { fieldClass } from '../../ui/field.tsx'
import { shortened } from '../../ui/id.tsx'
import { PageHead } from '../../ui/panel.tsx'
import { Bar, Loading } from '../../ui/skeleton.tsx'
import { Empty, Failed, Filtered } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { policyStates } from './address.ts'
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
  return (
    <>
      <PageHead title="Policies" about="What may be called. A forbid in any active set denies; else a permit allows; else it is denied.">
        <Button
          kind="solid"
          disabled={!can('policy:write')}
          title={can('policy:write') ? undefined : 'Needs `policy:write`'}
          onClick={() => begin('nothing')}
          icon={<Plus aria-hidden className="size-4" />}
        >
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
          <LoadingRows />
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
      {search.begin !== undefined && <NewSet from={search.begin} taken={all.map(({ id }) => id)} close={() => begin(undefined)} />}
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

function Rows({ rows }: { rows: readonly PolicySetSummary[] }) {
  return (
    <div role="table" aria-label="Policy sets">
      <div role="row" className={cx(columns, 'label h-8 border-b border-line')}>
        <span role="columnheader">Set</span>
        <span role="columnheader">State</span>
        <span role="columnheader" className="max-md:hidden">
          Active
        </span>
        <span role="columnheader" className="max-md:hidden">
          Draft
        </span>
        <span role="columnheader" className="max-lg:hidden">
          Published
        </span>
        <span role="columnheader" className="max-lg:hidden">
          Digest
        </span>
      </div>
      {rows.map((set) => (
        <Row key={set.id} set={set} />
      ))}
    </div>
  )
}

function Row({ set }: { set: PolicySetSummary }) {
  const { id, versions, active_version: active, draft, published_at: published, digest } = set
  return (
    <div role="row" className={cx(columns, 'relative h-10 border-b border-line last:border-b-0 hover:bg-hover has-focus-visible:bg-hover')}>
      <span role="cell" className="truncate">
        <Link
          to="/policies/$id"
          params={{ id }}
          data-row={id}
          className="font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
        >
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
      <fieldset className="flex max-w-full overflow-x-auto rounded-md border border-line-strong bg-surface p-px">
        <legend className="sr-only">State</legend>
        {[undefined, ...policyStates].map((state) => {
          const Icon = state && (state === 'locked' ? Lock : standings[state].icon)
          return (
            <label
              key={state ?? 'all'}
              className="flex h-[26px] cursor-pointer items-center gap-1 rounded-[5px] px-2 text-xs font-medium text-ink-2 hover:text-ink has-checked:bg-hover has-checked:text-ink has-focus-visible:outline-2 has-focus-visible:outline-accent"
            >
              <input
                type="radio"
                name={`${ids}state`}
                className="sr-only"
                checked={search.state === state}
                onChange={() => set({ state })}
              />
              {Icon && <Icon aria-hidden className="size-3.5 text-ink-3" />}
              {state ?? 'All'}
            </label>
          )
        })}
      </fieldset>
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

function LoadingRows() {
  return (
    <Loading what="policies">
      <div className="h-8 border-b border-line" />
      {Array.from({ length: 5 }, (_, row) => (
        <div key={row} className={cx(columns, 'h-10 border-b border-line last:border-b-0')}>
          <Bar className="w-32" />
          <Bar className="w-16" />
          <Bar className="w-12 max-md:hidden" />
          <Bar className="w-24 max-md:hidden" />
          <Bar className="w-14 max-lg:hidden" />
          <Bar className="w-20 max-lg:hidden" />
        </div>
      ))}
    </Loading>
  )
}
