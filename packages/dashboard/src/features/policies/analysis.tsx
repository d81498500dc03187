import type { Analyzed, PolicyFinding, PolicySetSummary } from '@agentgate/api'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { CircleCheck, CircleSlash, Copy, Shuffle } from 'lucide-react'
import { cx } from '../../ui/cx.ts'
import { fieldClass } from '../../ui/field.tsx'
import { milliseconds } from '../../ui/moment.ts'
import { Panel } from '../../ui/panel.tsx'
import { Bar, Loading } from '../../ui/skeleton.tsx'
import { Failed } from '../../ui/states.tsx'
import { AnswerBadge, Example, Unknown } from './answer.tsx'
import { type AnalyzeBody, analyzeQuery, policiesQuery } from './queries.ts'
import { Subject, subjectBody, subjectStamp } from './subject.tsx'

const route = getRouteApi('/shell/policies/$id')

/** What the solver shows of all calls: invariants, policies that do nothing, and sets that allow no more than another. */
export function AnalysisTab({ set }: { set: PolicySetSummary }) {
  const { version, at_most: atMost } = route.useSearch()
  const subject = subjectBody(set, version)
  const stamp = subjectStamp(set, version)
  const query = useQuery(analyzeQuery(set.id, { ...subject, questions: ['invariants', 'findings'] }, stamp))
  return (
    <div className="grid gap-4">
      <div className="flex flex-wrap items-center gap-3">
        <Subject set={set} label="Of" />
        <p className="text-xs text-ink-3">
          Asked over all calls that the registered tools allow. Unknown is neither yes nor no, and is never counted as shown.
        </p>
        {query.isSuccess && <p className="tabular ml-auto text-xs text-ink-3">answered in {milliseconds(query.data.ms)}</p>}
      </div>
      {query.isPending ? (
        <Panel title="Invariants">
          <Loading what="the solver’s answers" className="space-y-3">
            <p className="text-ink-3">The solver is asked. It may take some seconds…</p>
            <Bar className="w-1/2" />
            <Bar className="w-2/5" />
          </Loading>
        </Panel>
      ) : query.isError ? (
        <div className="rounded-lg border border-line bg-surface">
          <Failed what="the solver’s answers" error={query.error} retry={() => void query.refetch()} />
        </div>
      ) : (
        <>
          <Invariants set={set} version={subject.version} answers={query.data.invariants} />
          <Findings findings={query.data.findings} />
        </>
      )}
      <AtMost set={set} subject={subject} stamp={stamp} against={atMost} />
    </div>
  )
}

function Invariants({ set, version, answers }: { set: PolicySetSummary; version: number | undefined; answers: Analyzed['invariants'] }) {
  const many = answers?.length ?? 0
  return (
    <Panel title="Invariants" flush aside={many > 0 && tally(answers?.map(({ answer }) => answer) ?? [])}>
      {answers === undefined ? (
        <p className="px-4 py-3 text-failed">The server did not answer this question.</p>
      ) : many === 0 ? (
        <p className="px-4 py-6 text-center text-ink-3">
          This text has no invariants.{' '}
          <Link
            to="/policies/$id"
            params={{ id: set.id }}
            search={{ file: 'invariants' }}
            className="font-medium text-accent underline underline-offset-2"
          >
            Write what must always hold
          </Link>
        </p>
      ) : (
        <ul aria-label="Invariants">
          {answers.map((invariant) => (
            <li key={`${invariant.set}/${invariant.id}`} className="space-y-1.5 border-b border-line px-4 py-2.5 last:border-b-0">
              <p className="flex flex-wrap items-center gap-2.5">
                <AnswerBadge answer={invariant.answer} />
                <span>{invariant.says}</span>
                {invariant.set !== set.id && <span className="font-mono text-2xs text-ink-3">{invariant.set}</span>}
              </p>
              <Unknown answer={invariant} />
              {invariant.counterexample && (
                <Example call={invariant.counterexample} by={{ id: set.id, version }}>
                  <span className="text-refused">counterexample</span>
                </Example>
              )}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}

function tally(answers: readonly string[]): string {
  return (['holds', 'violated', 'unknown'] as const)
    .flatMap((each) => {
      const many = answers.filter((answer) => answer === each).length
      return many > 0 ? [`${many} ${each === 'holds' && many > 1 ? 'hold' : each}`] : []
    })
    .join(', ')
}

const kinds: { readonly [kind in PolicyFinding['kind']]: { icon: typeof Copy; means: string } } = {
  vacuous: { icon: CircleSlash, means: 'never applies to any call' },
  contradictory: { icon: Shuffle, means: 'a permit that a forbid always overrides' },
  shadowed: { icon: Copy, means: 'nothing changes without it' },
}

function Findings({ findings }: { findings: Analyzed['findings'] }) {
  return (
    <Panel title="Policies that do nothing" flush>
      {findings === undefined ? (
        <p className="px-4 py-3 text-failed">The server did not answer this question.</p>
      ) : findings.found.length + findings.unknown.length === 0 ? (
        <p className="flex items-center gap-1.5 px-4 py-3 text-ink-2">
          <CircleCheck aria-hidden className="size-3.5 text-allowed" /> None: every policy changes the verdict of some call.
        </p>
      ) : (
        <ul aria-label="Policies that do nothing">
          {findings.found.map(({ policy, kind, by }) => {
            const { icon: Icon, means } = kinds[kind]
            return (
              <li key={policy} className="flex flex-wrap items-center gap-x-2.5 gap-y-1 border-b border-line px-4 py-2.5 last:border-b-0">
                <span className="inline-flex items-center gap-1 text-xs font-medium text-held">
                  <Icon aria-hidden className="size-3.5" /> {kind}
                </span>
                <code className="font-mono text-xs">{policy}</code>
                <span className="text-ink-3">
                  {means}
                  {by.length > 0 && (
                    <>
                      {' '}
                      because of <code className="font-mono text-xs">{by.join(', ')}</code>
                    </>
                  )}
                </span>
              </li>
            )
          })}
          {findings.unknown.map((answer) => (
            <li key={answer.policy} className="space-y-1 border-b border-line px-4 py-2.5 last:border-b-0">
              <p className="flex items-center gap-2.5">
                <AnswerBadge answer="unknown" />
                <code className="font-mono text-xs">{answer.policy}</code>
              </p>
              <Unknown answer={answer} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}

function AtMost({
  set,
  subject,
  stamp,
  against,
}: {
  set: PolicySetSummary
  subject: Pick<AnalyzeBody, 'draft' | 'version'>
  stamp: string
  against: string | undefined
}) {
  const navigate = useNavigate()
  const sets = useQuery(policiesQuery())
  const others = (sets.data?.items ?? []).filter(({ id, versions }) => id !== set.id && versions > 0)
  const query = useQuery({
    ...analyzeQuery(set.id, { ...subject, questions: ['at_most'], against: { id: against ?? set.id } }, stamp),
    enabled: against !== undefined,
  })
  return (
    <Panel title="At most as permissive as another set">
      <div className="space-y-2.5">
        <label className="flex flex-wrap items-center gap-2 text-ink-2">
          Does everything that this allows pass
          <select
            value={against ?? ''}
            onChange={({ target }) =>
              void navigate({
                to: '/policies/$id',
                params: { id: set.id },
                search: ({ at_most: _, ...rest }) => ({ ...rest, ...(target.value && { at_most: target.value }) }),
                replace: true,
              })
            }
            className={cx(fieldClass, 'h-8')}
          >
            <option value="">choose a set</option>
            {others.map(({ id }) => (
              <option key={id} value={id}>
                {id}
              </option>
            ))}
          </select>
          too?
        </label>
        {sets.isError && <p className="text-failed">The other sets are not known: they could not be loaded.</p>}
        {against !== undefined &&
          (query.isPending ? (
            <Loading what="the answer">
              <Bar className="w-40" />
            </Loading>
          ) : query.isError ? (
            <Failed what="the answer" error={query.error} retry={() => void query.refetch()} />
          ) : query.data.at_most ? (
            <>
              <AnswerBadge answer={query.data.at_most.answer} {...(query.data.at_most.answer === 'violated' && { word: 'allows more' })} />
              <Unknown answer={query.data.at_most} />
              {query.data.at_most.counterexample && (
                <Example call={query.data.at_most.counterexample} by={{ id: set.id, version: subject.version }} />
              )}
            </>
          ) : (
            <p className="text-failed">The server did not answer this question.</p>
          ))}
      </div>
    </Panel>
  )
}
