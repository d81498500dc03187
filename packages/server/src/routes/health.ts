import { holds, routes } from '@agentgate/api'
import type { FastifyRequest } from 'fastify'
import type { Open, Who } from '../door.ts'
import type { House } from '../house.ts'
import { Fault } from '../fault.ts'

/** Whether the server is up and stands on what it needs. Details only for those who may read the configuration. */
export function healthRoutes(open: Open, house: House, authenticate: (request: FastifyRequest) => Promise<Who>): void {
  open(routes.health.get, async ({ request, reply }) => {
    const checks = await house.checks()
    const ok = Object.values(checks).every((check) => check.ok || check.needed === false)
    const whole = Object.values(checks).every((check) => check.ok)
    if (!ok) void reply.code(503)
    const who = await authenticate(request).catch(() => undefined)
    const detailed = who !== undefined && holds(who.asker.principal.roles, 'config:read') !== undefined
    const shown = Object.entries(checks).map(
      ([name, { ok, detail }]) => [name, detailed && detail !== undefined ? { ok, detail } : { ok }] as const,
    )
    return {
      status: whole ? ('healthy' as const) : ok ? ('degraded' as const) : ('unhealthy' as const),
      version: house.version,
      checks: Object.fromEntries(shown),
      demo: house.demo,
    }
  })

  open(routes.health.liveness, async () => ({ status: 'ok' as const }))

  open(routes.health.readiness, async () => {
    const checks = await house.checks()
    const bad = Object.entries(checks).flatMap(([name, { ok, needed }]) => (ok || needed === false ? [] : [name]))
    if (bad.length > 0) throw new Fault(503, 'not-ready', `The server cannot work: ${bad.join(', ')}.`)
    return { status: 'ok' as const }
  })
}
