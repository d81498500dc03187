import { type PolicySetSummary, Problem as Refusal } from '@agentgate/api'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Check, CircleAlert, CircleHelp, LoaderCircle, Save, TriangleAlert } from 'lucide-react'
import { useMemo, useRef } from 'react'
import { api } from '../../app/client.ts'
import { useSession } from '../../app/session.tsx'
import { Button } from '../../ui/button.tsx'
import { Said } from '../../ui/said.tsx'
import { Bar, Loading } from '../../ui/skeleton.tsx'
import { Failed } from '../../ui/states.tsx'
import { explain } from '../../ui/trouble.ts'
import type { EditorHandle } from './code-editor.tsx'
import { Code } from './code.tsx'
import { blank, type Form, forms, type Problem, ready, workingOf } from './form.ts'
import { versionQuery } from './queries.ts'
import { type Checked, type Desk, useChecked } from './working.ts'
import { Choice } from './choice.tsx'
import { Warning } from '../../ui/warning.tsx'

const route = getRouteApi('/shell/policies/$id')

/** The text of a set, in the form it is written in, with what is wrong at its line. */
export function EditorTab({ set, desk }: { set: PolicySetSummary; desk: Desk }) {
  const { version } = route.useSearch()
  if (version !== undefined) return <Published id={set.id} version={version} />
  if (desk.error) return <Failed what="this text" error={desk.error} retry={desk.retry} />
  if (desk.pending || !desk.working) return <Skeleton />
  return <Writing set={set} desk={desk} />
}

function Writing({ set, desk }: { set: PolicySetSummary; desk: Desk }) {
  const { form: shown, file } = route.useSearch()
  const { can } = useSession()
  const navigate = useNavigate()
  const handle = useRef<EditorHandle>(null)
  const checked = useChecked(desk.working)
  const save = useSave(set.id, desk)
  const { form, text, invariants } = desk.working ?? { form: 'cedar' as Form, text: '', invariants: '' }
  const mayWrite = can('policy:write') && set.state !== 'deleted'
  const view = file === 'invariants' ? 'invariants' : (shown ?? form)
  const problems = checked.state === 'wrong' ? checked.problems : none
  const goTo = (problem: Problem) => {
    const there = problem.in === 'invariants' ? 'invariants' : form
    const jump = () => handle.current?.goTo(problem.line ?? 1, problem.column ?? 1)
    if (there === view) return jump()
    void navigate({
      to: '/policies/$id',
      params: { id: set.id },
      search: ({ form: _, file: __, ...rest }) => ({ ...rest, ...(there === 'invariants' && { file: there }) }),
      replace: true,
    }).then(() => setTimeout(jump, 100))
  }
  const replaceWith = (change: { form: Form; text: string }) => {
    desk.type(change)
    void navigate({ to: '/policies/$id', params: { id: set.id }, search: ({ form: _, ...rest }) => rest, replace: true })
  }
  const inPolicy = useMemo(() => problems.filter((problem) => problem.in === 'policy'), [problems])
  const inInvariants = useMemo(() => problems.filter((problem) => problem.in === 'invariants'), [problems])

  return (
    <div className="rounded-lg border border-line bg-surface">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-3 py-2">
        <Choice
          label="Text"
          value={view}
          options={views}
          choose={(next) =>
            void navigate({
              to: '/policies/$id',
              params: { id: set.id },
              search: ({ file: _, form: __, ...rest }) => ({
                ...rest,
                ...(next === 'invariants' ? { file: next } : next !== form && { form: next }),
              }),
              replace: true,
            })
          }
        />
        <CheckedState checked={checked} />
        <div className="ml-auto flex items-center gap-2">
          {desk.dirty && (
            <Button small kind="ghost" onClick={desk.discard}>
              Discard edits
            </Button>
          )}
          <Button
            small
            disabled={!mayWrite || !desk.dirty || save.isPending}
            title={mayWrite ? undefined : 'Needs `policy:write`'}
            onClick={() => save.mutate()}
            icon={<Save aria-hidden className="size-3.5" />}
          >
            {save.isPending ? 'Saving…' : 'Save draft'}
          </Button>
          <Button
            small
            kind="solid"
            disabled={!mayWrite || desk.dirty || set.draft === null || checked.state !== 'valid'}
            title={
              !mayWrite
                ? 'Needs `policy:write`'
                : desk.dirty
                  ? 'Save the draft first'
                  : set.draft === null
                    ? 'There is no draft: its text is published'
                    : undefined
            }
            onClick={() =>
              void navigate({
                to: '/policies/$id',
                params: { id: set.id },
                search: (before) => ({ ...before, do: 'publish' as const }),
              })
            }
          >
            Publish…
          </Button>
        </div>
      </div>
      {save.isError && (
        <div className="border-b border-line p-3">
          <NotSaved error={save.error} desk={desk} />
        </div>
      )}
      {desk.overtaken && !save.isError && (
        <div className="border-b border-line p-3">
          <Warning>
            Somebody saved this draft while you were typing. Saving yours is refused: copy what you need, then discard your edits.
          </Warning>
        </div>
      )}
      {view === 'invariants' ? (
        <>
          <p className="border-b border-line px-4 py-2 text-xs/5 text-ink-3">
            What must hold of every call, as Cedar with <code className="font-mono">@invariant("…")</code>: a forbid says that no call it
            matches may be allowed, a permit that each must be. They decide nothing; activation is refused when one is violated.
          </p>
          <Code
            key="invariants"
            ref={handle}
            label="Invariants"
            text={invariants}
            change={(typed) => desk.type({ invariants: typed })}
            save={() => mayWrite && desk.dirty && save.mutate()}
            complaints={inInvariants}
            readOnly={!mayWrite}
            className={editorHeight}
          />
        </>
      ) : view === form ? (
        <div className={form === 'cedar' ? '' : 'grid lg:grid-cols-2'}>
          {form !== 'cedar' && <h3 className="label border-b border-line bg-sunken px-4 py-1 lg:row-start-1">{forms[form]}, as written</h3>}
          <Code
            key={form}
            ref={handle}
            label={forms[form]}
            text={text}
            change={(typed) => desk.type({ text: typed })}
            save={() => mayWrite && desk.dirty && save.mutate()}
            complaints={inPolicy}
            readOnly={!mayWrite}
            className={editorHeight}
          />
          {form !== 'cedar' && (
            <section
              aria-label="The Cedar it becomes"
              className="min-w-0 border-line max-lg:border-t lg:col-start-2 lg:row-span-2 lg:row-start-1 lg:border-l"
            >
              <h3 className="label border-b border-line bg-sunken px-4 py-1">The Cedar it becomes</h3>
              <Becomes checked={checked} />
            </section>
          )}
        </div>
      ) : view === 'cedar' ? (
        <>
          <div className="flex flex-wrap items-center gap-3 border-b border-line px-4 py-2 text-xs/5 text-ink-2">
            <p className="flex-1">This set is written as {forms[form].toLowerCase()}; this is the Cedar they become, and what is judged.</p>
            <Button
              small
              disabled={!mayWrite || checked.state !== 'valid'}
              onClick={() => checked.state === 'valid' && replaceWith({ form: 'cedar', text: checked.cedar })}
            >
              Go on in Cedar
            </Button>
          </div>
          <Becomes checked={checked} />
        </>
      ) : (
        <div data-state="other-form" className="mx-auto max-w-lg px-6 py-14 text-center">
          <p className="text-base font-semibold">This set is written as {forms[form] === 'Cedar' ? 'Cedar' : forms[form].toLowerCase()}</p>
          <p className="mt-1 text-ink-2">
            Cedar says more than rules can, so it is not translated back. {forms[view]} can be begun anew; they replace the text of the
            draft once it is saved.
          </p>
          <Button className="mt-4" disabled={!mayWrite} onClick={() => replaceWith({ form: view, text: blank[view] })}>
            Begin {forms[view].toLowerCase()}
          </Button>
        </div>
      )}
      <Problems problems={problems} goTo={goTo} />
      {checked.state === 'valid' && <Problems problems={checked.warnings} goTo={goTo} warn />}
    </div>
  )
}

const editorHeight = 'h-[26rem]'

const none: readonly Problem[] = []
const views = [
  ...(['cedar', 'quick', 'conditioned'] as const).map((value) => ({ value, word: forms[value] })),
  { value: 'invariants' as const, word: 'Invariants' },
]

function useSave(id: string, desk: Desk) {
  const client = useQueryClient()
  const { discard } = desk
  return useMutation({
    mutationFn: async () => {
      const { working, revision } = desk
      if (!working) throw new TypeError('There is nothing to save.')
      const prepared = ready(working)
      if (!prepared.ok) throw new RangeError('The rules are no JSON yet: see the list below.')
      const { policy } = prepared
      return api.policies.putDraft({
        params: { id },
        body: { policy, revision, ...(working.invariants.trim() && { invariants: working.invariants }) },
      })
    },
    onSuccess: async (draft) => {
      client.setQueryData(['policies', 'draft', id], draft)
      await client.invalidateQueries({ queryKey: ['policies'] })
      discard()
    },
  })
}

function NotSaved({ error, desk }: { error: unknown; desk: Desk }) {
  if (error instanceof Refusal && error.code === 'draft-changed')
    return (
      <Warning>
        Not saved: somebody else saved this draft first. What you typed is still here.{' '}
        <button type="button" onClick={desk.discard} className="font-medium underline underline-offset-2">
          Discard it and see theirs
        </button>
        .
      </Warning>
    )
  return <Warning>{`Not saved. ${explain(error).detail}`}</Warning>
}

/** Whether the text is right: never drawn as valid while it is not known. */
function CheckedState({ checked }: { checked: Checked }) {
  const said = 'inline-flex items-center gap-1.5 text-xs font-medium'
  return (
    <p role="status" data-checked={checked.state} className={said}>
      {checked.state === 'checking' ? (
        <span className={`${said} text-ink-3`}>
          <LoaderCircle aria-hidden className="turn size-3.5" /> Checking
        </span>
      ) : checked.state === 'valid' ? (
        <span className={`${said} text-allowed`}>
          <Check aria-hidden className="size-3.5" /> Valid
          {checked.policies !== undefined && `, ${checked.policies} ${checked.policies === 1 ? 'policy' : 'policies'}`}
          {checked.warnings.length > 0 && `, ${checked.warnings.length} ${checked.warnings.length === 1 ? 'warning' : 'warnings'}`}
        </span>
      ) : checked.state === 'wrong' ? (
        <span className={`${said} text-refused`}>
          <CircleAlert aria-hidden className="size-3.5" /> {checked.problems.length}{' '}
          {checked.problems.length === 1 ? 'problem' : 'problems'}
        </span>
      ) : (
        <span className={`${said} text-failed`} title={explain(checked.error).detail}>
          <CircleHelp aria-hidden className="size-3.5" /> Not checked: {explain(checked.error).detail}
        </span>
      )}
    </p>
  )
}

function Becomes({ checked }: { checked: Checked }) {
  if (checked.state === 'valid') return <Code label="Resulting Cedar" text={checked.cedar} readOnly className={editorHeight} />
  return (
    <p className="px-4 py-6 text-ink-3">
      {checked.state === 'checking'
        ? 'Checking…'
        : checked.state === 'wrong'
          ? 'Nothing yet: the rules have problems, listed below.'
          : 'Not known: the server could not be asked.'}
    </p>
  )
}

/** What is wrong, each leading to its place. */
function Problems({ problems, goTo, warn = false }: { problems: readonly Problem[]; goTo: (problem: Problem) => void; warn?: boolean }) {
  if (problems.length === 0) return null
  return (
    <ol aria-label={warn ? 'Warnings' : 'Problems'} className="max-h-60 overflow-y-auto border-t border-line">
      {problems.map((problem, at) => (
        <li key={`${at}${problem.message}`} className="border-b border-line last:border-b-0">
          <button
            type="button"
            onClick={() => goTo(problem)}
            className="grid w-full grid-cols-[1rem_6.5rem_minmax(0,1fr)] items-start gap-2 px-4 py-2 text-left -outline-offset-2 hover:bg-hover"
          >
            {warn ? (
              <TriangleAlert aria-hidden className="mt-0.5 size-3.5 text-held" />
            ) : (
              <CircleAlert aria-hidden className="mt-0.5 size-3.5 text-refused" />
            )}
            <span className="tabular font-mono text-xs/5 text-ink-3">
              {problem.in === 'invariants' && 'inv. '}
              {problem.line === undefined ? 'whole text' : `line ${problem.line}:${problem.column ?? 1}`}
            </span>
            <span>
              <Said text={problem.message} />
              {problem.help && (
                <span className="block text-xs/5 text-ink-3">
                  <Said text={problem.help} />
                </span>
              )}
            </span>
          </button>
        </li>
      ))}
    </ol>
  )
}

/** A published version, as it was written. It never changes. */
function Published({ id, version }: { id: string; version: number }) {
  const query = useQuery(versionQuery(id, version))
  const navigate = useNavigate()
  if (query.isPending) return <Skeleton />
  if (query.isError) return <Failed what={`version ${version}`} error={query.error} retry={() => void query.refetch()} />
  const { form, text, invariants } = workingOf(query.data)
  return (
    <div className="rounded-lg border border-line bg-surface">
      <div className="flex flex-wrap items-center gap-3 border-b border-line px-4 py-2">
        <p className="flex-1">
          Version {version}, as {forms[form] === 'Cedar' ? 'Cedar' : forms[form].toLowerCase()}.{' '}
          <span className="text-ink-3">Published, so it never changes.</span>
        </p>
        <Button small onClick={() => void navigate({ to: '/policies/$id', params: { id }, search: ({ version: _, ...rest }) => rest })}>
          To what is being written
        </Button>
      </div>
      <Code key={`${version}`} label={`Version ${version}`} text={text} readOnly className={editorHeight} />
      {form !== 'cedar' && (
        <section aria-label="The Cedar it became" className="border-t border-line">
          <h3 className="label border-b border-line bg-sunken px-4 py-1">The Cedar it became</h3>
          <Code label="Resulting Cedar" text={query.data.text} readOnly className={editorHeight} />
        </section>
      )}
      {invariants && (
        <section aria-label="Its invariants" className="border-t border-line">
          <h3 className="label border-b border-line bg-sunken px-4 py-1">Its invariants</h3>
          <Code label="Invariants" text={invariants} readOnly className="h-56" />
        </section>
      )}
    </div>
  )
}

function Skeleton() {
  return (
    <Loading what="the text" className="rounded-lg border border-line bg-surface">
      <div className="h-[45px] border-b border-line" />
      <div className="h-[26rem] space-y-2 p-4">
        <Bar className="w-2/5" />
        <Bar className="w-3/5" />
        <Bar className="w-1/3" />
      </div>
    </Loading>
  )
}
