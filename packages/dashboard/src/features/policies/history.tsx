import { useQuery } from '@tanstack/react-query'
import { shortened } from '../../ui/id.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Bar, Loading } from '../../ui/skeleton.tsx'
import { Failed } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { eventsQuery } from './queries.ts'

/** What happened to a set: who, why, from, to. */
export function History({ id }: { id: string }) {
  const query = useQuery(eventsQuery(id))
  return (
    <Panel title="History" flush aside="newest first">
      {query.isPending ? (
        <Loading what="the history" className="space-y-3 px-4 py-3">
          <Bar className="w-1/2" />
          <Bar className="w-2/5" />
        </Loading>
      ) : query.isError ? (
        <Failed what="the history" error={query.error} retry={() => void query.refetch()} />
      ) : query.data.items.length === 0 ? (
        <p className="px-4 py-3 text-ink-3">Nothing is on record.</p>
      ) : (
        <ol aria-label="History">
          {query.data.items.map(({ type, at, by, why, facts }) => (
            <li
              key={`${at}${type}`}
              className="grid min-h-9 grid-cols-[5rem_7rem_minmax(0,1fr)] items-center gap-3 border-b border-line px-4 py-1 last:border-b-0 md:grid-cols-[5rem_7rem_7rem_10rem_minmax(0,1fr)]"
            >
              <Time at={at} className="text-xs text-ink-3" />
              <span className="font-medium">{type.replace('policy.', '')}</span>
              <span className="tabular text-xs text-ink-2 max-md:hidden">{moved(facts)}</span>
              <span className="truncate font-mono text-xs text-ink-3 max-md:hidden" title={by}>
                {shortened(by)}
              </span>
              <span className="break-words text-ink-2">{why || <span className="text-ink-3">no reason given</span>}</span>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  )
}

/** `v1 to v2`, `none to v1`; nothing when the active version stayed what it was. */
function moved({ from, to }: { readonly [name: string]: unknown }): string {
  const named = (version: unknown) => (typeof version === 'number' ? `v${version}` : 'none')
  return from === to ? '' : `${named(from)} to ${named(to)}`
}
