import { type PolicySetSummary, Problem } from '@agentgate/api'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { type ReactNode, useRef, useState } from 'react'
import { api } from '../../app/client.ts'
import { StepUp } from '../../app/step-up.tsx'
import { useSession } from '../../app/session.tsx'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { fieldClass } from '../../ui/field.tsx'
import { Said } from '../../ui/said.tsx'
import { Bar, Loading } from '../../ui/skeleton.tsx'
import { Failed } from '../../ui/states.tsx'
import { explain } from '../../ui/trouble.ts'
import type { PolicyVerb } from './address.ts'
import { Example } from './answer.tsx'
import { ConsequencesView, Refused } from './consequences.tsx'
import { previewQuery } from './queries.ts'
import { Warning } from '../../ui/warning.tsx'

const route = getRouteApi('/shell/policies/$id')

const words: {
  readonly [verb in PolicyVerb]: { readonly title: string; readonly does: string; readonly needs: string; readonly danger?: true }
} = {
  publish: { title: 'Publish the draft', does: 'Publish', needs: 'policy:write' },
  activate: { title: 'Activate', does: 'Activate', needs: 'policy:activate' },
  deactivate: { title: 'Deactivate', does: 'Deactivate', needs: 'policy:activate', danger: true },
  rollback: { title: 'Roll back', does: 'Roll back', needs: 'policy:activate' },
  lock: { title: 'Lock', does: 'Lock', needs: 'policy:lock' },
  unlock: { title: 'Unlock', does: 'Unlock', needs: 'policy:lock' },
  delete: { title: 'Delete', does: 'Delete', needs: 'policy:activate', danger: true },
}

/** One change of a set's standing: what it would do first, then a reason, then the click. */
export function Change({ set, verb, close }: { set: PolicySetSummary; verb: PolicyVerb; close: () => void }) {
  const { id, versions, active_version: active } = set
  const search = route.useSearch()
  const navigate = useNavigate()
  const client = useQueryClient()
  const { can } = useSession()
  const to = verb === 'activate' ? (search.to ?? versions) : verb === 'rollback' ? (search.to ?? (active ?? 2) - 1) : undefined
  const target = verb === 'deactivate' ? null : to
  const preview = useQuery({ ...previewQuery(id, target ?? null), enabled: target !== undefined })
  const reason = useRef<HTMLTextAreaElement>(null)
  const [why, setWhy] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const { title, does, needs, danger } = words[verb]
  const known = target === undefined || preview.isSuccess
  const refused = preview.data?.refused ?? refusalIn(preview.error) ?? (verb === 'delete' ? standsInTheWay(set) : null)
  const asksWho = error instanceof Problem && error.code === 'step-up-required'
  const open = known && refused === null && why.trim() !== '' && !busy && can(needs)

  const change = async () => {
    if (!open) return
    setBusy(true)
    setError(undefined)
    try {
      await perform(verb, set, to, why.trim())
      if (verb === 'delete' && versions === 0) await navigate({ to: '/policies' })
      await client.invalidateQueries({ queryKey: ['policies'] })
      if (verb === 'delete' && versions === 0) return
      await navigate({
        to: '/policies/$id',
        params: { id },
        search: ({ do: _, to: __, version: ___, ...rest }) => rest,
        replace: true,
      })
    } catch (cause) {
      setError(cause)
      if (cause instanceof Problem && cause.status === 409) void client.invalidateQueries({ queryKey: ['policies'] })
    } finally {
      setBusy(false)
    }
  }

  return (
    <Dialog label={`${title} ${id}`} close={close} className="w-[46rem] max-w-[calc(100vw-2rem)]">
      <form
        className="flex max-h-[72vh] flex-col"
        onSubmit={(event) => {
          event.preventDefault()
          void change()
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void change()
        }}
      >
        <h2 className="border-b border-line px-5 py-3 text-base font-semibold">
          {title} <span className="font-normal text-ink-2">{id}</span>
          {to !== undefined && (
            <span className="font-normal text-ink-2">
              {active === null ? ', version ' : `, version ${active} to `}
              {to}
            </span>
          )}
        </h2>
        <div className="min-h-0 space-y-4 overflow-y-auto px-5 py-4">
          {verb === 'rollback' && active !== null && <RollbackTo id={id} versions={versions} active={active} to={to ?? 1} />}
          {target === undefined ? (
            <>
              {refused && <Refused refused={refused} />}
              <Told set={set} verb={verb} />
            </>
          ) : preview.isPending ? (
            <Loading what="what it would do" className="space-y-3">
              <p className="text-ink-3">Working out what it would do. The solver may take a few seconds…</p>
              <Bar className="w-3/5" />
              <Bar className="w-2/5" />
              <Bar className="w-1/2" />
            </Loading>
          ) : refused && !preview.data ? (
            <Refused refused={refused} />
          ) : preview.isError ? (
            <Failed what="what it would do" error={preview.error} retry={() => void preview.refetch()} />
          ) : (
            <ConsequencesView of={preview.data} />
          )}
        </div>
        <div className="space-y-3 border-t border-line px-5 py-3">
          {error !== undefined && !asksWho && <NotDone error={error} does={does} />}
          {asksWho ? (
            <StepUp proved={() => void change()}>
              <Widened by={error instanceof Problem ? error.body.widened_by : undefined} />
            </StepUp>
          ) : (
            refused === null && (
              <div>
                <label htmlFor="why" className="mb-1 block text-xs font-medium text-ink-2">
                  Why <span className="font-normal text-ink-3">(required, kept on record)</span>
                </label>
                <textarea
                  id="why"
                  ref={reason}
                  data-first
                  rows={2}
                  required
                  maxLength={2000}
                  value={why}
                  onChange={({ target: { value } }) => setWhy(value)}
                  className={cx(fieldClass, 'w-full py-1.5')}
                />
              </div>
            )
          )}
          <div className="flex items-center gap-2">
            {!asksWho && (
              <Button
                kind={danger ? 'danger' : 'solid'}
                type="submit"
                disabled={!open}
                title={can(needs) ? undefined : `Needs \`${needs}\``}
              >
                {busy ? 'Working…' : does}
              </Button>
            )}
            <Button kind="ghost" onClick={close}>
              {refused ? 'Close' : 'Cancel'}
            </Button>
          </div>
        </div>
      </form>
    </Dialog>
  )
}

/** What has to be done before a set can be deleted. */
function standsInTheWay({
  id,
  locked,
  active_version: active,
}: PolicySetSummary): { readonly code: string; readonly message: string } | null {
  if (locked) return { code: 'policy-locked', message: `\`${id}\` is locked: unlock it first.` }
  return active === null ? null : { code: 'policy-active', message: `\`${id}\` is active: deactivate it first.` }
}

/** A state that stands in the way, as asking what the change would do tells it. */
function refusalIn(error: unknown): { readonly code: string; readonly message: string } | null {
  return error instanceof Problem && error.status === 409 ? { code: error.code, message: error.body.detail } : null
}

async function perform(verb: PolicyVerb, { id, draft }: PolicySetSummary, version: number | undefined, why: string): Promise<unknown> {
  const params = { id }
  switch (verb) {
    case 'publish':
      return api.policies.publish({ params, body: { why, ...(draft && { revision: draft.revision }) } })
    case 'activate':
      return api.policies.activate({ params, body: { why, ...(version !== undefined && { version }) } })
    case 'rollback':
      return api.policies.rollback({ params, body: { why, ...(version !== undefined && { version }) } })
    case 'deactivate':
    case 'lock':
    case 'unlock':
      return api.policies[verb]({ params, body: { why } })
    case 'delete':
      return api.policies.remove({ params, query: { why } })
  }
}

/** What a change does that needs no working out. */
function Told({ set: { draft, versions, active_version: active }, verb }: { set: PolicySetSummary; verb: PolicyVerb }) {
  const list = (...lines: readonly ReactNode[]) => (
    <ul className="list-disc space-y-1 pl-5 text-ink-2">{lines.map((line, at) => line && <li key={at}>{line}</li>)}</ul>
  )
  switch (verb) {
    case 'publish':
      return list(
        `Revision ${draft?.revision ?? '?'} of the draft becomes version ${versions + 1}, which never changes again.`,
        active === null
          ? 'Nothing decides by it until it is activated.'
          : `Version ${active} goes on deciding until version ${versions + 1} is activated.`,
        'The draft is gone afterwards: the next edit begins a new one.',
      )
    case 'lock':
      return list(
        active === null
          ? 'No version is active; none can be made active while it is locked.'
          : `Version ${active} stays the active one: it cannot be deactivated, replaced or rolled back.`,
        'The set cannot be deleted.',
        'Drafts can still be written. Unlocking asks for your password.',
      )
    case 'unlock':
      return list('The active version can be deactivated, replaced and deleted again.', 'Your password is asked for.')
    case 'delete':
      return list(
        versions > 0 && 'Its versions stay readable, as a record of what was decided by them.',
        versions > 0 && 'Its name stays taken, and it cannot be made active again.',
        draft && `The draft of revision ${draft.revision} is lost.`,
      )
    default:
      return null
  }
}

function RollbackTo({ id, versions, active, to }: { id: string; versions: number; active: number; to: number }) {
  const navigate = useNavigate()
  return (
    <div>
      <label htmlFor="back-to" className="mb-1 block text-xs font-medium text-ink-2">
        Back to
      </label>
      <select
        id="back-to"
        value={to}
        onChange={({ target: { value } }) =>
          void navigate({ to: '/policies/$id', params: { id }, search: (before) => ({ ...before, to: Number(value) }), replace: true })
        }
        className={cx(fieldClass, 'h-8')}
      >
        {Array.from({ length: versions }, (_, at) => versions - at)
          .filter((version) => version !== active)
          .map((version) => (
            <option key={version} value={version}>
              Version {version}
            </option>
          ))}
      </select>
    </div>
  )
}

function NotDone({ error, does }: { error: unknown; does: string }) {
  const invariants = error instanceof Problem ? (error.body.invariants ?? []) : []
  return (
    <Warning>
      <p>
        <strong className="font-semibold">{does}: not done.</strong> {explain(error).detail}
      </p>
      {invariants.map((invariant) => (
        <div key={`${invariant.set}/${invariant.id}`} className="mt-1.5 text-ink">
          <p className="mb-1">{invariant.says}</p>
          {invariant.counterexample && <Example call={invariant.counterexample} />}
        </div>
      ))}
    </Warning>
  )
}

/** Why the server asks: what may be allowed that was not. */
function Widened({ by }: { by: readonly string[] | undefined }) {
  if (!by || by.length === 0) return null
  return (
    <ul className="list-disc space-y-0.5 pl-11 text-ink-2">
      {by.map((each) => (
        <li key={each}>
          <Said text={each} />
        </li>
      ))}
    </ul>
  )
}
