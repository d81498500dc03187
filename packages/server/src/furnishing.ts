import {
  cedarSchema,
  defaultGuardrails,
  defaultGuardrailsInvariants,
  freeze,
  type Json,
  preparePolicySet,
  type PrincipalId,
  readInvariants,
  register,
  type TenantId,
} from '@agentgate/core'
import type { House } from './house.ts'
import { chatTool, continueTool, demoTools } from './playground/tools.ts'
import { toolsOf } from './policies/forms.ts'
import { asEvent, tell } from './policies/tell.ts'
import { digestOf } from './routes/tools.ts'

const system = 'Agent::agentgate' as PrincipalId

/** What a server starts with: the playground's tools, and on an empty store the starter policies, active and visible in the audit log. */
export async function furnishTenant(house: House, tenant: TenantId): Promise<void> {
  for (const declaration of [chatTool, continueTool, ...demoTools.map((tool) => tool.declaration)]) {
    const tool = register(declaration, (value: Json) => digestOf(freeze(value)))
    if ((await house.tools.find(tenant, declaration.name))?.facts.digest === tool.facts.digest) continue
    // On record first: a tool that is not is in quarantine.
    await house.audit.record(tenant, { type: 'tool.registered', facts: { tool: declaration.name, digest: tool.facts.digest } })
    await house.tools.put(tenant, tool)
  }
  await tell(house, tenant)
  if ((await house.policies.versions(tenant)).length > 0) return
  const tools = await toolsOf(house, tenant)
  const prepared = preparePolicySet({ form: 'cedar', text: defaultGuardrails }, { tools })
  const stated = readInvariants(defaultGuardrailsInvariants, cedarSchema(tools).schema)
  if (!prepared.ok) throw new Error(`The starter policies do not fit: ${prepared.errors[0]?.message}`)
  if (!stated.ok) throw new Error(`The invariants of the starter policies do not fit: ${stated.errors[0]?.message}`)
  const written = { ...prepared.set, invariants: defaultGuardrailsInvariants, publishedAt: house.clock.now(), publishedBy: system }
  const { id, version, digest } = await house.policies.publish(tenant, { id: 'default-guardrails', ...written })
  const facts = { set: id, from: null, to: version, digest }
  const event = await asEvent(house.personal, tenant, { type: 'policy.activated', facts, at: house.clock.now(), moves: true })
  await house.policies.move(tenant, 0, { id, active: version, locked: false, deleted: false, trail: [] }, event)
  await tell(house, tenant)
}
