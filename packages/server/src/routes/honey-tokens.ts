import { routes, type WireHoneyToken } from '@agentgate/api'
import type { HoneyToken } from '@agentgate/core'
import type { Open } from '../door.ts'
import { Fault, notFound } from '../fault.ts'
import type { House } from '../house.ts'
import { rfc3339 } from '../wire.ts'

/** Values that are planted for intruders. */
export function honeyTokenRoutes(open: Open, { honeyTokens, honey, audit, personal, clock, newId }: House): void {
  open(routes.threats.honeyTokens, async ({ who }) => ({
    items: (await honeyTokens.list(who.asker.principal.tenant)).map(shown),
  }))

  open(routes.threats.plantHoneyToken, async ({ body: { name, level, prefix }, who }) => {
    const { tenant, id: plantedBy } = who.asker.principal
    if ((await personal.detect(tenant, name)).length > 0)
      throw new Fault(422, 'personal-data', 'The name holds personal data: say where the token is planted, not about whom.')
    const { value, mark } = honey.values.make()
    const token: HoneyToken = { id: newId(), tenant, name, level, mark, plantedAt: clock.now(), plantedBy, touches: 0 }
    if (!(await honeyTokens.plant(token)))
      throw new Fault(409, 'too-many-honey-tokens', 'As many honey tokens as can be are planted: retire one first.')
    honey.changed(tenant)
    await audit.record(tenant, { type: 'honey-token.planted', principal: plantedBy, facts: { token: token.id, level } })
    return { value: prefix + value, honey_token: shown(token) }
  })

  open(routes.threats.retireHoneyToken, async ({ params: { id }, who }) => {
    const { tenant, id: principal } = who.asker.principal
    if (!(await honeyTokens.retire(tenant, id, clock.now()))) throw notFound('planted honey token')
    honey.changed(tenant)
    await audit.record(tenant, { type: 'honey-token.retired', principal, facts: { token: id } })
    return { ok: true as const }
  })

  function shown({ id, name, level, mark, plantedAt, plantedBy, touches, touchedAt, retiredAt }: HoneyToken): WireHoneyToken {
    return {
      id,
      name,
      level,
      state: retiredAt !== undefined ? 'retired' : honey.values.knows(mark) ? 'planted' : 'key-replaced',
      planted_at: rfc3339(plantedAt),
      planted_by: plantedBy,
      touches,
      ...(touchedAt !== undefined && { touched_at: rfc3339(touchedAt) }),
      ...(retiredAt !== undefined && { retired_at: rfc3339(retiredAt) }),
    }
  }
}
