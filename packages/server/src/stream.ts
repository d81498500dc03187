import type { Principal } from '@agentgate/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Fault } from './fault.ts'
import type { Hub, Live } from './live.ts'

/** An open `text/event-stream`. */
export interface EventStream {
  /** Sends an event; a reader who does not keep up is let go, and resumes by `Last-Event-ID`. */
  readonly send: (event: { readonly id?: string; readonly event?: string; readonly data: unknown }) => void
  readonly end: () => void
  /** Runs once, when either side has ended. */
  readonly closed: (then: () => void) => void
}

const heartbeat = 10_000
/** The most bytes that wait for one slow reader. */
const backlog = 1 << 20

/** The most live streams of one kind that one person has open, with all keys. */
const eachMost = 20

/** Takes over a reply and answers with a stream of events. */
export function openEvents(request: FastifyRequest, reply: FastifyReply, status = 200): EventStream {
  const { raw } = reply
  const headers = {
    ...reply.getHeaders(),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  }
  reply.hijack()
  raw.writeHead(status, headers as Record<string, string>)
  raw.write(': open\n\n')
  const leave: (() => void)[] = []
  const beat = setInterval(() => write(': beat\n\n'), heartbeat)
  raw.once('close', () => {
    clearInterval(beat)
    for (const then of leave.splice(0)) then()
  })
  raw.on('error', (error) => request.log.debug({ code: 'code' in error ? error.code : undefined }, 'an event stream broke'))
  return {
    send({ id, event, data }) {
      write(`${id === undefined ? '' : `id: ${id}\n`}${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`)
    },
    end: () => void raw.end(),
    closed: (then) => void leave.push(then),
  }

  function write(text: string): void {
    if (raw.writableEnded || raw.destroyed) return
    raw.write(text)
    if (raw.writableLength > backlog) raw.destroy()
  }
}

/** What `serveHub` needs to know of the listener. */
export interface Listener<T> {
  readonly principal: Principal
  /** The event's data as this listener may see it; `undefined` if not at all. */
  readonly show: (event: Live<T>) => unknown
  /** Asked again and again while the stream is open: throws once the listener's credential is no longer good. */
  readonly stillWelcome: () => Promise<unknown>
}

/** Streams a hub to one listener, from where `Last-Event-ID` says, until either goes away. */
export function serveHub<T>(
  hub: Hub<T>,
  request: FastifyRequest,
  reply: FastifyReply,
  { principal, show, stillWelcome }: Listener<T>,
): void {
  const { tenant } = principal
  const by = `${tenant}/${principal.onBehalfOf ?? principal.id}`
  if (hub.listeners(by) >= eachMost)
    throw new Fault(429, 'too-many-streams', `You and your API keys have ${eachMost} live streams open: close one and try again.`)
  if (hub.listeners() >= 1000) throw new Fault(503, 'too-many-streams', 'A thousand live streams are open: close one and try again.')
  const after = request.headers['last-event-id']
  const events = openEvents(request, reply)
  const send = (event: Live<T>) => {
    const data = show(event)
    if (data !== undefined) events.send({ id: event.id, data })
  }
  const waiting: Live<T>[] = []
  let ready = false
  const { missed, stop } = hub.listen(
    tenant,
    typeof after === 'string' ? after : undefined,
    (event) => {
      if (ready) send(event)
      else waiting.push(event)
    },
    by,
  )
  if (missed) events.send({ data: { type: 'reset' } })
  for (const event of waiting) send(event)
  ready = true
  const check = setInterval(() => void stillWelcome().catch(events.end), heartbeat)
  events.closed(() => {
    clearInterval(check)
    stop()
  })
}
