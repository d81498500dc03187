import type { WireThreatStory } from '@agentgate/api'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { X } from 'lucide-react'
import { useSession } from '../../app/session.tsx'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { Id, shortened } from '../../ui/id.tsx'
import { Fact, Facts, Panel } from '../../ui/panel.tsx'
import { Bar, Loading } from '../../ui/skeleton.tsx'
import { Failed } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { threatQuery } from './queries.ts'

/** The life of one threat: each sighting that is kept, with its trace, and each move. */
export function StoryPanel({ id, close }: { id: string; close: () => void }) {
  const query = useQuery(threatQuery(id))
  return (
    <Panel
      title="Timeline"
      aside={<Button small kind="ghost" aria-label="Close the timeline" icon={<X aria-hidden className="size-3.5" />} onClick={close} />}
    >
      {query.isPending ? (
        <Loading what="the timeline">
          <div className="space-y-4">
            <Bar className="w-40" />
            <Bar className="w-56" />
            <Bar className="w-48" />
          </div>
        </Loading>
      ) : query.isError ? (
        <Failed what="this threat" error={query.error} retry={() => void query.refetch()} />
      ) : (
        <Story threat={query.data} />
      )}
    </Panel>
  )
}

function Story({ threat: { id, kind, severity, state, count, subject, steps } }: { threat: WireThreatStory }) {
  const { can } = useSession()
  const sightings = steps.filter((step) => !('to' in step)).length
  const passed = count - sightings
  return (
    <>
      <Facts>
        <Fact name="Threat">
          <Id id={id} what="the threat's id" short />
        </Fact>
        <Fact name="Kind">
          {kind.replaceAll('_', ' ')}, {severity}, {state}
        </Fact>
        <Fact name="Subject">
          <Id id={subject} what="the subject" short={!subject.startsWith('network:')} />
        </Fact>
      </Facts>
      <ol aria-label="Timeline" className="mt-4 ml-1 border-l border-line-strong">
        {steps.map((step, index) => {
          const moved = 'to' in step
          return (
            <li key={`${step.at}/${index}`} className="relative pb-3 pl-4 last:pb-0">
              <span
                aria-hidden
                className={cx(
                  'absolute top-1.5 -left-[5px] size-[9px] rounded-full border border-surface',
                  moved ? 'bg-accent' : 'bg-line-strong',
                )}
              />
              <p className="text-sm">
                {moved ? (
                  <>
                    <span className="font-medium">{step.to}</span> by <code className="font-mono text-xs">{shortened(step.by)}</code>
                  </>
                ) : (
                  <>
                    seen
                    {step.decision_id !== undefined && can('trace:read') && (
                      <>
                        {' '}
                        in{' '}
                        <Link to="/traces/$id" params={{ id: step.decision_id }} className="text-accent underline underline-offset-2">
                          trace <code className="font-mono text-xs">{shortened(step.decision_id)}</code>
                        </Link>
                      </>
                    )}
                  </>
                )}
              </p>
              <p className="text-xs text-ink-3">
                <Time at={step.at} />
              </p>
              {index === 0 && passed > 0 && (
                <p className="mt-1 text-xs text-ink-3">
                  seen {passed === 1 ? 'once' : `${passed} times`} more, of which only the number is kept
                </p>
              )}
            </li>
          )
        })}
      </ol>
    </>
  )
}
