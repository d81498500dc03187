import type { WireFinding } from '@agentgate/api'
import { ChevronRight } from 'lucide-react'
import { Badge } from '../../ui/badge.tsx'
import { cx } from '../../ui/cx.ts'
import { JsonView } from '../../ui/json.tsx'
import { milliseconds } from '../../ui/moment.ts'
import { Said } from '../../ui/said.tsx'
import { looks, ofVerdict, type Status } from '../../ui/status.ts'
import { notable } from './notable.ts'
import { waterfall } from './waterfall.ts'

/** What each control found, in the order they were asked, and how long each took. Open one for its reason and facts. */
export function Findings({ findings, narrow = false }: { findings: readonly WireFinding[]; narrow?: boolean }) {
  const { total, steps } = waterfall(findings)
  if (findings.length === 0) return <p className="px-4 py-3 text-ink-3">No control was asked.</p>
  return (
    <div>
      <ol aria-label="Findings">
        {steps.map(({ finding, left, width }, at) => (
          <li key={`${at}${finding.control}`} className="border-b border-line last:border-b-0">
            <details className="group" open={isTelling(finding)}>
              <summary
                className={cx(
                  'grid h-9 cursor-pointer list-none items-center gap-3 px-4 hover:bg-hover',
                  narrow
                    ? 'grid-cols-[minmax(0,1fr)_5.5rem_4rem]'
                    : 'grid-cols-[minmax(0,13rem)_6rem_minmax(1rem,1fr)_4.5rem] sm:grid-cols-[minmax(8rem,13rem)_6rem_minmax(4rem,1fr)_4.5rem]',
                )}
              >
                <span className="flex min-w-0 items-center gap-1.5">
                  <ChevronRight
                    aria-hidden
                    className="size-3.5 shrink-0 text-ink-3 transition-transform duration-100 group-open:rotate-90"
                  />
                  <span className="truncate font-mono text-xs">{finding.control}</span>
                </span>
                <Badge status={statusOf(finding)} bare />
                {!narrow && (
                  <span aria-hidden className="relative h-2">
                    <span
                      className={cx('absolute inset-y-0 rounded-[2px]', looks[statusOf(finding)].bar)}
                      style={{ left: `${left}%`, width: `${width}%` }}
                    />
                  </span>
                )}
                <span className="tabular text-right text-xs text-ink-3">{milliseconds(finding.ms)}</span>
              </summary>
              <Detail finding={finding} />
            </details>
          </li>
        ))}
      </ol>
      {!narrow && (
        <p className="tabular flex justify-between border-t border-line px-4 py-2 text-xs text-ink-3">
          <span>
            {findings.length} {findings.length === 1 ? 'finding' : 'findings'}, asked one after the other
          </span>
          <span>{milliseconds(total)}</span>
        </p>
      )}
    </div>
  )
}

/** Whether it is open from the start: what stopped the call, and attacks that did not. */
function isTelling({ verdict, reason, facts }: WireFinding): boolean {
  if (reason !== undefined && verdict !== 'pass' && verdict !== 'allow') return true
  return Array.isArray(facts?.['threat_kinds']) && notable(facts) !== undefined
}

function statusOf({ verdict, shadow }: WireFinding): Status {
  return shadow ? 'shadow' : ofVerdict(verdict)
}

function Detail({ finding }: { finding: WireFinding }) {
  const { reason, facts, obligations, policy, shadow } = finding
  const noted = notable(facts)
  const bare = !reason && !shadow && !facts && !obligations?.length && !policy
  return (
    <div className="space-y-2 bg-sunken px-4 py-2.5 pl-9">
      {shadow && (
        <p className="text-ink-2">
          In shadow: would have been <Badge status={ofVerdict(shadow.verdict)} bare />
          {shadow.reason && (
            <>
              {' '}
              (
              <Said text={shadow.reason.message} />)
            </>
          )}
          , and was not enforced.
        </p>
      )}
      {reason && <ReasonLine reason={reason} />}
      {noted !== undefined && <p className="font-medium text-held">{noted}</p>}
      {policy && policy.determining.length > 0 && (
        <p className="text-ink-2">
          Decided by{' '}
          {policy.determining.map((name) => (
            <code key={name} className="mr-1 rounded-sm border border-line bg-surface px-1 font-mono text-xs">
              {name}
            </code>
          ))}
        </p>
      )}
      {obligations?.map(({ name, value, policy: by }) => (
        <p key={`${name}${by}`} className="text-ink-2">
          Obliges to <code className="font-mono text-xs">{name}</code> {value} <span className="text-ink-3">({by})</span>
        </p>
      ))}
      {facts && Object.keys(facts).length > 0 && <JsonView value={facts} label={`Facts of ${finding.control}`} className="text-ink-2" />}
      {bare && <p className="text-ink-3">Nothing to object to, and nothing to add.</p>}
    </div>
  )
}

/** The code of a reason and its sentence. */
export function ReasonLine({ reason }: { reason: { code: string; message: string; kind?: string | undefined } }) {
  return (
    <p className="text-ink-2">
      <code className="mr-1.5 rounded-sm border border-line bg-surface px-1 font-mono text-xs text-ink">
        {reason.code}
        {reason.kind && ` · ${reason.kind}`}
      </code>
      <Said text={reason.message} />
    </p>
  )
}
