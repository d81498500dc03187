import { threatState, type WireThreat } from '@agentgate/api'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Check, Eye, History, ListTree, Undo2 } from 'lucide-react'
import { api } from '../../app/client.ts'
import { present } from '../../app/search.ts'
import { useSession } from '../../app/session.tsx'
import { useTitle } from '../../app/title.ts'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { shortened } from '../../ui/id.tsx'
import { PageHead, Panel } from '../../ui/panel.tsx'
import { Radios } from '../../ui/radios.tsx'
import { Bar, Loading } from '../../ui/skeleton.tsx'
import { Empty, Failed } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { explain } from '../../ui/trouble.ts'
import { Warning } from '../../ui/warning.tsx'
import { BlocklistPanel } from './blocklist.tsx'
import { HoneyTokensPanel } from './honey-tokens.tsx'
import { threatsQuery } from './queries.ts'
import { StoryPanel } from './story.tsx'
import { TaintsPanel } from './taints.tsx'

const route = getRouteApi('/shell/threats')

/** What may be an attack, and what was done about it. */
export function ThreatsPage() {
  const { state, id } = route.useSearch()
  const navigate = useNavigate()
  const { can } = useSession()
  useTitle('Threats')
  const query = useQuery(threatsQuery(state))
  return (
    <>
      <PageHead title="Threats" about="What may be an attack, who or where it came from, and what became of it." />
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_24rem]">
        <div className="min-w-0">
          <div className="mb-3 flex">
            <Radios
              label="State"
              value={state}
              choose={(next) => void navigate({ to: '/threats', search: present({ state: next, id }), replace: true })}
              options={[undefined, ...threatState.options].map((value) => ({ value, word: value ?? 'All' }))}
            />
          </div>
          <Panel title="Raised" flush>
            {query.isPending ? (
              <Loading what="threats">
                <div className="space-y-5 px-4 py-4">
                  {Array.from({ length: 5 }, (_, row) => (
                    <Bar key={row} className="w-3/4" />
                  ))}
                </div>
              </Loading>
            ) : query.isError ? (
              <Failed what="threats" error={query.error} retry={() => void query.refetch()} />
            ) : query.data.items.length === 0 ? (
              <Empty title={state === undefined ? 'No threat was raised' : `No threat is ${state}`}>
                Payloads, orders to models and guessed passwords that were refused are told here.
              </Empty>
            ) : (
              <ul aria-label="Threats">
                {query.data.items.map((threat) => (
                  <Row key={threat.id} threat={threat} shown={threat.id === id} />
                ))}
              </ul>
            )}
          </Panel>
        </div>
        <div className="min-w-0 space-y-4">
          {id !== undefined && (
            <StoryPanel id={id} close={() => void navigate({ to: '/threats', search: present({ state }), replace: true })} />
          )}
          <BlocklistPanel />
          <TaintsPanel />
          {can('threat:update') && <HoneyTokensPanel />}
        </div>
      </div>
    </>
  )
}

const tones: { readonly [severity in WireThreat['severity']]: string } = {
  critical: 'border-refused-line bg-refused-soft text-refused',
  high: 'border-held-line bg-held-soft text-held',
  medium: 'border-line-strong bg-surface text-ink-2',
}

const moves = {
  acknowledge: { word: 'Acknowledge', icon: Eye, from: ['pending'] },
  resolve: { word: 'Resolve', icon: Check, from: ['pending', 'acknowledged'] },
  dismiss: { word: 'Dismiss', icon: Undo2, from: ['pending', 'acknowledged'] },
} as const
const verbs = ['acknowledge', 'resolve', 'dismiss'] as const

function Row({ threat, shown }: { threat: WireThreat; shown: boolean }) {
  const { id, kind, severity, subject, state, count, first_at, last_at, decision_id, moved_by, moved_at } = threat
  const { can } = useSession()
  const client = useQueryClient()
  const move = useMutation({
    mutationFn: (verb: (typeof verbs)[number]) => api.threats[verb]({ params: { id } }),
    onSettled: () => client.invalidateQueries({ queryKey: ['threats'] }),
  })
  const { state: filter } = route.useSearch()
  const address = /^network:(.+)$/.exec(subject)?.[1]
  return (
    <li data-threat={id} className={cx('border-b border-line px-4 py-3 last:border-b-0', shown && 'bg-hover')}>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <span className={cx('inline-flex items-center rounded-sm border px-1.5 py-px text-xs font-medium', tones[severity])}>
          {severity}
        </span>
        <span className="font-medium">{kind.replaceAll('_', ' ')}</span>
        <span className="text-xs text-ink-3">{state}</span>
        <div className="ml-auto flex flex-wrap items-center gap-2">
          <Link
            to="/threats"
            search={present({ state: filter, id })}
            aria-current={shown || undefined}
            aria-label={`Timeline of ${kind}`}
            className="inline-flex h-7 items-center gap-1.5 rounded-md border border-line-strong bg-surface px-2 text-xs font-medium hover:bg-hover"
          >
            <History aria-hidden className="size-3.5" /> Timeline
          </Link>
          {decision_id !== undefined && can('trace:read') && (
            <Link
              to="/traces/$id"
              params={{ id: decision_id }}
              className="inline-flex h-7 items-center gap-1.5 rounded-md border border-line-strong bg-surface px-2 text-xs font-medium hover:bg-hover"
            >
              <ListTree aria-hidden className="size-3.5" /> Trace
            </Link>
          )}
          {can('threat:update') &&
            verbs.map((verb) => {
              const { word, icon: Icon, from } = moves[verb]
              if (!from.some((each) => each === state)) return null
              return (
                <Button
                  key={verb}
                  small
                  disabled={move.isPending}
                  aria-label={`${word} ${kind}`}
                  icon={<Icon aria-hidden className="size-3.5" />}
                  onClick={() => move.mutate(verb)}
                >
                  {word}
                </Button>
              )
            })}
        </div>
      </div>
      <p className="mt-1 text-xs/5 text-ink-3">
        {address === undefined ? (
          <>
            by <code className="font-mono">{shortened(subject)}</code>
          </>
        ) : (
          <>
            from <code className="font-mono">{address}</code>
          </>
        )}
        , seen {count === 1 ? 'once' : `${count} times`}
        {count > 1 && (
          <>
            , first <Time at={first_at} />
          </>
        )}
        , last <Time at={last_at} />
        {moved_at !== undefined && (
          <>
            ; {state} <Time at={moved_at} />
            {moved_by !== undefined && <> by {shortened(moved_by)}</>}
          </>
        )}
      </p>
      {move.isError && (
        <div className="mt-2">
          <Warning>{explain(move.error).detail}</Warning>
        </div>
      )}
    </li>
  )
}
