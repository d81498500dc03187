import { holds, routes, type WireGrant } from '@agentgate/api'
import {
  certifyGrant,
  deepestChain,
  type Effect,
  type Grant,
  type GrantOnFile,
  mostHeld,
  type Principal,
  type PrincipalId,
  type TenantId,
  refusedUnder,
  widened,
} from '@agentgate/core'
import type { Open } from '../door.ts'
import { Fault, notFound } from '../fault.ts'
import type { House } from '../house.ts'
import { claimOf } from '../signed-grants.ts'
import { rfc3339 } from '../wire.ts'
import { fixedBy, issuerSignature } from './issuer-keys.ts'

/** Handing authority on, and taking it back. */
export function delegationRoutes(open: Open, house: House): void {
  const { grants, principals, tools, ledger, keys, audit, personal, clock, newId } = house

  open(routes.delegations.list, async ({ query: { holder, standing, cursor, limit }, who }) => {
    const { principal } = who.asker
    const found = await grants.list(principal.tenant, {
      limit,
      ...(holder !== undefined && { holder: holder as PrincipalId }),
      ...(!seesAll(principal) && { concerning: selves(principal) }),
      ...(standing && { standing: clock.now() }),
      ...(cursor !== undefined && { before: cursor }),
    })
    const last = found.at(-1)
    return { items: found.map(shown), ...(last && found.length === limit && { next_cursor: last.id }) }
  })

  open(routes.delegations.get, async ({ params: { id }, who }) => {
    const chain = await chainFor(who.asker.principal, id)
    return { chain: chain.map(shown), envelope: JSON.parse(chain[0]?.envelope ?? '{}') as Record<string, unknown> }
  })

  open(routes.delegations.issue, async ({ body, who }) => {
    const { tenant, id: issuer, roles } = who.asker.principal
    const { max_cost: maxCost, taint } = body.constraints
    const now = clock.now()
    const { id, issuedAt } = body.signed ? fixedBy(body.signed, now) : { id: newId(), issuedAt: now }
    const grant: Grant = {
      id,
      tenant,
      issuer,
      holder: body.holder as PrincipalId,
      ...(body.parent !== undefined && { parent: body.parent }),
      actions: [...new Set(body.allowed_actions)],
      resources: [...new Set(body.resource_scope)],
      constraints: { ...(maxCost !== undefined && { maxCost }), ...(taint && { taint }) },
      obligations: body.obligations,
      issuedAt,
      expiresAt: Date.parse(body.expires_at),
    }
    const texts = [...grant.actions, ...grant.resources].flatMap(readings)
    if ((await Promise.all(texts.map((text) => personal.detect(tenant, text)))).some(({ length }) => length > 0))
      throw new Fault(
        422,
        'personal-data',
        'The grant holds personal data, and it stands in the ledger for good: name the resource by an id.',
      )
    if (!(await principals.find(tenant, grant.holder)))
      throw new Fault(422, 'unknown-holder', 'Nobody of that id may ask for anything here.')
    if (grant.expiresAt <= now) throw new Fault(422, 'expired-already', '`expires_at` is over: give a time to come.')
    if (grant.parent !== undefined) {
      await checkParent(grant, grant.parent, now)
      await checkPace(tenant, issuer, now)
    } else if (who.session === undefined || who.asker.principal.onBehalfOf !== undefined)
      throw new Fault(403, 'only-people', 'An API key hands on what it holds; a first grant is handed out by somebody who has signed in.')
    else if (!holds(roles, 'delegation:write'))
      throw new Fault(403, 'forbidden', 'Only an administrator hands out a first grant: name the grant that you hand on as `parent`.')
    const [holding] = await grants.held(tenant, [grant.holder], now)
    if (grant.parent !== undefined && !holding) {
      throw new Fault(
        409,
        'unbound-holder',
        'Whoever is to hold it acts by the policies alone, and a grant of yours would only take away: an administrator hands it its first one.',
      )
    }
    const full = holding?.standing.filter(({ parent }) => grant.parent !== undefined || parent === undefined) ?? []
    if (full.length >= mostHeld) throw new Fault(409, 'too-many-grants', `It holds ${mostHeld} grants that stand: revoke one first.`)
    const signature = await issuerSignature(house, tenant, issuer, claimOf(grant), body.signed)
    const entry = await certifyGrant(keys.signer, claimOf(grant), signature)
    const appended = await ledger.append(tenant, [entry])
    if (!('first' in appended)) throw new Fault(409, 'already-issued', 'That statement was issued already: there is a grant of its id.')
    if (!(await grants.issue({ ...grant, envelope: entry.body }))) throw new Error('A grant found no place.')
    const facts = { grant: grant.id, holder: grant.holder, parent: grant.parent ?? null, entry: appended.first }
    await audit.record(tenant, { type: 'grant.issued', principal: issuer, facts, moves: grant.parent === undefined })
    return shown({ ...grant, ...(signature && { issuerKey: signature.keyId }) })
  })

  open(routes.delegations.revoke, async ({ params: { id }, who }) => {
    const { principal } = who.asker
    const [own] = await chainFor(principal, id)
    if (!own || (own.issuer !== principal.id && !holds(principal.roles, 'delegation:write')))
      throw new Fault(403, 'forbidden', 'Its issuer revokes a grant, or an administrator.')
    const at = clock.now()
    const done = await grants.revoke(principal.tenant, id, at)
    // Once, and also where it was revoked by somebody who could not say so any more.
    const event = { type: 'grant.revoked', principal: principal.id, facts: { grant: id }, moves: true }
    await audit.record(principal.tenant, event, [`grant-revoked/${id}`])
    return shown({ ...own, revokedAt: done ? at : (own.revokedAt ?? at) })
  })

  /** A grant with all above it, for whoever may see it. */
  async function chainFor(principal: Principal, id: string): Promise<readonly GrantOnFile[]> {
    const chain = await grants.chain(principal.tenant, id)
    if (!chain[0] || !sees(principal, chain)) throw notFound('grant')
    return chain
  }

  /** What one agent issues and revokes makes others decide again: it may not do that as fast as it can. */
  async function checkPace(tenant: TenantId, issuer: PrincipalId, now: number): Promise<void> {
    const newest = await grants.list(tenant, { concerning: [issuer], limit: 1_000 })
    const own = newest.filter((each) => each.issuer === issuer && each.issuedAt > now - 60_000)
    if (own.length < mostAMinute) return
    const message = `At most ${mostAMinute} grants a minute are handed on by one principal: wait as long as \`Retry-After\` says.`
    throw new Fault(429, 'too-many-grants', message, { retry_after_ms: 60_000 })
  }

  async function checkParent(grant: Grant, id: string, now: number): Promise<void> {
    const chain = await grants.chain(grant.tenant, id)
    const [parent] = chain
    if (!parent || parent.holder !== grant.issuer) throw notFound('grant of yours')
    if (chain.length >= deepestChain)
      throw new Fault(422, 'too-deep', `A grant is handed on at most ${deepestChain - 1} times: ask for one that is nearer to the first.`)
    // What it covers is asked of each call; here only whether it stands.
    const asked = { tenant: grant.tenant, resource: '', context: {}, tool: { name: '', effect: 'read' as const } }
    const ended = refusedUnder(chain, grant.issuer, asked, now)
    if (ended !== undefined && ended !== 'grant-exceeded')
      throw new Fault(409, 'parent-ended', 'The grant that you hand on is revoked or over, or one that it was handed on from.')
    const effects = new Map<string, Effect>()
    for (const name of grant.actions) {
      const tool = await tools.find(grant.tenant, name)
      if (tool) effects.set(name, tool.facts.effect)
    }
    const fields = widened(grant, parent, (name) => effects.get(name)).map((field) => wireField[field])
    if (fields.length > 0) {
      const message = `A grant only narrows what it is handed on from, and this one is wider: ${fields.join(', ')}.`
      throw new Fault(422, 'wider-than-parent', message)
    }
  }

  function shown(grant: GrantOnFile): WireGrant {
    const { id, issuer, holder, parent, actions, resources, constraints, obligations, issuedAt, expiresAt, revokedAt } = grant
    const { unsigned, issuerKey } = grant
    const { maxCost, taint } = constraints ?? {}
    return {
      id,
      issuer,
      holder,
      ...(parent !== undefined && { parent }),
      allowed_actions: [...actions],
      resource_scope: [...resources],
      constraints: { ...(maxCost !== undefined && { max_cost: maxCost }), ...(taint && { taint }) },
      obligations: [...(obligations ?? [])],
      issued_at: rfc3339(issuedAt),
      expires_at: rfc3339(expiresAt),
      ...(revokedAt !== undefined && { revoked_at: rfc3339(revokedAt) }),
      ...(issuerKey !== undefined && { issuer_key: issuerKey }),
      state: revokedAt !== undefined ? 'revoked' : unsigned ? 'unsigned' : expiresAt <= clock.now() ? 'expired' : 'stands',
    }
  }
}

/** How many grants one principal hands on within a minute. */
const mostAMinute = 30

/** A name as it is written, and as people would read it. */
function readings(text: string): readonly string[] {
  const decoded = text.replace(/(?:%[\da-f]{2})+/giu, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString())
  return [text, decoded, decoded.replace(/[/_.-]+/gu, ' '), decoded.replace(/(?<=\p{Ll})(?=\p{Lu})/gu, ' ')]
}

/** Administrators and auditors see all; others what they issued or hold, and what was handed on from it or to it. */
function sees(principal: Principal, chain: readonly GrantOnFile[]): boolean {
  const own = selves(principal)
  return seesAll(principal) || chain.some(({ issuer, holder }) => own.includes(issuer) || own.includes(holder))
}

function seesAll({ roles }: Principal): boolean {
  return holds(roles, 'delegation:write') === 'all' || holds(roles, 'audit:read') === 'all'
}

/** Who asks, and for whom. */
function selves({ id, onBehalfOf }: Principal): readonly PrincipalId[] {
  return onBehalfOf === undefined ? [id] : [id, onBehalfOf]
}

const wireField = {
  tenant: 'tenant',
  issuer: 'issuer',
  parent: 'parent',
  actions: 'allowed_actions',
  resources: 'resource_scope',
  constraints: 'constraints',
  obligations: 'obligations',
  expiresAt: 'expires_at',
} as const satisfies { readonly [field in ReturnType<typeof widened>[number]]: string }
