import type { ChatMessage } from '@agentgate/api'
import { Link } from '@tanstack/react-router'
import { Bot, CornerDownRight, UserRound, Wrench } from 'lucide-react'
import type { ReactNode } from 'react'
import { useSession } from '../../app/session.tsx'
import { Badge } from '../../ui/badge.tsx'
import { cx } from '../../ui/cx.ts'
import { Text } from '../../ui/json.tsx'
import { Said } from '../../ui/said.tsx'
import { looks, ofStatus } from '../../ui/status.ts'
import { Countdown, Time } from '../../ui/time.tsx'
import { passesAgain } from './wait.ts'

/** One step of the conversation: what was said or asked for, and what came of it. */
export function Step({ message, current, select }: { message: ChatMessage; current: boolean; select: () => void }) {
  const { role, tool, text, at, status } = message
  const said = role === 'user' ? 'You' : role === 'tool' ? 'The model asks for a tool' : 'The chat goes on'
  const Icon = role === 'user' ? UserRound : role === 'tool' ? Wrench : CornerDownRight
  return (
    <li
      id={`step-${message.id}`}
      data-step={role}
      data-status={status}
      className={cx(
        'relative border-b border-l-2 border-b-line px-5 py-3',
        current ? 'border-l-accent bg-hover/50' : 'border-l-transparent',
      )}
    >
      <div className="mb-1 flex items-center gap-2 text-xs text-ink-3">
        <Icon aria-hidden className="size-3.5" strokeWidth={1.75} />
        <span className="font-medium text-ink-2">{said}</span>
        <Badge status={ofStatus(status)} bare />
        <Time at={at} />
        <button
          type="button"
          onClick={select}
          aria-pressed={current}
          className={cx('ml-auto rounded-sm px-1.5 py-px hover:bg-hover hover:text-ink', current && 'text-ink')}
        >
          {current ? 'Shown' : 'Inspect'}
        </button>
      </div>
      {role === 'user' && <Text text={text} className="max-h-none text-base" />}
      {role === 'tool' && (
        <div className="flex flex-wrap items-baseline gap-x-2">
          <code className="font-mono text-xs font-semibold">{tool}</code>
          <Text text={text} className="font-mono text-xs/5 text-ink-2" />
        </div>
      )}
      <CameOf message={message} />
    </li>
  )
}

/** The answer, or why there is none. A refusal, a fault and a wait are told apart. */
function CameOf({ message }: { message: ChatMessage }) {
  const { verdict, status, answer, reason, at } = message
  if (verdict === 'hold') return <Held message={message} />
  const again = passesAgain(at, reason)
  if (status === 'succeeded') return answer === undefined ? null : <Answer text={answer} />
  if (status === 'running') return <Note status="running">Allowed; the answer is not there yet.</Note>
  return (
    <Note status={ofStatus(status)}>
      <span className="font-medium">{verdict === 'deny' ? 'Refused' : status === 'failed' ? 'Failed' : 'Kept back'}</span>
      {reason && (
        <>
          {' '}
          <code className="rounded-sm border border-current/25 px-1 font-mono text-xs">
            {reason.code}
            {reason.kind && ` · ${reason.kind}`}
          </code>{' '}
          <Said text={reason.message} />
        </>
      )}
      {again !== undefined && (
        <span className="mt-1 block">
          Passes again in <Countdown at={again} over="0:00: now" className="font-semibold" />
        </span>
      )}
      {answer !== undefined && <Text text={answer} className="mt-1" />}
    </Note>
  )
}

function Answer({ text }: { text: string }) {
  return (
    <div className="mt-2 flex gap-2.5 border-t border-line/60 pt-2">
      <Bot aria-label="Answer" role="img" className="mt-[3px] size-4 shrink-0 text-ink-3" strokeWidth={1.75} />
      <div data-answer className="min-w-0 flex-1">
        <Text text={text} className="max-h-none text-base" />
      </div>
    </div>
  )
}

function Held({ message: { approval_id, reason } }: { message: ChatMessage }) {
  const { can } = useSession()
  return (
    <Note status="held">
      <span className="font-medium">Waits for a person.</span> {reason && <Said text={reason.message} />} It goes on here once somebody else
      has decided.
      {approval_id && can('approval:read') && (
        <Link to="/approvals" search={{ id: approval_id }} className="ml-1.5 font-medium underline underline-offset-2">
          See the request
        </Link>
      )}
    </Note>
  )
}

function Note({ status, children }: { status: ReturnType<typeof ofStatus>; children: ReactNode }) {
  const { icon: Icon, badge } = looks[status]
  return (
    <div data-note={status} className={cx('mt-2 flex gap-2 rounded-md border px-3 py-2', badge)}>
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0 flex-1">{children}</div>
    </div>
  )
}
