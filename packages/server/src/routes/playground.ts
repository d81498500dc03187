import { holds, routes } from '@agentgate/api'
import type { Open } from '../door.ts'
import { Fault } from '../fault.ts'
import type { House } from '../house.ts'
import type { Chat } from '../playground/chat.ts'
import { sessionsOf } from '../playground/history.ts'
import { problemOf, sendFault } from '../problems.ts'
import { openEvents } from '../stream.ts'

/** The page where a person sees the gate work. */
export function playgroundRoutes(open: Open, house: House, chat: Chat): void {
  const { model, chatRate } = house

  open(routes.playground.chat, async ({ body, who, request, reply }) => {
    const { session_id: session, text, controls: shadowed = [] } = body
    if (shadowed.length > 0) {
      if (!holds(who.asker.principal.roles, 'config:update'))
        throw new Fault(403, 'not-permitted', 'Controls in shadow need the permission `config:update`.')
      if (model.provider !== 'demo')
        throw new Fault(
          409,
          'demo-model-only',
          'Controls run in shadow with the built-in demo model only: a real one would get what they let through.',
        )
    }
    const { answer, fault } = await chat.say(who.asker, { session, text, ...(shadowed.length > 0 && { shadowed }) })
    if (request.headers.accept?.includes('text/event-stream')) {
      const events = openEvents(request, reply)
      if (!fault) events.send({ event: 'answer', data: answer })
      else events.send({ event: fault.status === 202 ? 'held' : 'refused', data: problemOf(fault, request.id) })
      events.end()
      return undefined
    }
    if (!fault) return answer
    void sendFault(request, reply, fault)
    return undefined
  })

  open(routes.playground.session, async ({ params, who }) => ({
    session_id: params.id,
    messages: [...(await chat.history(who.asker, params.id))],
  }))

  open(routes.playground.sessions, async ({ who }) => ({ items: await sessionsOf(house, who.asker) }))

  open(routes.playground.model, async () => ({
    provider: model.provider,
    model: model.name,
    rate: { max: chatRate.max, window_ms: chatRate.window },
  }))
}
