import { useQuery } from '@tanstack/react-query'
import { looks, ofVerdict } from '../../ui/status.ts'
import { Bar, Loading } from '../../ui/skeleton.tsx'
import { Failed } from '../../ui/states.tsx'
import { cx } from '../../ui/cx.ts'
import { order, scaleTop, segments } from './chart.ts'
import { timelineQuery } from './queries.ts'

const height = 160
const hour = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const fills = { allow: 'fill-allowed-fill', hold: 'fill-held-fill', deny: 'fill-refused-fill' } as const

/** Calls over time, stacked by verdict, and the same numbers as a table for those who do not see it. */
export function Timeline() {
  const query = useQuery(timelineQuery)
  if (query.isPending)
    return (
      <Loading what="the chart">
        <Bar className="h-[180px] w-full" />
      </Loading>
    )
  if (query.isError) return <Failed what="the chart" error={query.error} retry={() => void query.refetch()} />
  const { buckets } = query.data
  const top = scaleTop(Math.max(0, ...buckets.map(({ allow, hold, deny }) => allow + hold + deny)))
  const quiet = buckets.every(({ allow, hold, deny }) => allow + hold + deny === 0)
  const step = 100 / Math.max(1, buckets.length)
  return (
    <figure>
      <div className="flex gap-2">
        <div aria-hidden className="tabular flex flex-col justify-between text-right text-2xs text-ink-3" style={{ height }}>
          <span>{top}</span>
          <span>0</span>
        </div>
        <div className="relative min-w-0 flex-1">
          <svg
            aria-hidden
            width="100%"
            height={height}
            viewBox={`0 0 100 ${height}`}
            preserveAspectRatio="none"
            className="block border-b border-line-strong"
          >
            <line x1="0" x2="100" y1="0.5" y2="0.5" className="stroke-line" vectorEffect="non-scaling-stroke" />
            <line x1="0" x2="100" y1={height / 2} y2={height / 2} className="stroke-line" vectorEffect="non-scaling-stroke" />
            {buckets.map((bucket, at) => (
              <g key={bucket.from}>
                <title>{`${hour.format(new Date(bucket.from))}: ${bucket.allow} allowed, ${bucket.hold} held, ${bucket.deny} refused`}</title>
                <rect x={at * step} width={step} y={0} height={height} className="fill-transparent hover:fill-hover" />
                {segments(bucket, top, height).map(({ verdict, y, height: tall }) => (
                  <rect
                    key={verdict}
                    x={at * step + step * 0.14}
                    width={step * 0.72}
                    y={y}
                    height={tall}
                    className={cx(fills[verdict], 'pointer-events-none')}
                  />
                ))}
              </g>
            ))}
          </svg>
          {quiet && <p className="absolute inset-0 grid place-items-center text-ink-3">No calls in this time</p>}
          <div aria-hidden className="tabular mt-1 flex justify-between text-2xs text-ink-3">
            {[0, 12, 24, 36].map((at) => (
              <span key={at}>{buckets[at] && hour.format(new Date(buckets[at].from))}</span>
            ))}
            <span>now</span>
          </div>
        </div>
      </div>
      <figcaption className="mt-2 flex gap-4 text-xs text-ink-2">
        {order.map((verdict) => {
          const { icon: Icon, text } = looks[ofVerdict(verdict)]
          return (
            <span key={verdict} className="inline-flex items-center gap-1.5">
              <Icon aria-hidden className={cx('size-3.5', text)} /> {ofVerdict(verdict)}
            </span>
          )
        })}
      </figcaption>
      <table className="sr-only">
        <caption>Calls by verdict</caption>
        <thead>
          <tr>
            <th>From</th>
            <th>Allowed</th>
            <th>Held</th>
            <th>Refused</th>
          </tr>
        </thead>
        <tbody>
          {buckets
            .filter(({ allow, hold, deny }) => allow + hold + deny > 0)
            .map(({ from, allow, hold, deny }) => (
              <tr key={from}>
                <td>{from}</td>
                <td>{allow}</td>
                <td>{hold}</td>
                <td>{deny}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </figure>
  )
}
