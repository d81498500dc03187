import type { Approval, Asker, MaskedCall } from '@agentgate/core'
import { GateError } from '@agentgate/core'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type DoorOptions, doors, type Open } from './door.ts'
import type { House } from './house.ts'
import { openApi } from './openapi.ts'
import { createChat } from './playground/chat.ts'
import { approvalRoutes } from './routes/approvals.ts'
import { callRoutes } from './routes/calls.ts'
import { evidenceRoutes } from './routes/evidence.ts'
import { honeyTokenRoutes } from './routes/honey-tokens.ts'
import { healthRoutes } from './routes/health.ts'
import { piiRoutes } from './routes/pii.ts'
import { piiCustodyRoutes } from './routes/pii-custody.ts'
import { delegationRoutes } from './routes/delegations.ts'
import { issuerKeyRoutes } from './routes/issuer-keys.ts'
import { planRoutes } from './routes/plans.ts'
import { playgroundRoutes } from './routes/playground.ts'
import { policyRoutes } from './routes/policies.ts'
import { threatRoutes } from './routes/threats.ts'
import { toolRoutes } from './routes/tools.ts'
import { traceRoutes } from './routes/traces.ts'

/** Opens every route of the house on an app. `answered` goes on with what an approval's answer set free. */
export function openHouse(
  app: FastifyInstance,
  house: House,
  { authenticate, check, inBackground }: DoorOptions,
): { readonly open: Open; readonly answered: (approval: Approval) => Promise<void> } {
  const open = doors(app, { authenticate, check, inBackground })
  const chat = createChat(house, (call) => askerOf(house, call))
  const again = (request: FastifyRequest) => authenticate(request)

  callRoutes(open, house, again)
  traceRoutes(open, house, again)
  approvalRoutes(open, house, { authenticate: again, answered: chat.answered })
  policyRoutes(open, house)
  planRoutes(open, house)
  delegationRoutes(open, house)
  issuerKeyRoutes(open, house)
  evidenceRoutes(open, house)
  piiRoutes(open, house)
  piiCustodyRoutes(open, house)
  threatRoutes(open, house)
  honeyTokenRoutes(open, house)
  toolRoutes(open, house)
  healthRoutes(open, house, authenticate)
  playgroundRoutes(open, house, chat)

  const description = openApi(house.version)
  app.route({ method: 'GET', url: '/api/openapi.json', config: { needs: 'anyone' }, handler: async () => description })
  return { open, answered: chat.answered }
}

/**
 * The principal of a held call as it is now, for deciding the call again in its name: its roles of today, and the address it
 * was asked from. Throws a `GateError` `unauthenticated` when it is no longer known: so it is once its API key is revoked or expired.
 */
export async function askerOf({ principals }: Pick<House, 'principals'>, { tenant, principal, context }: MaskedCall): Promise<Asker> {
  const known = await principals.find(tenant, principal.id)
  if (!known) throw new GateError('unauthenticated', 'The principal of the held call is no longer known.')
  const { source_ip } = context
  const { onBehalfOf = known.onBehalfOf } = principal
  return { principal: { ...known, ...(onBehalfOf && { onBehalfOf }), mfa: false }, facts: source_ip === undefined ? {} : { source_ip } }
}
