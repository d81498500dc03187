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
 * trusted: the theorem says of each part that it is false, and the solver finds it out.
 */
export function slice(policies: readonly PolicySyntax[], request: CedarRequest): Slice {
  const above = { principal: over(request, 'principal'), action: over(request, 'action'), resource: over(request, 'resource') }
  const read: PolicySyntax[] = []
  const leftOut: LeftOut[] = []
  for (const policy of policies) {
    const part = parts.find((each) => excludes(policy.json[each], request[each], above[each]))
    if (part === undefined) read.push(policy)
    else leftOut.push({ policy, part })
  }
  return { read, leftOut }
}

/** What tells most policies apart comes first: those that it leaves out share one part. */
const parts: readonly Part[] = ['action', 'resource', 'principal']

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
