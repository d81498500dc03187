import type { ChatMessage } from '@agentgate/api'
import { Link } from '@tanstack/react-router'
import { ArrowDownLeft, ArrowUpRight, FileBadge, ListTree } from 'lucide-react'
import type { ReactNode } from 'react'
import { useSession } from '../../app/session.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Id } from '../../ui/id.tsx'
import { Text } from '../../ui/json.tsx'
import { ofStatus } from '../../ui/status.ts'
import { Findings, ReasonLine } from '../calls/findings.tsx'

/** One step from the gate's side: what left, what came back, what each control found, and the record of it. */
export function Inspector({ message }: { message: ChatMessage | undefined }) {
  return (
    <aside
      aria-label="Inspector"
      className="min-h-0 overflow-y-auto rounded-lg border border-line bg-surface -outline-offset-2"
      tabIndex={0}
    >
      {message ? (
        <Shown message={message} />
      ) : (
        <p className="px-5 py-10 text-center text-ink-3">What the gate did with a message is shown here.</p>
      )}
    </aside>
  )
}

function Shown({ message }: { message: ChatMessage }) {
  const { role, text, sent, answer, reason, status, findings, trace_id, certificate_id } = message
  const { can } = useSession()
  const tool = role === 'tool'
  return (
    <>
      <header className="flex h-10 items-center gap-3 border-b border-line px-4">
        <h2 className="font-semibold">{tool ? message.tool : role === 'user' ? 'Message' : 'Continuation'}</h2>
        <Badge status={ofStatus(status)} />
      </header>
      {reason && (
        <Part title="Reason">
          <ReasonLine reason={reason} />
        </Part>
      )}
      {role === 'user' && (
        <Part title="Without AgentGate, this would have left">
          <Boxed text={text} label="What you wrote" />
        </Part>
      )}
      <Part
        title={tool ? 'What the tool was given' : 'What the model received'}
        icon={<ArrowUpRight aria-hidden className="size-3.5" />}
        name="sent"
      >
        {sent === undefined ? (
          <p className="text-ink-3">{status === 'waiting' ? 'Nothing yet: it waits.' : 'Nothing. It never left.'}</p>
        ) : (
          <Boxed text={sent} label="What was received" />
        )}
      </Part>
      <Part
        title={tool ? 'What it answered' : 'What came back to you'}
        icon={<ArrowDownLeft aria-hidden className="size-3.5" />}
        name="answer"
      >
        {answer === undefined ? (
          <p className="text-ink-3">{status === 'waiting' ? 'Nothing yet.' : 'Nothing.'}</p>
        ) : (
          <Boxed text={answer} label="What came back" />
        )}
      </Part>
      <section className="border-b border-line pt-3" data-part="findings">
        <h3 className="label mb-1.5 px-4">Findings per control</h3>
        <Findings findings={findings} narrow />
      </section>
      <Part title="On record">
        <ul className="space-y-1">
          <li className="flex items-center gap-2">
            <ListTree aria-hidden className="size-3.5 shrink-0 text-ink-3" />
            <Link to="/traces/$id" params={{ id: trace_id }} className="font-medium text-accent underline underline-offset-2">
              Trace
            </Link>
            <Id id={trace_id} what="the trace id" short className="ml-auto" />
          </li>
          {can('evidence:read') && (
            <li className="flex items-center gap-2">
              <FileBadge aria-hidden className="size-3.5 shrink-0 text-ink-3" />
              <Link to="/evidence/$id" params={{ id: certificate_id }} className="font-medium text-accent underline underline-offset-2">
                Certificate
              </Link>
              <Id id={certificate_id} what="the certificate id" short className="ml-auto" />
            </li>
          )}
        </ul>
      </Part>
    </>
  )
}

function Part({ title, icon, name, children }: { title: string; icon?: ReactNode; name?: string; children: ReactNode }) {
  return (
    <section data-part={name} className="border-b border-line px-4 py-3 last:border-b-0">
      <h3 className="label mb-1.5 flex items-center gap-1">
        {icon} {title}
      </h3>
      {children}
    </section>
  )
}

function Boxed({ text, label }: { text: string; label: string }) {
  return <Text text={text} label={label} className="rounded-md border border-line bg-sunken px-3 py-2" />
}
