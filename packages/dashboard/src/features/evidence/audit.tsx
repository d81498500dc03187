import type { AuditEvent } from '@agentgate/api'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Search, X } from 'lucide-react'
import { type FormEvent, useId } from 'react'
import { present } from '../../app/search.ts'
import { useSession } from '../../app/session.tsx'
import { useTitle } from '../../app/title.ts'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { fieldClass } from '../../ui/field.tsx'
import { Id, shortened } from '../../ui/id.tsx'
import { JsonView } from '../../ui/json.tsx'
import { Fact, Facts, PageHead } from '../../ui/panel.tsx'
import { Empty, Failed } from '../../ui/states.tsx'
import { type Column, Heads, LoadingRows } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'
import { overviewQuery } from '../calls/queries.ts'
import { ExportPanel } from './export-panel.tsx'
import { EvidenceHealth } from './health.tsx'
import { auditQuery } from './queries.ts'

const route = getRouteApi('/shell/audit')

const columns = 'grid grid-cols-[3.5rem_6.5rem_minmax(0,1fr)] md:grid-cols-[3.5rem_6.5rem_minmax(0,1fr)_11rem] gap-x-3 items-center px-4'
const heads: readonly Column[] = [
  { name: 'Event', bar: 'w-6' },
  { name: 'When', bar: 'w-14' },
  { name: 'What', bar: 'w-40' },
  { name: 'By', from: 'md', bar: 'w-28' },
]

/** What people and the system did, chained: nothing in it can be changed or left out without being found. */
export function AuditPage() {
  const { type } = route.useSearch()
  const { can } = useSession()
  useTitle('Audit log')
  const query = useInfiniteQuery(auditQuery(type))
  const overview = useQuery(overviewQuery)
  const rows = query.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <>
      <PageHead title="Audit log" about="What people and the system did, each event chained to the one before." />
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="min-w-0">
          <TypeFilter type={type} />
          <div className="rounded-lg border border-line bg-surface">
            {query.isPending ? (
              <LoadingRows what="audit events" columns={heads} rows={10} className={cx(columns, 'h-[37px]')} />
            ) : query.isError ? (
              <Failed what="the audit log" error={query.error} retry={() => void query.refetch()} />
            ) : rows.length === 0 ? (
              <Empty title={type === undefined ? 'Nothing happened yet' : 'No such events'}>
                {type === undefined ? 'Sign-ins, policies, reveals and keys are written here.' : 'No event has exactly this type.'}
              </Empty>
            ) : (
              <>
                <Heads columns={heads} className={columns} aria-hidden />
                <ul aria-label="Audit events">
                  {rows.map((event) => (
                    <Row key={event.seq} event={event} />
                  ))}
                </ul>
              </>
            )}
          </div>
          {query.hasNextPage && (
            <Button small className="mt-3" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              {query.isFetchingNextPage ? 'Loading…' : 'Older events'}
            </Button>
          )}
        </div>
        <div className="grid gap-4">
          {overview.data && <EvidenceHealth evidence={overview.data.evidence} />}
          {can('audit:export') && <ExportPanel />}
        </div>
      </div>
    </>
  )
}

function Row({ event: { seq, at, type, by, details, hash } }: { event: AuditEvent }) {
  return (
    <li className="border-b border-line last:border-b-0">
      <details>
        <summary className={cx(columns, 'min-h-[37px] cursor-pointer list-none hover:bg-hover')}>
          <span className="tabular text-xs text-ink-3">{seq}</span>
          <span className="text-xs text-ink-3">
            <Time at={at} />
          </span>
          <span className="truncate font-mono text-xs font-medium">{type}</span>
          <span className="truncate font-mono text-xs text-ink-3 max-md:hidden" title={by}>
            {by === 'system' ? 'the system' : shortened(by)}
          </span>
        </summary>
        <div className="space-y-2 border-t border-line bg-sunken px-4 py-3">
          <Facts>
            <Fact name="By">{by === 'system' ? 'the system' : <Id id={by} what="the principal id" />}</Fact>
            <Fact name="Hash">
              <Id id={hash} what="the event’s hash" />
            </Fact>
          </Facts>
          <JsonView value={details} label={`Details of event ${seq}`} />
        </div>
      </details>
    </li>
  )
}

function TypeFilter({ type }: { type: string | undefined }) {
  const navigate = useNavigate()
  const id = useId()
  const show = (wanted: string | undefined) => void navigate({ to: '/audit', search: present({ type: wanted }), replace: true })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const typed = new FormData(event.currentTarget).get('type')
    show((typeof typed === 'string' && typed.trim()) || undefined)
  }
  return (
    <form onSubmit={submit} className="mb-3 flex items-center gap-2">
      <label className="sr-only" htmlFor={id}>
        Type of event
      </label>
      <input
        key={type ?? ''}
        id={id}
        name="type"
        defaultValue={type ?? ''}
        placeholder="Type, such as policy.activated"
        className={cx(fieldClass, 'h-7 w-64 text-xs')}
      />
      <Button small type="submit" icon={<Search aria-hidden className="size-3.5" />}>
        Show
      </Button>
      {type !== undefined && (
        <Button small kind="ghost" onClick={() => show(undefined)} icon={<X aria-hidden className="size-3.5" />}>
          All types
        </Button>
      )}
    </form>
  )
}
