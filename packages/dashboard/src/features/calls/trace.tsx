import type { TraceDetail, WireDecision } from '@agentgate/api'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { ArrowLeft, FileBadge, Inbox } from 'lucide-react'
import { useLive } from '../../app/live.ts'
import { useSession } from '../../app/session.tsx'
import { useTitle } from '../../app/title.ts'
import { Badge } from '../../ui/badge.tsx'
import { cx } from '../../ui/cx.ts'
import { Id } from '../../ui/id.tsx'
import { JsonView } from '../../ui/json.tsx'
import { milliseconds } from '../../ui/moment.ts'
import { Fact, Facts, PageHead, Panel } from '../../ui/panel.tsx'
import { Bar, Loading } from '../../ui/skeleton.tsx'
import { Failed } from '../../ui/states.tsx'
import { looks, ofStatus, ofVerdict } from '../../ui/status.ts'
import { Time } from '../../ui/time.tsx'
import { explain } from '../../ui/trouble.ts'
import { Findings, ReasonLine } from './findings.tsx'
import { traceQuery, traceStream } from './queries.ts'

const route = getRouteApi('/shell/traces/$id')

/** Why a payload is not shown: the certificate and its proofs stay as they were. */
const gone = {
  erased: 'Erased: its key was destroyed. The certificate stays, and verifies.',
  damaged: 'It does not open any more: it was damaged or moved. The audit log says so.',
}

/** One governed call: every time it was decided, by what, and what became of it. */
export function TracePage() {
  const { id } = route.useParams()
  const query = useQuery(traceQuery(id))
  const client = useQueryClient()
  const refresh = () => void client.invalidateQueries({ queryKey: ['trace', id] })
  useLive(traceStream, ({ trace, type }) => (type === 'reset' || trace?.id === query.data?.trace.id) && refresh(), refresh)
  useTitle(query.data ? `${query.data.trace.tool} · Trace` : 'Trace')
  return (
    <>
      <Link to="/traces" className="mb-2 inline-flex items-center gap-1 text-xs text-ink-3 hover:text-ink">
        <ArrowLeft aria-hidden className="size-3" /> Traces
      </Link>
      {!query.isSuccess && <h1 className="sr-only">Trace</h1>}
      {query.isPending ? (
        <Skeleton />
      ) : query.isError ? (
        explain(query.error).status === 404 ? (
          <NoSuch id={id} />
        ) : (
          <Failed what="this trace" error={query.error} retry={() => void query.refetch()} />
        )
      ) : (
        <Detail detail={query.data} />
      )}
    </>
  )
}

function NoSuch({ id }: { id: string }) {
  return (
    <div data-state="missing" className="py-16 text-center">
      <h2 className="text-lg font-semibold">No such trace</h2>
      <p className="mt-1 text-ink-2">
        No call that you may see has the id <code className="break-all font-mono text-xs">{id}</code>.
      </p>
    </div>
  )
}

function Detail({ detail: { trace, decisions, outcome, inspected, entry } }: { detail: TraceDetail }) {
  const { decision: asked } = route.useSearch()
  const { can } = useSession()
  const shown = decisions.find(({ certificate_id }) => certificate_id === asked) ?? decisions.at(-1)
  return (
    <>
      <PageHead
        title={
          <span className="flex flex-wrap items-center gap-3">
            {trace.tool} <Badge status={ofStatus(trace.status)} />
          </span>
        }
        about={looks[ofStatus(trace.status)].means}
      >
        {shown?.approval_id && can('approval:read') && (
          <Link
            to="/approvals"
            search={{ id: shown.approval_id, ...(trace.status !== 'waiting' && { show: 'decided' as const }) }}
            className={linkClass}
          >
            <Inbox aria-hidden className="size-3.5" /> Approval
          </Link>
        )}
        {shown && can('evidence:read') && (
          <Link to="/evidence/$id" params={{ id: shown.certificate_id }} className={linkClass}>
            <FileBadge aria-hidden className="size-3.5" /> Certificate
          </Link>
        )}
      </PageHead>
      {trace.reason && (
        <div className={cx('mb-4 rounded-lg border px-4 py-2.5', looks[ofStatus(trace.status)].badge)}>
          <ReasonLine reason={trace.reason} />
        </div>
      )}
      {decisions.length > 1 && <Decisions decisions={decisions} shown={shown} id={trace.id} />}
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_27rem]">
        <div className="grid min-w-0 gap-4">
          {shown && (
            <Panel title="Controls" flush aside={<span className="tabular">decided in {milliseconds(trace.ms)}</span>}>
              <Findings findings={shown.findings} />
            </Panel>
          )}
          {inspected && (
            <Panel title="In the answer" flush>
              <Findings findings={inspected} />
            </Panel>
          )}
          <div className="grid gap-4 lg:grid-cols-2">
            <Panel title="Input" aside="masked">
              {trace.payload ? (
                <p className="text-ink-3">{gone[trace.payload]}</p>
              ) : shown ? (
                <JsonView value={shown.call.input} label="Masked input" />
              ) : (
                <p className="text-ink-3">Not known.</p>
              )}
            </Panel>
            <Panel title="Outcome" aside={outcome ? 'masked' : undefined}>
              {trace.payload ? (
                <p className="text-ink-3">{gone[trace.payload]}</p>
              ) : (
                <OutcomeView outcome={outcome} status={trace.status} />
              )}
            </Panel>
          </div>
          {shown && !trace.payload && (
            <Panel title="What the policies saw" aside="facts in context">
              <JsonView value={shown.call.context} label="Context" className="text-ink-2" />
            </Panel>
          )}
        </div>
        <Panel title="Call">
          <Facts className="grid-cols-[6rem_minmax(0,1fr)]">
            <Fact name="Trace">
              <Id id={trace.id} what="the trace id" />
            </Fact>
            {shown && (
              <Fact name="Certificate">
                <Id id={shown.certificate_id} what="the certificate id" />
              </Fact>
            )}
            <Fact name="Decided">
              <Time at={shown?.issued_at ?? trace.at} />
            </Fact>
            <Fact name="Settled">{trace.settled_at ? <Time at={trace.settled_at} /> : <span className="text-ink-3">not yet</span>}</Fact>
            <Fact name="Action">
              {trace.action} <span className="text-ink-3">({trace.effect})</span>
            </Fact>
            <Fact name="Resource">
              <code className="break-all font-mono text-xs">{trace.resource || 'none'}</code>
            </Fact>
            <Fact name="Principal">
              <Id id={trace.principal} what="the principal id" />
            </Fact>
            {trace.on_behalf_of && (
              <Fact name="On behalf of">
                <Id id={trace.on_behalf_of} what="the principal id" />
              </Fact>
            )}
            <Fact name="Session">
              <Id id={trace.session_id} what="the session id" />
            </Fact>
            <Fact name="Cost">
              {trace.cost === undefined ? <span className="text-ink-3">not priced</span> : `$${(trace.cost / 1e6).toFixed(6)}`}
            </Fact>
            <Fact name="Ledger entry">
              {entry === undefined ? (
                <span className="text-ink-3">not known</span>
              ) : (
                <span className="tabular font-mono text-xs">{entry}</span>
              )}
            </Fact>
            {shown && <PolicyFacts decision={shown} />}
            {shown && (
              <Fact name="Solver">
                {shown.proof.solver.mode === 'off' ? (
                  <span className="text-ink-3">off: stated, not proved</span>
                ) : (
                  `${shown.proof.solver.mode}, ${shown.proof.solver.answer}`
                )}
              </Fact>
            )}
          </Facts>
        </Panel>
      </div>
    </>
  )
}

const linkClass = 'inline-flex h-8 items-center gap-1.5 rounded-md border border-line-strong bg-surface px-3 font-medium hover:bg-hover'

function PolicyFacts({ decision: { policy } }: { decision: WireDecision }) {
  return (
    <Fact name="Policies">
      {policy.determining.length === 0 ? (
        <span className="text-ink-3">no policy decided</span>
      ) : (
        <ul className="space-y-0.5">
          {policy.determining.map((name) => (
            <li key={name}>
              <code className="rounded-sm border border-accent/30 bg-accent-soft px-1 font-mono text-xs text-accent">{name}</code>
            </li>
          ))}
        </ul>
      )}
      {policy.digests.map((digest) => (
        <div key={digest}>
          <Id id={digest} what="the policy digest" short />
        </div>
      ))}
    </Fact>
  )
}

/** A held call is decided again when its answer comes: each time stays on record. */
function Decisions({ decisions, shown, id }: { decisions: readonly WireDecision[]; shown: WireDecision | undefined; id: string }) {
  return (
    <nav aria-label="Decisions" className="mb-4 flex flex-wrap gap-2">
      {decisions.map((decision, at) => (
        <Link
          key={decision.certificate_id}
          to="/traces/$id"
          params={{ id }}
          search={{ decision: decision.certificate_id }}
          replace
          aria-current={decision === shown ? 'true' : undefined}
          className="flex h-8 items-center gap-2 rounded-md border border-line px-2.5 text-ink-2 hover:bg-hover aria-[current]:border-line-strong aria-[current]:bg-surface aria-[current]:text-ink"
        >
          <span className="tabular text-xs text-ink-3">{at + 1}</span>
          <Badge status={ofVerdict(decision.verdict)} bare />
          <Time at={decision.issued_at} className="text-xs text-ink-3" />
        </Link>
      ))}
    </nav>
  )
}

function OutcomeView({ outcome, status }: { outcome: TraceDetail['outcome']; status: string }) {
  if (!outcome)
    return (
      <p className="text-ink-3">
        {status === 'waiting'
          ? 'It has not run: it waits for a person.'
          : status === 'running'
            ? 'It may be running: nobody has reported yet.'
            : 'Not known.'}
      </p>
    )
  return (
    <div className="space-y-2">
      <Badge status={ofStatus(outcome.status)} {...(outcome.status === 'succeeded' && { word: 'succeeded' })} />
      {outcome.reason && <ReasonLine reason={outcome.reason} />}
      {outcome.error !== undefined && <JsonView value={outcome.error} label="Masked error" />}
      {outcome.status === 'succeeded' && <JsonView value={outcome.output ?? null} label="Masked output" />}
    </div>
  )
}

function Skeleton() {
  return (
    <Loading what="the trace">
      <div className="mb-4 flex h-[50px] flex-col justify-center gap-2">
        <Bar className="h-5 w-48" />
        <Bar className="w-64" />
      </div>
      <div className="grid gap-4 xl:grid-cols-[minmax(0,1fr)_27rem]">
        <div className="h-80 rounded-lg border border-line bg-surface" />
        <div className="h-80 rounded-lg border border-line bg-surface" />
      </div>
    </Loading>
  )
}
