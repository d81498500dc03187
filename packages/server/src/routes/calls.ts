import { type report, routes } from '@agentgate/api'
import { type Call, type CallRecord, GateError, type Identify, type Report } from '@agentgate/core'
import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { gone, type Open, type Who } from '../door.ts'
import { Fault } from '../fault.ts'
import type { House } from '../house.ts'
import { createIdempotency } from '../idempotency.ts'
import { withinBounds } from '../input-bounds.ts'
import { ownFindings } from '../own-findings.ts'
import { newestOf, recordFor } from '../records.ts'
import { isDecided, sameHeld } from '../same-held.ts'
import { wireDecision, wireOutcome } from '../wire.ts'

/** Deciding and settling over HTTP: `POST /api/calls` answers 200 with a verdict, whatever the verdict is. */
export function callRoutes(open: Open, house: House, authenticate: (request: FastifyRequest) => Promise<Who>): void {
  const once = createIdempotency(house.clock)
  /** Who asks; when a decision has to be made again, as policies or revocations moved meanwhile, afresh. */
  const identify = ({ who, request }: { who: Who; request: FastifyRequest }): Identify => {
    let asked = 0
    return async () => (asked++ === 0 ? who : await authenticate(request)).asker
  }

  open(routes.calls.decide, async ({ body, who, request, reply }) => {
    const { action, input, session_id: session, labels, resumes } = body
    withinBounds(input, '/input')
    const found = await ownFindings(house.personal, who.asker.principal.tenant, body.found)
    const given = request.headers['idempotency-key']
    const key = typeof given === 'string' ? given : undefined
    const asked = { action, input, ...(session !== undefined && { session }), ...(labels && { labels }), found }
    // Whoever repeats a keyed request wants its true answer, also when it went away.
    const gate = house.gate(identify({ who, request }))
    const signal = key === undefined ? gone(reply) : undefined
    const decide = async () => {
      const held = resumes && (await sameHeld(house, who.asker.principal, asked, resumes))
      if (!held) return gate.decide(asked, signal)
      return gate.decide({ resume: held, found }, signal).catch((error: unknown) => {
        if (isDecided(error)) return gate.decide(asked, signal)
        throw error
      })
    }
    return wireDecision(await once(ownerOf(who), key, body, decide))
  })

  open(routes.calls.resume, async ({ params, body, who, request, reply }) => {
    const { decision } = await mine(who, params.id)
    const found = await ownFindings(house.personal, who.asker.principal.tenant, body.found)
    const asked = { resume: decision.call.id, found, ...(body.confirm && { confirm: true }) }
    try {
      return wireDecision(await house.gate(identify({ who, request })).decide(asked, gone(reply)))
    } catch (error) {
      if (!(error instanceof GateError) || error.code !== 'already-decided') throw error
      // A final refusal may be told again: nothing can run by it.
      const final = await newestOf(house, who.asker.principal.tenant, decision.call.id)
      if (final?.decision.verdict !== 'deny') throw error
      return wireDecision(final.decision)
    }
  })

  open(routes.calls.release, async ({ params, who }) => {
    const { decision } = await mine(who, params.id)
    return { input: { ...(await house.gate(async () => who.asker).release(decision.id)) } }
  })

  open(routes.calls.outcome, async ({ params, body, who }) => {
    withinBounds(body, '')
    const { decision } = await mine(who, params.id)
    const found = await ownFindings(house.personal, who.asker.principal.tenant, body.found)
    return wireOutcome(await house.gate(async () => who.asker).settle(decision.id, { ...reportOf(body), found }))
  })

  open(routes.calls.get, async ({ params, who, reach }) => {
    const { decision, outcome } = await recordFor(house, who, reach, params.id)
    return { decision: wireDecision(decision), ...(outcome && { outcome: wireOutcome(outcome) }) }
  })

  async function mine(who: Who, id: string): Promise<CallRecord> {
    return recordFor(house, who, 'own', id).catch((error: unknown) => {
      if (!(error instanceof Fault)) throw error
      throw new GateError('unknown-decision', 'No call of this principal has that id.')
    })
  }
}

function ownerOf({ asker: { principal } }: Who): string {
  return `${principal.tenant}/${principal.id}`
}

function reportOf({ streamed, found: _, ...body }: z.output<typeof report>): Report {
  const soFar = streamed && { streamed }
  if (body.status === 'failed') return { status: 'failed', error: body.error ?? 'The tool failed.', ...soFar }
  // INVARIANT: the body was JSON; the gate freezes it before it looks.
  return { status: 'succeeded', output: (body.output ?? null) as Call['input'], ...soFar }
}
