import type { Call, Effect, PrincipalId, TenantId } from '../call.ts'

/** Authority that one principal hands on to another. It permits nothing of itself: it bounds what its holder may do under it. */
export interface Grant {
  readonly id: string
  readonly tenant: TenantId
  readonly issuer: PrincipalId
  readonly holder: PrincipalId
  /** The grant that its issuer holds and hands on in part; absent at the root of a chain. */
  readonly parent?: string
  /** Names of tools, or `effect:` and an effect: `effect:read`. */
  readonly actions: readonly string[]
  /** Each exact, or all below a path: `/reports/*`. `*` is every resource. */
  readonly resources: readonly string[]
  /** What else a call must keep to. */
  readonly constraints?: Constraints
  /** `approval`: a person approves each call under it. */
  readonly obligations?: readonly GrantObligation[]
  /** Milliseconds since 1970. */
  readonly issuedAt: number
  readonly expiresAt: number
  /** The signed statement that says all this, as it stands in the ledger. */
  readonly envelope?: string
}

export interface Constraints {
  /** What one call may cost at most, in micro-dollars. A tool that does not say what it costs is not covered. */
  readonly maxCost?: number
  /** How little the content may be trusted that the call was made of: `none` only that of the house, `user` also that of people. */
  readonly taint?: 'none' | 'user'
}

export type GrantObligation = 'approval'

/** A grant with what became of it. */
export interface GrantOnFile extends Grant {
  /** Milliseconds since 1970. It ends everything that was handed on from it, too. */
  readonly revokedAt?: number
  /** Id of the issuer's own key that signed its statement, beside the server. */
  readonly issuerKey?: string
  /** Its statement does not bear it out: somebody wrote or changed it past us. It covers nothing. */
  readonly unsigned?: true
}

/** How many grants a chain has at most, its root counted. */
export const deepestChain = 8

export type GrantRefusal = 'grant-unknown' | 'grant-revoked' | 'grant-expired' | 'grant-exceeded'

/** What a grant is asked to cover. */
export type Asked = Pick<Call, 'tenant' | 'resource' | 'context'> & {
  readonly tool: Pick<Call['tool'], 'name' | 'effect' | 'cost'>
}

/**
 * Why a call may not run under a chain of grants, its own grant first and the root last; `undefined` when it may. Every link
 * must stand and cover the call by itself, so no link can hand on more than the one before it, whatever issuing let pass.
 */
export function refusedUnder(chain: readonly GrantOnFile[], holder: PrincipalId, call: Asked, now: number): GrantRefusal | undefined {
  const [own] = chain
  if (!own || own.holder !== holder || !isWhole(chain, call.tenant) || chain.some(({ unsigned }) => unsigned)) return 'grant-unknown'
  if (chain.some(({ revokedAt }) => revokedAt !== undefined)) return 'grant-revoked'
  if (chain.some(({ issuedAt, expiresAt }) => now < issuedAt || expiresAt <= now)) return 'grant-expired'
  return chain.every((link) => covers(link, call)) ? undefined : 'grant-exceeded'
}

/** Whether every link is handed on by the holder of the next, within one tenant, from a root, and there are not too many. */
function isWhole(chain: readonly Grant[], tenant: TenantId): boolean {
  return (
    chain.length <= deepestChain &&
    chain.every((link, at) => {
      const above = chain[at + 1]
      return link.tenant === tenant && link.parent === above?.id && (!above || link.issuer === above.holder)
    })
  )
}

/** Whether one grant covers the call by itself: its action, its resource, and what else it must keep to. */
export function covers({ actions, resources, constraints = {} }: Grant, { tool, resource, context }: Asked): boolean {
  const { maxCost, taint } = constraints
  return (
    (actions.includes(tool.name) || actions.includes(`effect:${tool.effect}`)) &&
    resources.some((each) => isWithin(resource, each)) &&
    (maxCost === undefined || (tool.cost !== undefined && tool.cost <= maxCost)) &&
    (taint === undefined || context['taint'] === 'none' || context['taint'] === taint)
  )
}

export type WidenedField = 'tenant' | 'issuer' | 'parent' | 'actions' | 'resources' | 'constraints' | 'obligations' | 'expiresAt'

/**
 * The fields in which a grant is wider than the one that it is handed on from: none when it only narrows. `effectOf` knows
 * tools: under `effect:read`, one that reads is no wider.
 */
export function widened(
  child: Grant,
  parent: Grant,
  effectOf: (tool: string) => Effect | undefined = () => undefined,
): readonly WidenedField[] {
  const [own, above] = [child.constraints ?? {}, parent.constraints ?? {}]
  const narrower: { readonly [field in WidenedField]: boolean } = {
    tenant: child.tenant === parent.tenant,
    issuer: child.issuer === parent.holder,
    parent: child.parent === parent.id,
    actions: child.actions.every((action) => parent.actions.includes(action) || parent.actions.includes(`effect:${effectOf(action)}`)),
    resources: child.resources.every((resource) => parent.resources.some((each) => isWithin(resource, each))),
    constraints:
      (above.maxCost === undefined || (own.maxCost ?? Infinity) <= above.maxCost) &&
      (above.taint === undefined || own.taint === 'none' || own.taint === above.taint),
    obligations: (parent.obligations ?? []).every((each) => child.obligations?.includes(each)),
    expiresAt: child.expiresAt <= parent.expiresAt,
  }
  return (Object.keys(narrower) as WidenedField[]).filter((field) => !narrower[field])
}

/** Whether a resource, or all that a pattern names, lies within what another names. Below a path only where nobody reads it otherwise. */
function isWithin(resource: string, pattern: string): boolean {
  if (resource === pattern || pattern === '*') return true
  return pattern.endsWith('/*') && resource.startsWith(pattern.slice(0, -1)) && isPlain(resource)
}

/** Whether a path is what it looks like: no step up, nothing encoded, no second kind of slash, no token. */
function isPlain(path: string): boolean {
  const steps = path.split('/').slice(1)
  return !/[\\%;?#<>\p{C}\p{Default_Ignorable_Code_Point}]/u.test(path) && steps.every((step) => step !== '' && !/^[.\s]*$/u.test(step))
}
