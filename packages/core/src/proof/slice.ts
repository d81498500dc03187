import type { ActionConstraint, EntityUidJson, PrincipalConstraint, ResourceConstraint } from '@cedar-policy/cedar-wasm/nodejs'
import type { CedarRequest } from '../policy/facts.ts'
import type { PolicySyntax } from './syntax.ts'

type Part = 'action' | 'resource' | 'principal'
type Constraint = PrincipalConstraint | ActionConstraint | ResourceConstraint

/** A policy that is left out of a theorem, and the part of its scope that is false of the call. */
export interface LeftOut {
  readonly policy: PolicySyntax
  readonly part: Part
}

/** The policies that a theorem is about, and those that cannot apply to its call. */
export interface Slice {
  readonly read: readonly PolicySyntax[]
  readonly leftOut: readonly LeftOut[]
}

/**
 * Leaves out policies whose scope excludes a call, so that the cost of a proof follows those that could apply. It is not
 * trusted: the theorem says of each part that it is false, and the solver finds it out. Slices of the same policies that
 * leave out the same are one object, for as long as it is kept.
 */
export function slice(policies: readonly PolicySyntax[], request: CedarRequest): Slice {
  const scopes = known.get(policies) ?? scopesOf(policies)
  known.set(policies, scopes)
  const excluded = parts.map((part, at) => {
    const above = over(request, part)
    return scopes.distinct[at]?.map((scope) => excludes(scope, request[part], above)) ?? []
  })
  const found = scopes.of.map((which) => which.findIndex((scope, at) => excluded[at]?.[scope]))
  const key = found.join()
  const kept = scopes.slices.get(key)
  if (kept) return kept
  const made: Slice = {
    read: policies.filter((_, at) => found[at] === -1),
    leftOut: policies.flatMap((policy, at) => {
      const part = parts[found[at] ?? -1]
      return part ? { policy, part } : []
    }),
  }
  if (scopes.slices.size >= most) scopes.slices.clear()
  scopes.slices.set(key, made)
  return made
}

/** What tells most policies apart comes first: those that it leaves out share one part. */
const parts: readonly Part[] = ['action', 'resource', 'principal']

/** Of some policies the different parts of their scopes, of each policy which of these it has, and slices that were asked for. */
interface Scopes {
  readonly distinct: readonly (readonly Constraint[])[]
  readonly of: readonly (readonly number[])[]
  readonly slices: Map<string, Slice>
}

const known = new WeakMap<readonly PolicySyntax[], Scopes>()

/** Slices of the same policies that are kept at once. */
const most = 1_000

function scopesOf(policies: readonly PolicySyntax[]): Scopes {
  const seen = parts.map(() => new Map<string, number>())
  const distinct: Constraint[][] = parts.map(() => [])
  const of = policies.map(({ json }) =>
    parts.map((part, at) => {
      const key = JSON.stringify(json[part])
      const place = seen[at]?.get(key) ?? (distinct[at]?.push(json[part]) ?? 0) - 1
      seen[at]?.set(key, place)
      return place
    }),
  )
  return { distinct, of, slices: new Map() }
}

function excludes(scope: Constraint, self: { readonly type: string; readonly id: string }, above: ReadonlySet<string>): boolean {
  const reaches = (uid: EntityUidJson) => keyOf(uid) === keyOf(self) || above.has(keyOf(uid))
  switch (scope.op) {
    case 'All':
      return false
    case '==':
      return 'entity' in scope && keyOf(scope.entity) !== keyOf(self)
    case 'in':
      return 'entities' in scope ? !scope.entities.some(reaches) : 'entity' in scope && !reaches(scope.entity)
    case 'is':
      return scope.entity_type !== self.type || (scope.in !== undefined && 'entity' in scope.in && !reaches(scope.in.entity))
  }
}

function over(request: CedarRequest, part: Part): ReadonlySet<string> {
  const self = keyOf(request[part])
  return new Set(request.entities.filter(({ uid }) => keyOf(uid) === self).flatMap(({ parents }) => parents.map(keyOf)))
}

function keyOf(uid: EntityUidJson): string {
  const { type, id } = '__entity' in uid ? uid.__entity : uid
  return `${type}::${id}`
}
