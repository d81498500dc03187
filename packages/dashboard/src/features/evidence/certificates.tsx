import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTitle } from '../../app/title.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { shortened } from '../../ui/id.tsx'
import { PageHead } from '../../ui/panel.tsx'
import { Bar, Loading } from '../../ui/skeleton.tsx'
import { Empty, Failed } from '../../ui/states.tsx'
import { ofVerdict } from '../../ui/status.ts'
import { Time } from '../../ui/time.tsx'
import { certificatesQuery } from './queries.ts'

const columns =
  'grid grid-cols-[6.5rem_6rem_minmax(0,1fr)_6rem] lg:grid-cols-[6.5rem_6rem_9rem_minmax(7rem,12rem)_minmax(0,1fr)_9rem_5rem] gap-x-3 items-center px-4'

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
          <Loading what="certificates">
            <div className="h-8 border-b border-line" />
            {Array.from({ length: 10 }, (_, row) => (
              <div key={row} className={cx(columns, 'h-[37px] border-b border-line last:border-b-0')}>
                <Bar className="w-14" />
                <Bar className="w-16" />
                <Bar className="w-24" />
                <Bar className="w-20 max-lg:hidden" />
                <Bar className="w-48 max-lg:hidden" />
                <Bar className="w-20 max-lg:hidden" />
                <Bar className="ml-auto w-8" />
              </div>
            ))}
          </Loading>
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
            <div role="row" className={cx(columns, 'label h-8 border-b border-line')}>
              <span role="columnheader">Issued</span>
              <span role="columnheader">Verdict</span>
              <span role="columnheader" className="max-lg:hidden">
                Result
              </span>
              <span role="columnheader">Action</span>
              <span role="columnheader" className="max-lg:hidden">
                Certificate
              </span>
              <span role="columnheader" className="max-lg:hidden">
                Principal
              </span>
              <span role="columnheader" className="text-right">
                Entry
              </span>
            </div>
            {rows.map(({ decision_id, issued_at, verdict, result, action, principal, entry }) => (
              <div
                key={decision_id}
                role="row"
                className={cx(columns, 'relative h-[37px] border-b border-line last:border-b-0 hover:bg-hover has-focus-visible:bg-hover')}
              >
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
                  <Link
                    to="/evidence/$id"
                    params={{ id: decision_id }}
                    className="font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
                  >
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
