import type { FastifyReply } from 'fastify'
import type { Who } from '../door.ts'
import { Fault } from '../fault.ts'
import type { How } from '../work/policy-work.ts'

/** Lets each caller have one such question answered at a time; it is given up when the caller goes. `what` is in the refusal. */
export function oneEach(what: string): <T>(who: Who, reply: Pick<FastifyReply, 'raw'>, work: (how: How) => Promise<T>) => Promise<T> {
  const underway = new Set<string>()
  return async (who, reply, work) => {
    const { tenant, id: by } = who.asker.principal
    const key = JSON.stringify([tenant, by])
    if (underway.has(key)) {
      const message = `Another ${what} that you asked for is underway: wait for its answer, or close that request, and ask again.`
      throw new Fault(429, 'analysis-busy', message, { retry_after_ms: 2_000 })
    }
    const gone = new AbortController()
    const leave = () => gone.abort()
    reply.raw.once('close', leave)
    underway.add(key)
    try {
      return await work({ tenant, by, signal: gone.signal })
    } finally {
      underway.delete(key)
      reply.raw.off('close', leave)
    }
  }
}
