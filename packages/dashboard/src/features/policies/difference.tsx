import type { PolicySetSummary } from '@agentgate/api'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Sigma } from 'lucide-react'
import { useMemo } from 'react'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { milliseconds } from '../../ui/moment.ts'
import { Bar, Loading } from '../../ui/skeleton.tsx'
import { Failed } from '../../ui/states.tsx'
import { CallsView, ChangesView } from './consequences.tsx'
import { analyzeQuery, diffQuery, draftQuery, versionQuery } from './queries.ts'
import { type DiffLine, diffLines, folded } from './text-diff.ts'

const route = getRouteApi('/shell/policies/$id')

/** What two texts differ in: by policy, by line, and, when the solver is asked, by call. */
export function Difference({ set, from, to }: { set: PolicySetSummary; from: number; to: number | undefined }) {
  const { ask } = route.useSearch()
  const navigate = useNavigate()
  const stamp = to === undefined ? String(set.draft?.revision) : ''
  const changes = useQuery(diffQuery(set.id, from, to))
  const calls = useQuery({
    ...analyzeQuery(
      set.id,
      { questions: ['difference'], against: { id: set.id, version: from }, ...(to === undefined ? { draft: true } : { version: to }) },
      stamp,
    ),
    enabled: ask === 'calls',
  })
  return (
    <div className="divide-y divide-line">
      <div className="space-y-2 px-4 py-3">
        <h3 className="label">By policy</h3>
        {changes.isPending ? (
          <Loading what="the difference">
            <Bar className="w-48" />
          </Loading>
        ) : changes.isError ? (
          <Failed what="the difference" error={changes.error} retry={() => void changes.refetch()} />
        ) : (
          <ChangesView changes={changes.data} />
        )}
      </div>
      <div className="space-y-2 px-4 py-3" data-part="calls">
        <h3 className="label">By call</h3>
        {ask !== 'calls' ? (
          <Button
            small
            icon={<Sigma aria-hidden className="size-3.5" />}
            onClick={() =>
              void navigate({
                to: '/policies/$id',
                params: { id: set.id },
                search: (before) => ({ ...before, from, ...(to !== undefined && { to }), ask: 'calls' as const }),
                replace: true,
              })
            }
          >
            Ask the solver which calls are decided otherwise
          </Button>
        ) : calls.isPending ? (
          <Loading what="the solver’s answer" className="space-y-2">
            <p className="text-ink-3">The solver is asked over all calls. It may take some seconds…</p>
            <Bar className="w-64" />
          </Loading>
        ) : calls.isError ? (
          <Failed what="the solver’s answer" error={calls.error} retry={() => void calls.refetch()} />
        ) : calls.data.difference ? (
          <div className="grid gap-4 lg:grid-cols-2">
            <section>
              <h4 className="mb-1 text-xs font-medium">Newly allowed</h4>
              <CallsView
                calls={calls.data.difference.newly_allowed}
                none="None: nothing more is allowed."
                by={{ id: set.id, version: to }}
              />
            </section>
            <section>
              <h4 className="mb-1 text-xs font-medium">Newly denied</h4>
              <CallsView calls={calls.data.difference.newly_denied} none="None: nothing more is denied." by={{ id: set.id, version: to }} />
            </section>
            <p className="tabular text-xs text-ink-3">answered in {milliseconds(calls.data.ms)}</p>
          </div>
        ) : (
          <p className="text-failed">The server did not answer this question.</p>
        )}
      </div>
      <Lines set={set} from={from} to={to} />
    </div>
  )
}

function Lines({ set: { id }, from, to }: { set: PolicySetSummary; from: number; to: number | undefined }) {
  const before = useQuery(versionQuery(id, from))
  const version = useQuery({ ...versionQuery(id, to ?? 1), enabled: to !== undefined })
  const draft = useQuery({ ...draftQuery(id), enabled: to === undefined })
  const after = to === undefined ? draft : version
  const lines = useMemo(
    () => (before.data && after.data ? diffLines(before.data.text, after.data.text) : undefined),
    [before.data, after.data],
  )
  const failed = before.error ?? after.error
  return (
    <div>
      <h3 className="label px-4 py-3">By line, as Cedar</h3>
      {failed ? (
        <Failed what="the texts" error={failed} />
      ) : !lines ? (
        <Loading what="the texts" className="space-y-2 px-4 pb-4">
          <Bar className="w-1/2" />
          <Bar className="w-2/5" />
        </Loading>
      ) : lines.every(({ kind }) => kind === 'same') ? (
        <p className="px-4 pb-4 text-ink-2">The same text.</p>
      ) : (
        <div
          role="group"
          aria-label="Lines that differ"
          tabIndex={0}
          className="max-h-[36rem] overflow-auto border-t border-line font-mono text-xs/5 -outline-offset-2"
        >
          {folded(lines).map((hunk, at) =>
            'hidden' in hunk ? (
              <p key={at} className="border-y border-line bg-sunken px-4 py-0.5 text-ink-3">
                {hunk.hidden} {hunk.hidden === 1 ? 'line' : 'lines'} the same
              </p>
            ) : (
              hunk.lines.slice(0, 2000).map((line, row) => <Line key={`${at}-${row}`} line={line} />)
            ),
          )}
        </div>
      )}
    </div>
  )
}

const signs = { same: ' ', added: '+', removed: '−' } as const
const tones = { same: '', added: 'bg-allowed-soft text-allowed', removed: 'bg-refused-soft text-refused' } as const

function Line({ line: { kind, text, before, after } }: { line: DiffLine }) {
  return (
    <div data-line={kind} className={cx('grid grid-cols-[3rem_3rem_1.25rem_minmax(0,1fr)]', tones[kind])}>
      <span className="tabular select-none pr-2 text-right text-ink-3">{before ?? ''}</span>
      <span className="tabular select-none pr-2 text-right text-ink-3">{after ?? ''}</span>
      <span className="select-none text-center">
        <span aria-hidden>{signs[kind]}</span>
        {kind !== 'same' && <span className="sr-only">{kind}</span>}
      </span>
      <span className="whitespace-pre-wrap break-words pr-3">{text || ' '}</span>
    </div>
  )
}
