import type { ChangedCalls, Consequences, PolicyChanges } from '@agentgate/api'
import { Check, KeyRound, Minus, PencilLine, Plus, ShieldAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { cx } from '../../ui/cx.ts'
import { Said } from '../../ui/said.tsx'
import { type Alone, AnswerBadge, Example, Unknown } from './answer.tsx'

/** What a change would do, before it is done: policies, calls, invariants, and what it needs. */
export function ConsequencesView({ of }: { of: Consequences }) {
  const { widened_by: reasons, denies_all: deniesAll, refused, step_up: stepUp } = of
  return (
    <div className="space-y-4">
      {refused && <Refused refused={refused} />}
      {deniesAll && (
        <Notice tone="border-refused-line bg-refused-soft text-refused">
          <ShieldAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          <p>No policy set would be active: every call would be denied.</p>
        </Notice>
      )}
      {stepUp && !refused && (
        <Notice tone="border-held-line bg-held-soft text-held">
          <KeyRound aria-hidden className="mt-0.5 size-4 shrink-0" />
          <div>
            <p>Your password is asked for again, because</p>
            <ul className="list-disc pl-4">
              {reasons.slice(0, 20).map((reason) => (
                <li key={reason}>
                  <Said text={reason} />
                </li>
              ))}
              {reasons.length > 20 && <li>and {reasons.length - 20} more</li>}
            </ul>
          </div>
        </Notice>
      )}
      <Part title="Policies">
        <ChangesView changes={of} />
      </Part>
      <Part title="Newly allowed">
        <CallsView calls={of.newly_allowed} none="No call that is denied now would be allowed." />
      </Part>
      <Part title="Newly denied">
        <CallsView calls={of.newly_denied} none="No call that is allowed now would be denied." />
      </Part>
      {of.invariants.length > 0 && (
        <Part title="Invariants">
          <ul className="space-y-1.5">
            {of.invariants.map((invariant) => (
              <li key={`${invariant.set}/${invariant.id}`} className="space-y-1">
                <p className="flex flex-wrap items-center gap-2">
                  <AnswerBadge answer={invariant.answer} /> {invariant.says}
                  <span className="font-mono text-2xs text-ink-3">{invariant.set}</span>
                </p>
                <Unknown answer={invariant} />
                {invariant.counterexample && <Example call={invariant.counterexample} />}
              </li>
            ))}
          </ul>
        </Part>
      )}
    </div>
  )
}

/** What the server would answer, known before it is asked to do it. */
export function Refused({ refused: { code, message } }: { refused: { readonly code: string; readonly message: string } }) {
  return (
    <Notice tone="border-refused-line bg-refused-soft text-refused">
      <ShieldAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
      <p>
        The server refuses this: <code className="font-mono text-xs">{code}</code>. <Said text={message} />
      </p>
    </Notice>
  )
}

function Notice({ tone, children }: { tone: string; children: ReactNode }) {
  return <div className={cx('flex items-start gap-2 rounded-md border px-3 py-2', tone)}>{children}</div>
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3 className="label mb-1">{title}</h3>
      {children}
    </section>
  )
}

/** Policies that come, go or change. */
export function ChangesView({ changes: { added, removed, changed } }: { changes: PolicyChanges }) {
  if (added.length + removed.length + changed.length === 0) return <p className="text-ink-2">The same policies.</p>
  const rows = [
    ...added.map((each) => ({ ...each, icon: Plus, tone: 'text-allowed', word: 'added' })),
    ...removed.map((each) => ({ ...each, icon: Minus, tone: 'text-refused', word: 'removed' })),
    ...changed.map(({ after }) => ({ ...after, icon: PencilLine, tone: 'text-held', word: 'changed' })),
  ]
  return (
    <ul aria-label="Policies that change" className="divide-y divide-line rounded-md border border-line">
      {rows.map(({ id, effect, text, icon: Icon, tone, word }) => (
        <li key={`${word}${id}`}>
          <details>
            <summary className="flex h-8 cursor-pointer list-none items-center gap-2 px-3 text-xs hover:bg-hover">
              <span className={cx('inline-flex w-20 items-center gap-1 font-medium', tone)}>
                <Icon aria-hidden className="size-3.5" /> {word}
              </span>
              <span className="w-12 text-ink-3">{effect}</span>
              <code className="truncate font-mono">{id}</code>
            </summary>
            <pre
              tabIndex={0}
              className="max-h-48 overflow-auto whitespace-pre-wrap border-t border-line bg-sunken px-3 py-2 font-mono text-xs/5"
            >
              {text}
            </pre>
          </details>
        </li>
      ))}
    </ul>
  )
}

/** Calls that are decided otherwise, each by an example. What is not known is said so and is never "none". */
export function CallsView({ calls, none, by }: { calls: ChangedCalls; none: string; by?: Alone }) {
  const { examples, counterexample, answer } = calls
  const shown = examples.length > 0 ? examples : counterexample ? [counterexample] : []
  return (
    <div className="space-y-1.5">
      {answer === 'holds' && shown.length === 0 && (
        <p className="flex items-center gap-1.5 text-ink-2">
          <Check aria-hidden className="size-3.5 text-allowed" /> {none}
        </p>
      )}
      {answer === 'unknown' && (
        <div className="flex flex-wrap items-center gap-2">
          <AnswerBadge answer="unknown" />
          <Unknown answer={calls} />
        </div>
      )}
      {answer === 'violated' && shown.length === 0 && <p className="text-ink-2">There are such calls; the server shows none of them.</p>}
      {shown.length > 0 && (
        <>
          <p className="text-xs text-ink-3">For example, at most one a tool:</p>
          {shown.map((call, at) => (
            <Example key={`${at}${call.action}`} call={call} {...(by && { by })} />
          ))}
        </>
      )}
    </div>
  )
}
