import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTitle } from '../../app/title.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { shortened } from '../../ui/id.tsx'
import { PageHead } from '../../ui/panel.tsx'
import { Empty, Failed } from '../../ui/states.tsx'
import { ofVerdict } from '../../ui/status.ts'
import { type Column, Heads, LoadingRows, rowClass, rowLinkClass } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'
import { certificatesQuery } from './queries.ts'

const columns =
  'grid grid-cols-[6.5rem_6rem_minmax(0,1fr)_6rem] lg:grid-cols-[6.5rem_6rem_9rem_minmax(7rem,12rem)_minmax(0,1fr)_9rem_5rem] gap-x-3 items-center px-4'

const heads: readonly Column[] = [
  { name: 'Issued', bar: 'w-14' },
  { name: 'Verdict', bar: 'w-16' },
  { name: 'Result', from: 'lg', bar: 'w-20' },
  { name: 'Action', bar: 'w-24' },
  { name: 'Certificate', from: 'lg', bar: 'w-48' },
  { name: 'Principal', from: 'lg', bar: 'w-20' },
  { name: 'Entry', right: true, bar: 'w-8' },
]

/** Every decision's certificate, newest first. */
export function CertificatesPage() {
  useTitle('Evidence')
  const query = useInfiniteQuery(certificatesQuery)
  const rows = query.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <>
      <PageHead
        title="Evidence"
        about="A signed certificate for every decision, refusals included. Open one to check it here, without trusting this server."
      />
      <div className="rounded-lg border border-line bg-surface">
        {query.isPending ? (
          <LoadingRows what="certificates" columns={heads} rows={10} className={cx(columns, 'h-[37px]')} />
        ) : query.isError ? (
          <Failed what="certificates" error={query.error} retry={() => void query.refetch()} />
        ) : rows.length === 0 ? (
          <Empty title="No certificate has been issued yet">
            Every governed call gets one. Send a message in the{' '}
            <Link to="/playground" className="font-medium text-accent underline underline-offset-2">
              playground
            </Link>
            .
          </Empty>
        ) : (
          <div role="table" aria-label="Certificates">
            <Heads columns={heads} className={columns} />
            {rows.map(({ decision_id, issued_at, verdict, result, action, principal, entry }) => (
              <div key={decision_id} role="row" className={cx(columns, rowClass, 'relative h-[37px]')}>
                <span role="cell" className="text-xs text-ink-3">
                  <Time at={issued_at} />
                </span>
                <span role="cell" className="flex">
                  <Badge status={ofVerdict(verdict)} bare />
                </span>
                <span role="cell" className="truncate font-mono text-2xs text-ink-2 max-lg:hidden">
                  {result}
                </span>
                <span role="cell" className="truncate">
                  <Link to="/evidence/$id" params={{ id: decision_id }} className={rowLinkClass}>
                    {action}
                  </Link>
                </span>
                <span role="cell" className="truncate font-mono text-xs text-ink-3 max-lg:hidden">
                  {decision_id}
                </span>
                <span role="cell" className="truncate font-mono text-xs text-ink-3 max-lg:hidden" title={principal}>
                  {shortened(principal)}
                </span>
                <span role="cell" className="tabular text-right text-xs text-ink-3">
                  {entry}
                </span>
              </div>
            ))}
          </div>
        )}
      </div>
      {query.hasNextPage && (
        <Button small className="mt-3" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {query.isFetchingNextPage ? 'Loading…' : 'Older certificates'}
        </Button>
      )}
    </>
  )
}
