import type { PolicySetSummary } from '@agentgate/api'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useBlocker, useNavigate } from '@tanstack/react-router'
import { ArrowLeft } from 'lucide-react'
import type { ReactNode } from 'react'
import { useSession } from '../../app/session.tsx'
import { useTitle } from '../../app/title.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { PageHead } from '../../ui/panel.tsx'
import { Bar, Loading } from '../../ui/skeleton.tsx'
import { Empty, Failed } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { explain } from '../../ui/trouble.ts'
import type { PolicyTab, PolicyVerb } from './address.ts'
import { AnalysisTab } from './analysis.tsx'
import { Change } from './change.tsx'
import { EditorTab } from './editor.tsx'
import { EvaluateTab } from './evaluate.tsx'
import { standingQuery } from './queries.ts'
import { ReplayTab } from './replay.tsx'
import { Standing, standings } from './standing.tsx'
import { VersionsTab } from './versions.tsx'
import { useDesk } from './working.ts'

const route = getRouteApi('/shell/policies/$id')

/** One policy set: its text, what it decides, its versions, what can be shown of it, and its life. */
export function PolicyPage() {
  const { id } = route.useParams()
  useTitle(`${id} · Policy`)
  const query = useQuery(standingQuery(id))
  return (
    <>
      <Link to="/policies" className="mb-2 inline-flex items-center gap-1 text-xs text-ink-3 hover:text-ink">
        <ArrowLeft aria-hidden className="size-3" /> Policies
      </Link>
      {!query.isSuccess && <h1 className="sr-only">Policy set</h1>}
      {query.isPending ? (
        <Skeleton />
      ) : query.isError ? (
        explain(query.error).status === 404 || explain(query.error).status === 422 ? (
          <Empty title="No such policy set">
            There is none named <code className="break-all font-mono text-xs">{id}</code>.
          </Empty>
        ) : (
          <Failed what="this policy set" error={query.error} retry={() => void query.refetch()} />
        )
      ) : (
        <Loaded key={id} set={query.data} />
      )}
    </>
  )
}

const tabs: readonly { readonly tab: PolicyTab; readonly word: string }[] = [
  { tab: 'text', word: 'Text' },
  { tab: 'evaluate', word: 'Evaluate' },
  { tab: 'versions', word: 'Versions' },
  { tab: 'analysis', word: 'Analysis' },
  { tab: 'replay', word: 'Replay' },
]

function Loaded({ set }: { set: PolicySetSummary }) {
  const { tab = 'text', do: verb } = route.useSearch()
  const desk = useDesk(set)
  const navigate = useNavigate()
  const close = () => void navigate({ to: '/policies/$id', params: { id: set.id }, search: ({ do: _, ...rest }) => rest, replace: true })
  return (
    <>
      <PageHead
        title={
          <span className="flex flex-wrap items-center gap-3">
            {set.id} <Standing set={set} />
          </span>
        }
        about={<About set={set} />}
      >
        <Verbs set={set} />
      </PageHead>
      <nav aria-label="Parts of this set" className="mb-3 flex gap-4 overflow-x-auto border-b border-line">
        {tabs.map(({ tab: each, word }) => (
          <Link
            key={each}
            to="/policies/$id"
            params={{ id: set.id }}
            search={each === 'text' ? {} : { tab: each }}
            activeOptions={{ exact: true, includeSearch: true }}
            aria-current={each === tab ? 'page' : undefined}
            className="-mb-px flex h-9 shrink-0 items-center gap-1.5 border-b-2 border-transparent px-1 font-medium text-ink-3 -outline-offset-2 hover:text-ink aria-[current]:border-ink aria-[current]:text-ink"
          >
            {word}
            {each === 'versions' && <span className="tabular text-xs text-ink-3">{set.versions}</span>}
            {each === 'text' && desk.dirty && <span className="text-xs text-held">edited</span>}
          </Link>
        ))}
      </nav>
      {tab === 'text' && <EditorTab set={set} desk={desk} />}
      {tab === 'evaluate' && <EvaluateTab set={set} />}
      {tab === 'versions' && <VersionsTab set={set} />}
      {tab === 'analysis' && <AnalysisTab set={set} />}
      {tab === 'replay' && <ReplayTab set={set} />}
      {verb && <Change key={verb} set={set} verb={verb} close={close} />}
      <Leaving dirty={desk.dirty} id={set.id} />
    </>
  )
}

function About({ set: { state, active_version: active, versions, draft, published_at: published } }: { set: PolicySetSummary }) {
  const parts: ReactNode[] = [
    active === null ? standings[state].means : `Version ${active} of ${versions} decides calls now.`,
    draft && (
      <>
        {' '}
        Draft revision {draft.revision}, edited <Time at={draft.edited_at} />.
      </>
    ),
    !draft && published !== null && (
      <>
        {' '}
        Last published <Time at={published} />.
      </>
    ),
  ]
  return parts.map((part, at) => <span key={at}>{part}</span>)
}

/** What can be done with the set. Enabled if and only if the server would allow it to this person. */
function Verbs({ set }: { set: PolicySetSummary }) {
  const { can } = useSession()
  const navigate = useNavigate()
  const { state, active_version: active, versions, locked } = set
  if (state === 'deleted') return null
  const verb = (does: PolicyVerb, word: string, needs: string, kind: 'plain' | 'solid' | 'danger' = 'plain') => (
    <Button
      key={does}
      kind={kind}
      disabled={!can(needs)}
      title={can(needs) ? undefined : `Needs \`${needs}\``}
      onClick={() => void navigate({ to: '/policies/$id', params: { id: set.id }, search: (before) => ({ ...before, do: does }) })}
    >
      {word}…
    </Button>
  )
  return (
    <>
      {versions > 0 &&
        active !== versions &&
        verb('activate', active === null ? 'Activate' : `Activate version ${versions}`, 'policy:activate', 'solid')}
      {active !== null && versions > 1 && verb('rollback', 'Roll back', 'policy:activate')}
      {active !== null && verb('deactivate', 'Deactivate', 'policy:activate')}
      {versions > 0 && (locked ? verb('unlock', 'Unlock', 'policy:lock') : verb('lock', 'Lock', 'policy:lock'))}
      {verb('delete', 'Delete', 'policy:activate', 'danger')}
    </>
  )
}

/** What was typed is not lost by leaving: it is asked first. */
function Leaving({ dirty, id }: { dirty: boolean; id: string }) {
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => dirty && current.pathname !== next.pathname,
    enableBeforeUnload: dirty,
    withResolver: true,
  })
  if (blocker.status !== 'blocked') return null
  return (
    <Dialog label="Leave without saving?" close={blocker.reset} className="w-[28rem] max-w-[calc(100vw-2rem)]">
      <div className="px-5 py-4">
        <h2 className="text-base font-semibold">Leave without saving?</h2>
        <p className="mt-1 text-ink-2">
          What you typed in <code className="font-mono text-xs">{id}</code> is not saved as a draft. Leaving discards it.
        </p>
        <div className="mt-4 flex gap-2">
          <Button kind="solid" data-first onClick={blocker.reset}>
            Stay
          </Button>
          <Button kind="danger" onClick={blocker.proceed}>
            Discard and leave
          </Button>
        </div>
      </div>
    </Dialog>
  )
}

function Skeleton() {
  return (
    <Loading what="the policy set">
      <div className="mb-4 flex h-[50px] flex-col justify-center gap-2">
        <Bar className="h-5 w-48" />
        <Bar className="w-64" />
      </div>
      <div className="mb-3 h-9 border-b border-line" />
      <div className="h-[30rem] rounded-lg border border-line bg-surface" />
    </Loading>
  )
}
