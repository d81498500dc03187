import type { Approval } from '@agentgate/api'
import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Check, CircleAlert, Info, X } from 'lucide-react'
import { useMemo, useRef, useState } from 'react'
import { api } from '../../app/client.ts'
import { type Binding, useKeys } from '../../app/keys.ts'
import { useSession } from '../../app/session.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { fieldClass } from '../../ui/field.tsx'
import { Id } from '../../ui/id.tsx'
import { JsonView } from '../../ui/json.tsx'
import { Keys } from '../../ui/kbd.tsx'
import { useNow } from '../../ui/now.ts'
import { Fact, Facts, Panel } from '../../ui/panel.tsx'
import { ofApproval } from '../../ui/status.ts'
import { Said } from '../../ui/said.tsx'
import { Countdown, Time } from '../../ui/time.tsx'
import { type Answered, cannotDecide, notDecided, wanted } from './decide.ts'

/** One request: who asks for what, why it was held, and the answer. */
export function Request({ approval }: { approval: Approval }) {
  const { call, state, why, requester, own, asked_at, expires_at, quorum, ways, roles, answers, trace_id } = approval
  const { status, word } = ofApproval(approval, useNow())
  return (
    <Panel
      title={
        <span className="flex items-center gap-2.5">
          {call.tool.name} <Badge status={status} word={word} />
        </span>
      }
      aside={
        status === 'held' && (
          <span>
            expires in <Countdown at={expires_at} over="0:00" className="font-medium text-ink" />
          </span>
        )
      }
    >
      <p className="mb-3 text-base">
        <Said text={why} />
      </p>
      <Facts className="mb-4 grid-cols-[7rem_minmax(0,1fr)]">
        <Fact name="Requester">
          <span className="inline-flex max-w-full items-center gap-1.5">
            <Id id={requester} className="min-w-0" what="the requester’s id" /> {own && <span className="text-xs text-ink-3">(you)</span>}
          </span>
        </Fact>
        {call.principal.on_behalf_of && (
          <Fact name="On behalf of">
            <Id id={call.principal.on_behalf_of} what="the principal’s id" />
          </Fact>
        )}
        <Fact name="Does">
          {call.action} <span className="text-ink-3">({call.tool.effect})</span>
        </Fact>
        <Fact name="To">
          <code className="break-all font-mono text-xs">{call.resource}</code>
        </Fact>
        <Fact name="Asked">
          <Time at={asked_at} />
        </Fact>
        {(quorum > 1 || ways.some((way) => way.quorum > 1) || roles.length > 0) && (
          <Fact name="Asks for">
            {wanted({ quorum, ways })}
            {state === 'pending' && answers.length > 0 && <span className="text-ink-3"> ({answers.length} so far)</span>}
          </Fact>
        )}
        {answers.map(({ by, approved, reason, at }) => (
          <Fact key={by} name={approved ? 'Approved' : 'Denied'}>
            <Time at={at} /> by <Id id={by} what="the approver’s id" />
            {reason && <p className="mt-0.5 text-ink-2">{reason}</p>}
          </Fact>
        ))}
        <Fact name="Trace">
          <Link to="/traces/$id" params={{ id: trace_id }} className="font-medium text-accent underline underline-offset-2">
            What each control found
          </Link>
        </Fact>
      </Facts>
      <h3 className="label mb-1">Input, masked</h3>
      {approval.payload ? (
        <p className="text-ink-3">{approval.payload === 'erased' ? 'It was erased with its key.' : 'It does not open any more.'}</p>
      ) : (
        <JsonView value={call.input} label="Masked input" className="rounded-md border border-line bg-sunken px-3 py-2" />
      )}
      {approval.forged && state !== 'pending' && (
        <p role="note" className="mt-4 flex items-start gap-2 rounded-md border border-failed-line bg-failed-soft px-3 py-2 text-failed">
          <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" /> It was changed past AgentGate: no call runs by it. Look who writes
          to the database.
        </p>
      )}
      {state === 'pending' && <Decide approval={approval} />}
    </Panel>
  )
}

function Decide({ approval }: { approval: Approval }) {
  const { can, user } = useSession()
  const now = useNow()
  const client = useQueryClient()
  const reason = useRef<HTMLTextAreaElement>(null)
  const [choice, setChoice] = useState<'approve' | 'deny'>()
  const [busy, setBusy] = useState(false)
  const [answered, setAnswered] = useState<Answered>()
  const blocked = cannotDecide(approval, { may: can('approval:decide'), id: user.id, roles: user.roles }, now)
  const open = blocked === undefined && !busy && answered?.kind !== 'beaten'

  const ask = (next: 'approve' | 'deny') => {
    if (!open) return
    setChoice(next)
    requestAnimationFrame(() => reason.current?.focus())
  }
  useKeys(
    useMemo((): readonly Binding[] => {
      return open
        ? [
            { keys: 'a', does: 'Approve', run: () => ask('approve') },
            { keys: 'd', does: 'Deny', run: () => ask('deny') },
          ]
        : []
      // `ask` is as new as `open` is.
    }, [open]),
  )

  const decide = async () => {
    setBusy(true)
    setAnswered(undefined)
    try {
      await api.approvals.decide({
        params: { id: approval.id },
        body: { approved: choice === 'approve', reason: reason.current?.value.trim() ?? '' },
      })
      setAnswered({ kind: 'done' })
    } catch (error) {
      setAnswered(notDecided(error))
    } finally {
      setBusy(false)
      await client.invalidateQueries({ queryKey: ['approvals'] })
    }
  }

  return (
    <div className="mt-4 border-t border-line pt-4">
      {blocked && (
        <p role="note" className="flex items-start gap-2 text-ink-2">
          <Info aria-hidden className="mt-0.5 size-4 shrink-0 text-ink-3" />
          <span>
            <Said text={blocked} />
          </span>
        </p>
      )}
      <div role="alert" className="empty:hidden">
        {answered && answered.kind !== 'done' && (
          <p className="mb-3 flex items-start gap-2 rounded-md border border-failed-line bg-failed-soft px-3 py-2 text-failed">
            <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" /> {answered.text}
          </p>
        )}
      </div>
      {choice === undefined || !open ? (
        <div className={cx('flex gap-2', blocked && 'mt-3')}>
          <Button kind="solid" disabled={!open} onClick={() => ask('approve')} icon={<Check aria-hidden className="size-4" />}>
            Approve…
          </Button>
          <Button kind="danger" disabled={!open} onClick={() => ask('deny')} icon={<X aria-hidden className="size-4" />}>
            Deny…
          </Button>
          {open && (
            <span className="ml-2 flex items-center gap-1.5 text-xs text-ink-3 max-md:hidden">
              <Keys keys="a" /> or <Keys keys="d" />
            </span>
          )}
        </div>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            void decide()
          }}
          onKeyDown={(event) => {
            if (event.key === 'Escape') setChoice(undefined)
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void decide()
          }}
        >
          <label htmlFor="reason" className="mb-1 block text-xs font-medium text-ink-2">
            {choice === 'approve' ? 'Why it may run' : 'Why it may not run'}{' '}
            <span className="font-normal text-ink-3">(optional, kept on record)</span>
          </label>
          <textarea id="reason" ref={reason} rows={2} maxLength={2000} className={cx(fieldClass, 'w-full py-1.5')} />
          <div className="mt-2 flex items-center gap-2">
            <Button kind={choice === 'approve' ? 'solid' : 'danger'} type="submit">
              {choice === 'approve' ? 'Approve: run it once' : 'Deny: never run it'}
            </Button>
            <Button kind="ghost" onClick={() => setChoice(undefined)}>
              Cancel
            </Button>
            <span className="ml-auto flex items-center gap-1.5 text-xs text-ink-3 max-md:hidden">
              <Keys keys="Ctrl Enter" />
            </span>
          </div>
        </form>
      )}
    </div>
  )
}
