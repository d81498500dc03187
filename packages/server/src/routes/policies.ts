import { type Diagnostic as WireDiagnostic, type PolicyVersion, type PolicyVersionSummary, routes } from '@agentgate/api'
import {
  type CallId,
  type Diagnostic,
  freeze,
  type JsonObject,
  type MaskedCall,
  type PolicySet,
  type PolicySource,
  type PolicyTool,
  policy,
  preparePolicySet,
  type PrincipalId,
  type RegisteredTool,
  type SessionId,
  type TenantId,
} from '@agentgate/core'
import type { Open } from '../door.ts'
import { Fault, notFound } from '../fault.ts'
import type { House } from '../house.ts'
import { rfc3339 } from '../wire.ts'

type Rules = { readonly [key: string]: unknown }
type Form = { readonly text: string } | { readonly quick: Rules } | { readonly conditioned: Rules }

/** Policy sets: written as Cedar or quick rules, published as immutable versions, activated one version at a time. */
export function policyRoutes(open: Open, house: House): void {
  const { policies, audit, clock, newId } = house

  open(routes.policies.list, async ({ who }) => {
    const { tenant } = who.asker.principal
    const active = new Map((await policies.active(tenant)).map(({ id, version }) => [id, version]))
    const sets = Map.groupBy(await policies.history(tenant), ({ id }) => id)
    const items = [...sets].flatMap(([id, versions]) => {
      const [newest] = versions
      if (!newest) return []
      const { digest, publishedAt } = newest
      const state = active.has(id) ? ('active' as const) : ('published' as const)
      const standing = { state, locked: false, active_version: active.get(id) ?? null, draft: null }
      return [{ id, versions: versions.length, digest, published_at: rfc3339(publishedAt), ...standing }]
    })
    return { items }
  })

  open(routes.policies.create, async ({ body, who }) => {
    const { tenant, id: by } = who.asker.principal
    const prepared = prepare(body.policy, await toolsOf(house, tenant), house)
    if (!prepared.ok) throw refused(prepared.errors)
    const set = await policies.publish(tenant, { id: body.id, ...prepared.set, publishedAt: clock.now(), publishedBy: by })
    await audit.record(tenant, {
      type: 'policy.published',
      principal: by,
      facts: { set: set.id, version: set.version, digest: set.digest },
    })
    return shown(set, false)
  })

  open(routes.policies.validate, async ({ body, who }) => {
    const prepared = prepare(body.policy, await toolsOf(house, who.asker.principal.tenant), house)
    if (prepared.ok) return { valid: true, diagnostics: [], text: prepared.set.text }
    return { valid: false, diagnostics: prepared.errors.map(wire) }
  })

  open(routes.policies.evaluate, async ({ body, who }) => {
    const { tenant } = who.asker.principal
    const sets = await setsFor(tenant, body)
    const tools = await toolsOf(house, tenant)
    const tool = tools.find(({ name, action }) => name === body.action || action === body.action)
    const { id, roles, mfa } = body.principal
    const session = 'evaluation' as SessionId
    const context = freeze({ now: clock.now(), mfa, session, taint: 'none', ...body.context })
    const input = freeze(body.context['input'] ?? {}) as JsonObject
    // INVARIANT: nothing of this call is recorded, sent or executed; it is the caller's own example.
    const call = {
      id: newId() as CallId,
      tenant,
      principal: { id: principalId(id), tenant, roles, mfa },
      session,
      tool: { name: tool?.name ?? body.action, digest: '', effect: tool?.effect ?? 'execute', boundary: 'external', arguments: {} },
      action: tool?.action ?? body.action,
      resource: body.resource,
      input,
      context,
    } as unknown as MaskedCall
    const judge = policy({ active: async () => sets, ...(tool && { tool: async () => tool }) })
    const found = await judge.evaluate(call, { now: clock.now(), earlier: [], signal: AbortSignal.timeout(10_000) })
    return {
      verdict: found.verdict === 'pass' ? 'deny' : found.verdict,
      ...(found.reason && { reason: { code: found.reason.code, message: found.reason.message } }),
      determining: [...(found.policy?.determining ?? [])],
      obligations: [...(found.obligations ?? [])],
      digests: sets.map(({ digest }) => digest),
    }
  })

  open(routes.policies.get, async ({ params, who }) => {
    const { tenant } = who.asker.principal
    const [newest, active] = await versions(tenant, params.id)
    return shown(active ?? newest, active !== undefined)
  })

  open(routes.policies.versions, async ({ params, who }) => {
    const { tenant } = who.asker.principal
    const [, active] = await versions(tenant, params.id)
    const all = await policies.history(tenant, params.id)
    return { items: all.map((set) => summaryOf(set, set.version === active?.version)) }
  })

  open(routes.policies.activate, async ({ params, body, who }) => {
    const { tenant, id: by } = who.asker.principal
    const [newest, before] = await versions(tenant, params.id)
    const all = await policies.history(tenant, params.id)
    const chosen = body.version === undefined ? newest : all.find(({ version }) => version === body.version)
    if (!chosen) throw notFound('policy version')
    await policies.activate(tenant, chosen.id, chosen.version)
    await moved(
      tenant,
      by,
      'policy.activated',
      { set: chosen.id, from: before?.version ?? null, to: chosen.version, digest: chosen.digest },
      body.why,
    )
    return shown(chosen, true)
  })

  open(routes.policies.deactivate, async ({ params, body, who }) => {
    const { tenant, id: by } = who.asker.principal
    const [, before] = await versions(tenant, params.id)
    if (!before) throw new Fault(409, 'not-active', `No version of \`${params.id}\` is active.`)
    await policies.activate(tenant, params.id, undefined)
    await moved(tenant, by, 'policy.deactivated', { set: before.id, from: before.version, to: null, digest: before.digest }, body.why)
    return shown(before, false)
  })

  /** On record, and from here on no decision is recorded that was made by the older sets. */
  async function moved(tenant: TenantId, by: PrincipalId, type: string, facts: JsonObject, why: string): Promise<void> {
    await audit.record(tenant, { type, principal: by, facts, moves: true, ...(why && { sealed: { why } }) })
  }

  async function versions(tenant: TenantId, id: string): Promise<[newest: PolicySet, active: PolicySet | undefined]> {
    const [newest] = await policies.history(tenant, id)
    if (!newest) throw notFound('policy set')
    return [newest, (await policies.active(tenant)).find((set) => set.id === id)]
  }

  async function setsFor(
    tenant: TenantId,
    { policy_set_id: id, version, text }: { policy_set_id?: string | undefined; version?: number | undefined; text?: string | undefined },
  ): Promise<readonly PolicySet[]> {
    if (text !== undefined) {
      const prepared = prepare({ text }, await toolsOf(house, tenant), house)
      if (!prepared.ok) throw refused(prepared.errors)
      return [{ id: 'draft', version: 0, ...prepared.set, publishedAt: 0, publishedBy: 'User::draft' as PrincipalId }]
    }
    if (id === undefined) return policies.active(tenant)
    const all = await policies.history(tenant, id)
    const chosen = version === undefined ? all[0] : all.find((set) => set.version === version)
    if (!chosen) throw notFound('policy version')
    return [chosen]
  }
}

/** What policies must know of the tenant's tools. */
export async function toolsOf({ tools }: Pick<House, 'tools'>, tenant: TenantId): Promise<readonly PolicyTool[]> {
  return (await tools.list(tenant)).map(policyTool)
}

/** A tool as policies see it. */
export function policyTool({ declaration: { name, action, effect, input } }: RegisteredTool): PolicyTool {
  return { name, action: action ?? name, effect, inputSchema: input }
}

function prepare(form: Form, tools: readonly PolicyTool[], { personal }: Pick<House, 'personal'>) {
  return preparePolicySet(sourceOf(form), { tools, personal: personal.kindOf })
}

/** Rules were parsed from JSON. */
function sourceOf(form: Form): PolicySource {
  if ('text' in form) return { form: 'cedar', text: form.text }
  return 'quick' in form ? { form: 'quick', rules: freeze(form.quick) } : { form: 'conditioned', rules: freeze(form.conditioned) }
}

function refused(errors: readonly Diagnostic[]): Fault {
  const [first] = errors
  if (first?.code === 'too-large') return new Fault(413, 'policy-too-large', first.message)
  const shown = errors.slice(0, 50).map(({ path, message, line, column }) => ({
    path: path === undefined ? '/policy' : `/policy/quick${path}`,
    message,
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
  }))
  return new Fault(422, 'invalid-policy', `The policy set cannot be published: ${first?.message ?? 'see `errors`'}`, { errors: shown })
}

function wire({ code, message, help, line, column, text, policy, path }: Diagnostic): WireDiagnostic {
  return JSON.parse(JSON.stringify({ code, message, help, line, column, text, policy, path })) as WireDiagnostic
}

function shown({ id, version, digest, text, source, publishedAt, publishedBy }: PolicySet, active: boolean): PolicyVersion {
  return {
    id,
    version,
    digest,
    active,
    text,
    ...(source && { source: { ...source } }),
    published_at: rfc3339(publishedAt),
    published_by: publishedBy,
  }
}

function summaryOf({ id, version, digest, source, publishedAt, publishedBy }: PolicySet, active: boolean): PolicyVersionSummary {
  const form = source?.form ?? 'cedar'
  return { id, version, digest, active, form, has_invariants: false, published_at: rfc3339(publishedAt), published_by: publishedBy }
}

function principalId(id: string): PrincipalId {
  return (id.includes('::') ? id : `User::${id}`) as PrincipalId
}
