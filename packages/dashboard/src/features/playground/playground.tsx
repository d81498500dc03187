import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { CircleAlert, Plus, SendHorizontal, X } from 'lucide-react'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { api } from '../../app/client.ts'
import { useSession } from '../../app/session.tsx'
import { useTitle } from '../../app/title.ts'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { fieldClass } from '../../ui/field.tsx'
import { Keys } from '../../ui/kbd.tsx'
import { LineState } from '../../ui/line.tsx'
import { PageHead } from '../../ui/panel.tsx'
import { Bar, Loading } from '../../ui/skeleton.tsx'
import { Failed } from '../../ui/states.tsx'
import { Inspector } from './inspector.tsx'
import { useConversation } from './say.ts'
import { scenarios } from './scenarios.ts'
import { ShadowChoice } from './shadow.tsx'
import { shadowedIn } from './shadowed.ts'
import { Step } from './step.tsx'
import { newSession } from './wait.ts'

const route = getRouteApi('/shell/playground')

/** A chat through the real gate. A conversation has an address of its own. */
export function PlaygroundPage() {
  useTitle('Playground')
  const { session } = route.useSearch()
  const navigate = useNavigate()
  useEffect(() => {
    if (session === undefined) void navigate({ to: '/playground', search: { session: newSession() }, replace: true })
  }, [session, navigate])
  return session === undefined ? null : <Conversation key={session} session={session} />
}

function Conversation({ session }: { session: string }) {
  const { step, shadow } = route.useSearch()
  const navigate = useNavigate()
  const { can } = useSession()
  const shadowed = shadowedIn(shadow)
  const { query, line, sending, error, say, dismiss } = useConversation(session, shadowed)
  const model = useQuery({ queryKey: ['model'], queryFn: ({ signal }) => api.playground.model({ signal }), staleTime: 60_000 })
  const messages = query.data ?? []
  const selected = messages.find(({ id }) => id === step) ?? messages.at(-1)
  const end = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const chosen = step === undefined ? null : document.getElementById(`step-${step}`)
    ;(chosen ?? end.current)?.scrollIntoView({ block: 'nearest' })
  }, [messages.length, sending, step])
  const state = { session, ...(shadowed.length > 0 && { shadow: shadowed.join(',') }) }
  const select = (id: string) => void navigate({ to: '/playground', search: { ...state, step: id }, replace: true })
  const choose = (names: readonly string[]) =>
    void navigate({ to: '/playground', search: { session, ...(names.length > 0 && { shadow: names.join(',') }) }, replace: true })
  const send = (text: string, times?: number) => {
    if (step !== undefined) void navigate({ to: '/playground', search: state, replace: true })
    return say(text, times)
  }
  const may = can('playground:use')
  const beginning = query.isSuccess && messages.length === 0 && sending === undefined
  return (
    <div className="flex flex-col lg:h-[calc(100dvh-2.5rem-var(--strip))]">
      <PageHead
        title="Playground"
        about={
          model.data
            ? model.data.provider === 'demo'
              ? 'Answered by the built-in demo model, which repeats exactly what it received.'
              : `Answered by ${model.data.model}.`
            : 'A chat through the real gate.'
        }
      >
        <LineState line={line} />
        <Button
          small
          icon={<Plus aria-hidden className="size-3.5" />}
          onClick={() => void navigate({ to: '/playground', search: { session: newSession() } })}
        >
          New conversation
        </Button>
      </PageHead>
      <div className="grid min-h-0 flex-1 gap-4 lg:grid-cols-[minmax(0,1fr)_minmax(22rem,30rem)]">
        <section aria-label="Conversation" className="flex min-h-0 min-w-0 flex-col rounded-lg border border-line bg-surface">
          <div
            role="log"
            aria-label="Messages"
            tabIndex={0}
            className="relative min-h-64 flex-1 overflow-y-auto -outline-offset-2 max-lg:max-h-[32rem]"
          >
            {query.isPending ? (
              <Loading what="the conversation" className="space-y-4 p-5">
                <Bar className="h-4 w-2/5" />
                <Bar className="h-4 w-3/5" />
              </Loading>
            ) : query.isError ? (
              <Failed what="the conversation" error={query.error} retry={() => void query.refetch()} />
            ) : beginning ? (
              <Beginning disabled={!may} send={(text, times) => void send(text, times)} />
            ) : (
              <ol>
                {messages.map((message) => (
                  <Step key={message.id} message={message} current={message.id === selected?.id} select={() => select(message.id)} />
                ))}
              </ol>
            )}
            {sending !== undefined && (
              <p role="status" className="breathe px-5 py-3 text-ink-3">
                <span className="sr-only">Sending: </span>
                {sending}
              </p>
            )}
            <div ref={end} />
          </div>
          <div className="border-t border-line p-3">
            <div role="alert" className="empty:hidden">
              {error && (
                <p className="mb-2 flex items-start gap-2 rounded-md border border-failed-line bg-failed-soft px-3 py-2 text-failed">
                  <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
                  <span className="min-w-0 flex-1">Not sent. {error}</span>
                  <button type="button" aria-label="Dismiss" onClick={dismiss} className="rounded-sm p-0.5">
                    <X aria-hidden className="size-3.5" />
                  </button>
                </p>
              )}
            </div>
            <div role="group" aria-label="Scenarios" className={cx('mb-2.5 flex flex-wrap gap-1.5', beginning && 'hidden')}>
              {scenarios.map(({ name, text, shows, times }) => (
                <button
                  key={name}
                  type="button"
                  disabled={!may || sending !== undefined}
                  title={`${text}\n\n${shows}`}
                  onClick={() => void send(text, times)}
                  className="h-6 rounded-full border border-line-strong px-2.5 text-xs text-ink-2 enabled:hover:border-ink-3 enabled:hover:text-ink disabled:border-line disabled:text-ink-3"
                >
                  {name}
                </button>
              ))}
            </div>
            <Composer disabled={!may || sending !== undefined} send={send} />
            {may && can('config:update') && model.data?.provider === 'demo' && <ShadowChoice shadowed={shadowed} choose={choose} />}
          </div>
        </section>
        <Inspector message={selected} />
      </div>
    </div>
  )
}

function Composer({ disabled, send }: { disabled: boolean; send: (text: string) => Promise<boolean> }) {
  const [text, setText] = useState('')
  const field = useRef<HTMLTextAreaElement>(null)
  const submit = async (event?: FormEvent) => {
    event?.preventDefault()
    const said = text.trim()
    if (!said || disabled) return
    setText('')
    // What did not arrive is not lost.
    if (!(await send(said))) setText((now) => now || said)
    field.current?.focus()
  }
  return (
    <form onSubmit={(event) => void submit(event)} className="flex items-end gap-2">
      <label htmlFor="message" className="sr-only">
        Message
      </label>
      <textarea
        id="message"
        ref={field}
        data-main-field
        rows={2}
        value={text}
        maxLength={100_000}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) void submit(event)
          if (event.key === 'Escape') event.currentTarget.blur()
        }}
        placeholder="Write to the model. It gets tokens for the personal data that is found."
        className={cx(fieldClass, 'w-full resize-none py-1.5')}
      />
      <Button
        kind="solid"
        type="submit"
        disabled={disabled || !text.trim()}
        className="h-[54px]"
        icon={<SendHorizontal aria-hidden className="size-4" />}
      >
        Send
      </Button>
    </form>
  )
}

function Beginning({ disabled, send }: { disabled: boolean; send: (text: string, times?: number) => void }) {
  return (
    <div data-state="empty" className="mx-auto max-w-2xl px-5 py-6">
      <h2 className="text-base font-semibold">Send something that should not get through</h2>
      <p className="mt-1 text-ink-2">
        Each message goes through the same gate as every agent’s call: detected, masked, judged, recorded, signed. What left and what came
        back is shown beside it.
      </p>
      <ul aria-label="Scenarios" className="mt-4 overflow-hidden rounded-lg border border-line">
        {scenarios.map(({ name, text, shows, times }) => (
          <li key={name} className="border-b border-line last:border-b-0">
            <button
              type="button"
              disabled={disabled}
              onClick={() => send(text, times)}
              className="grid w-full grid-cols-[7.5rem_minmax(0,1fr)] items-baseline gap-x-4 px-4 py-2 text-left -outline-offset-2 enabled:hover:bg-hover"
            >
              <span className="font-medium">{name}</span>
              <span className="min-w-0">
                <span className="block truncate font-mono text-xs text-ink-2">{text}</span>
                <span className="block text-xs text-ink-3">{shows}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      <p className="mt-3 flex items-center gap-1.5 text-xs text-ink-3">
        <Keys keys="/" /> to write, <Keys keys="Enter" /> to send
      </p>
    </div>
  )
}
