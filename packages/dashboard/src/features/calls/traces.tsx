import type { Trace } from '@agentgate/api'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { ArrowUp, Pause, Play } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { type Binding, useKeys } from '../../app/keys.ts'
import { useLive } from '../../app/live.ts'
import { useTitle } from '../../app/title.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { shortened } from '../../ui/id.tsx'
import { LineState } from '../../ui/line.tsx'
import { milliseconds } from '../../ui/moment.ts'
import { PageHead } from '../../ui/panel.tsx'
import { Said } from '../../ui/said.tsx'
import { Empty, Failed, Filtered } from '../../ui/states.tsx'
import { ofStatus } from '../../ui/status.ts'
import { type Column, Heads, LoadingRows, rowClass, rowLinkClass } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'
import { TraceFilters } from './filters.tsx'
import { traceStream, tracesQuery } from './queries.ts'
import { heard, quiet, resumed, shownRows, unseen } from './tail.ts'

const route = getRouteApi('/shell/traces')
const rowHeight = 37
/** The same for the heading, the rows and their skeleton. */
const columns =
  'grid grid-cols-[5.5rem_6rem_minmax(0,1fr)] md:grid-cols-[5.5rem_6rem_minmax(6rem,10rem)_minmax(0,1fr)_4.5rem] lg:grid-cols-[5.5rem_6rem_minmax(7rem,9rem)_minmax(7rem,10rem)_minmax(0,1fr)_8.5rem_4.5rem] gap-x-3 items-center'

const heads: readonly Column[] = [
  { name: 'Time', bar: 'w-14' },
  { name: 'Status', bar: 'w-16' },
  { name: 'Tool', bar: 'w-24' },
  { name: 'Resource', from: 'lg', bar: 'w-32' },
  { name: 'Reason', from: 'md', bar: 'w-3/5' },
  { name: 'Principal', from: 'lg', bar: 'w-20' },
  { name: 'Decided in', from: 'md', right: true, bar: 'w-9' },
]

/** Every governed call, newest first, moving as calls are decided. */
export function TracesPage() {
  useTitle('Traces')
  const filters = route.useSearch()
  const navigate = useNavigate()
  const query = useInfiniteQuery(tracesQuery(filters))
  const loaded = useMemo(() => query.data?.pages.flatMap(({ items }) => items) ?? [], [query.data])
  const { tail, line, paused, setPaused, resume } = useTail(loaded, () => void query.refetch())
  const rows = useMemo(() => shownRows(loaded, tail, filters), [loaded, tail, filters])
  const waiting = unseen(loaded, tail, filters)
  const filtered = Object.keys(filters).length > 0
  const clear = () => void navigate({ to: '/traces', search: {} })
  useKeys(
    useMemo(
      (): readonly Binding[] => [{ keys: 'p', does: 'Pause', run: () => (paused ? resume() : setPaused(true)) }],
      [paused, resume, setPaused],
    ),
  )

  return (
    <>
      <PageHead title="Traces" about="Every governed call: what was asked, what each control found, what was decided.">
        <LineState line={line} paused={paused} />
        <Button
          small
          onClick={() => (paused ? resume() : setPaused(true))}
          aria-pressed={paused}
          icon={paused ? <Play aria-hidden className="size-3.5" /> : <Pause aria-hidden className="size-3.5" />}
        >
          {paused ? 'Resume' : 'Pause'}
        </Button>
      </PageHead>
      <TraceFilters filters={filters} />
      <div className="relative rounded-lg border border-line bg-surface">
        {waiting > 0 && (
          <div className="pointer-events-none sticky top-2 z-20 flex h-0 justify-center">
            <Button
              kind="solid"
              small
              className="rise pointer-events-auto translate-y-10 rounded-full shadow-pop"
              onClick={resume}
              icon={<ArrowUp aria-hidden className="size-3.5" />}
            >
              {waiting} new
            </Button>
          </div>
        )}
        {query.isPending ? (
          <LoadingRows what="traces" columns={heads} rows={12} className={cx(columns, 'px-4')} style={{ height: rowHeight }} />
        ) : query.isError ? (
          <Failed what="traces" error={query.error} retry={() => void query.refetch()} />
        ) : rows.length > 0 ? (
          <Rows rows={rows} more={query.hasNextPage && !query.isFetchingNextPage ? () => void query.fetchNextPage() : undefined} />
        ) : filtered ? (
          <Filtered what="traces" clear={clear} />
        ) : (
          <Empty title="No call has been governed yet">
            <p>
              Send a message in the{' '}
              <Link to="/playground" className="font-medium text-accent underline underline-offset-2">
                playground
              </Link>
              , or post one:
            </p>
            <code className="mt-2 block rounded-md border border-line bg-sunken px-3 py-2 text-left font-mono text-xs">
              {'POST /api/calls {"action": "chat", "input": {"message": "…"}}'}
            </code>
          </Empty>
        )}
      </div>
      {query.isSuccess && (
        <p className="mt-2 text-xs text-ink-3" role="status">
          {rows.length} shown{query.hasNextPage ? ', more below' : filtered ? '' : ', that is all'}
        </p>
      )}
    </>
  )
}

/** Follows the stream. Scrolled away from the top, it holds still as if paused: rows never move under the eye. */
function useTail(loaded: readonly Trace[], reload: () => void) {
  const [tail, setTail] = useState(quiet)
  const [paused, setPaused] = useState(false)
  const listed = useRef(new Set<string>())
  useEffect(() => {
    listed.current = new Set(loaded.map(({ id }) => id))
  }, [loaded])
  const again = () => {
    setTail(quiet)
    reload()
  }
  const line = useLive(
    traceStream,
    ({ type, trace }) => {
      if (type === 'reset') again()
      else if (trace)
        setTail((before) => heard(before, trace, { paused: paused || window.scrollY > 120, listed: (id) => listed.current.has(id) }))
    },
    again,
  )
  const resume = () => {
    setPaused(false)
    setTail(resumed)
    window.scrollTo({ top: 0 })
  }
  return { tail, line, paused, setPaused, resume }
}

function Rows({ rows, more }: { rows: readonly Trace[]; more: (() => void) | undefined }) {
  const list = useRef<HTMLDivElement>(null)
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollMargin: list.current?.offsetTop ?? 0,
    getItemKey: (index) => rows[index]?.id ?? index,
  })
  const items = virtual.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (last >= rows.length - 20) more?.()
  }, [last, rows.length, more])
  useRowKeys(rows.length, (index) => virtual.scrollToIndex(index))
  return (
    <div role="table" aria-label="Traces" aria-rowcount={rows.length + 1} ref={list}>
      <Heads columns={heads} aria-rowindex={1} className={cx(columns, 'px-4')} />
      <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, start, key }) => {
          const row = rows[index]
          return row && <Row key={key} trace={row} index={index} top={start - virtual.options.scrollMargin} />
        })}
      </div>
    </div>
  )
}

function Row({ trace, index, top }: { trace: Trace; index: number; top: number }) {
  const { id, at, status, tool, resource, reason, principal, ms } = trace
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className={cx(columns, rowClass, 'absolute inset-x-0 px-4')}
      style={{ height: rowHeight, transform: `translateY(${top}px)` }}
    >
      <span role="cell" className="text-xs text-ink-3">
        <Time at={at} />
      </span>
      <span role="cell" className="flex">
        <Badge status={ofStatus(status)} bare />
      </span>
      <span role="cell" className="truncate">
        <Link to="/traces/$id" params={{ id }} data-row={index} className={rowLinkClass}>
          {tool}
        </Link>
      </span>
      <span role="cell" className="truncate font-mono text-xs text-ink-2 max-lg:hidden" title={resource}>
        {resource}
      </span>
      <span role="cell" className="truncate text-ink-2 max-md:hidden" title={reason?.message}>
        {reason && (
          <>
            <span className="font-mono text-xs">{reason.kind ?? reason.code}</span>{' '}
            <span className="text-ink-3">
              <Said text={reason.message} />
            </span>
          </>
        )}
      </span>
      <span role="cell" className="truncate font-mono text-xs text-ink-3 max-lg:hidden" title={principal}>
        {shortened(principal)}
      </span>
      <span role="cell" className="tabular text-right text-xs text-ink-3 max-md:hidden">
        {milliseconds(ms)}
      </span>
    </div>
  )
}

/** `j` and `k` move through the rows; Enter opens, as on any link. */
function useRowKeys(count: number, reveal: (index: number) => void): void {
  const bindings = useMemo((): readonly Binding[] => {
    const move = (by: number) => () => {
      const at = Number(document.activeElement?.getAttribute('data-row') ?? (by > 0 ? -1 : count))
      const to = Math.max(0, Math.min(count - 1, at + by))
      reveal(to)
      requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-row="${to}"]`)?.focus())
    }
    return [
      { keys: 'j', does: 'Next row', run: move(1) },
      { keys: 'k', does: 'Previous row', run: move(-1) },
    ]
  }, [count, reveal])
  useKeys(bindings)
}
