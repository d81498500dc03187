import { useMutation, useQuery } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { send } from '../../app/client.ts'
import { useSession } from '../../app/session.tsx'
import { Button } from '../../ui/button.tsx'
import { Id } from '../../ui/id.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Bar, Loading } from '../../ui/skeleton.tsx'
import { Empty, Failed } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { explain } from '../../ui/trouble.ts'
import { Warning } from '../../ui/warning.tsx'
import { hand } from '../evidence/bundle.ts'
import { accessReportQuery } from './queries.ts'
import { countsOf } from './sessions.tsx'

/** Who saw values again, what for and how often, as the audit chain has it. */
export function AccessTab() {
  const { can } = useSession()
  const query = useQuery({ ...accessReportQuery, enabled: can('pii:audit') })
  if (!can('pii:audit')) return <p className="text-ink-3">Needs pii:audit, which none of your roles has.</p>
  const looked = query.data?.looked_at
  return (
    <Panel
      title="Who saw values"
      flush
      aside={
        looked && (
          <>
            {looked.entries} entries of the ledger{looked.complete ? '' : ', the newest'}
          </>
        )
      }
    >
      {can('audit:export') && <Export />}
      {query.isPending ? (
        <Loading what="the access report">
          <div className="space-y-5 px-4 py-4">
            <Bar className="w-3/4" />
            <Bar className="w-2/3" />
          </div>
        </Loading>
      ) : query.isError ? (
        <Failed what="the access report" error={query.error} retry={() => void query.refetch()} />
      ) : query.data.items.length === 0 ? (
        <Empty title="Nobody saw a value">Whoever restores or reveals one stands here from then on, with what for.</Empty>
      ) : (
        <ul aria-label="Who saw values">
          {query.data.items.map(({ principal, restored, revealed, released, values, purposes, sessions, last_at: at }) => (
            <li
              key={principal}
              className="grid gap-x-4 gap-y-1 border-b border-line px-4 py-2.5 last:border-b-0 md:grid-cols-[13rem_minmax(0,1fr)_9rem]"
            >
              <div>
                <Id id={principal} what="the principal" short />
                <p className="text-xs text-ink-3">
                  {times(restored, 'restored')}
                  {times(revealed, 'revealed')}
                  {times(released, 'released to tools')}
                  in {sessions} {sessions === 1 ? 'session' : 'sessions'}
                </p>
              </div>
              <div className="min-w-0">
                <p>{countsOf(values)}</p>
                <p className="break-words text-xs text-ink-3">
                  {purposes.length === 0 ? 'for no purpose that was said' : purposes.join(' · ')}
                </p>
              </div>
              <span className="text-xs/5 text-ink-3 md:text-right">
                last <Time at={at} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}

/** The events about personal data as a file. It is on the audit log itself. */
function Export() {
  const save = useMutation({
    mutationFn: async (format: 'csv' | 'jsonl') => {
      const response = await send(`/api/pii/audit/export?format=${format}`)
      if (!response.ok) throw new Error(`the server answered ${response.status}`)
      hand(await response.blob(), `pii-audit.${format}`)
    },
  })
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2">
      {(['csv', 'jsonl'] as const).map((format) => (
        <Button
          key={format}
          small
          disabled={save.isPending}
          icon={<Download aria-hidden className="size-3.5" />}
          onClick={() => save.mutate(format)}
        >
          Events as {format === 'csv' ? 'CSV' : 'JSON lines'}
        </Button>
      ))}
      <span className="text-xs text-ink-3">Every event about personal data, as a file. Saving one is on the audit log.</span>
      {save.isError && <Warning>{explain(save.error).detail}</Warning>}
    </div>
  )
}

function times(count: number, what: string): string {
  return count === 0 ? '' : `${count} × ${what}, `
}
