import type { ExampleCall, SolverAnswer } from '@agentgate/api'
import { Link } from '@tanstack/react-router'
import { ChevronRight, CircleCheck, CircleHelp, CircleX, type LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { cx } from '../../ui/cx.ts'
import { JsonView } from '../../ui/json.tsx'
import { Said } from '../../ui/said.tsx'
import { badgeClass } from './standing.tsx'

const looks: { readonly [answer in SolverAnswer['answer']]: { icon: LucideIcon; badge: string; word: string } } = {
  holds: { icon: CircleCheck, badge: 'text-allowed bg-allowed-soft border-allowed-line', word: 'holds' },
  violated: { icon: CircleX, badge: 'text-refused bg-refused-soft border-refused-line', word: 'violated' },
  unknown: { icon: CircleHelp, badge: 'text-failed bg-failed-soft border-failed-line', word: 'unknown' },
}

/** What the solver answered, as icon and word. Unknown is a word of its own: never taken for proved. */
export function AnswerBadge({ answer, word }: { answer: SolverAnswer['answer']; word?: string }) {
  const { icon: Icon, badge, word: own } = looks[answer]
  return (
    <span className={cx(badgeClass, badge)}>
      <Icon aria-hidden className="size-3.5 shrink-0" strokeWidth={2} />
      {word ?? own}
    </span>
  )
}

/** Why an answer is not known, and by which constructs. */
export function Unknown({ answer }: { answer: SolverAnswer }) {
  if (answer.answer !== 'unknown') return null
  return (
    <div className="text-xs/5 text-ink-2">
      <p>
        Neither shown nor refuted: <Said text={answer.why ?? 'the solver did not say why'} />.
      </p>
      {answer.unsupported && answer.unsupported.length > 0 && (
        <p>
          Not encoded:{' '}
          {answer.unsupported.map((each) => (
            <code key={each} className="mr-1 rounded-sm border border-line bg-sunken px-1 font-mono text-2xs">
              {each}
            </code>
          ))}
        </p>
      )}
    </div>
  )
}

/** The text that an example can be evaluated by: a version of a set, or its draft. */
export interface Alone {
  readonly id: string
  readonly version: number | undefined
}

/** A call that shows it: who does what to what, and under which facts. */
export function Example({ call, by, children }: { call: ExampleCall; by?: Alone; children?: ReactNode }) {
  const { principal, action, resource, context, discharged } = call
  return (
    <details className="group rounded-md border border-line bg-sunken">
      <summary className="flex min-h-8 cursor-pointer list-none flex-wrap items-center gap-x-2 gap-y-0.5 px-3 py-1.5 text-xs hover:bg-hover">
        <ChevronRight aria-hidden className="size-3.5 shrink-0 text-ink-3 transition-transform duration-100 group-open:rotate-90" />
        {children}
        <code className="break-all font-mono">{principal.id}</code>
        <span className="text-ink-3">{principal.roles.length > 0 ? `as ${principal.roles.join(', ')}` : 'without a role'} does</span>
        <code className="break-all font-mono font-semibold">{action}</code>
        <span className="text-ink-3">to</span>
        <code className="break-all font-mono">{resource || 'nothing'}</code>
      </summary>
      <div className="space-y-2 border-t border-line px-3 py-2">
        {discharged.length > 0 && (
          <p className="text-xs text-ink-2">
            With these obligations discharged:{' '}
            {discharged.map((each) => (
              <code key={each} className="mr-1 font-mono">
                {each}
              </code>
            ))}
          </p>
        )}
        <JsonView value={context} label="Facts of the example" className="text-ink-2" />
        {by && (
          <Link
            to="/policies/$id"
            params={{ id: by.id }}
            search={{ ...evaluation(call), ...(by.version !== undefined && { version: by.version }) }}
            className="inline-block text-xs font-medium text-accent underline underline-offset-2"
          >
            Evaluate this call by this text alone
          </Link>
        )}
      </div>
    </details>
  )
}

/** The example as the evaluation's request. Facts too long for an address are left out there. */
function evaluation({ principal, action, resource, context }: ExampleCall) {
  const facts = JSON.stringify(context)
  return {
    tab: 'evaluate' as const,
    who: principal.id,
    ...(principal.roles.length > 0 && { roles: principal.roles.join(' ') }),
    action,
    resource,
    ...(context['mfa'] === true && { mfa: 'yes' as const }),
    ...(facts.length <= 6000 && facts !== '{}' && { context: facts }),
  }
}
