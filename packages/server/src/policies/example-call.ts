import { isIP } from 'node:net'
import type { evaluateBody } from '@agentgate/api'
import {
  type CallId,
  effects,
  isObject,
  type JsonObject,
  type MaskedCall,
  type PolicyTool,
  type PrincipalId,
  type SessionId,
  type TenantId,
} from '@agentgate/core'
import type { z } from 'zod'
import { Fault } from '../fault.ts'
import { plain } from './forms.ts'

type Example = z.output<typeof evaluateBody>

/** The furthest instant from 1970 that a date can be, in milliseconds (ECMA-262, 21.4.1.1). */
const latest = 8.64e15

/** The call that somebody wants judged. Throws a `Fault` with the place of what can be no fact of any call. */
export function exampleCallOf(
  { principal, action, resource, context, entities }: Pick<Example, 'principal' | 'action' | 'resource' | 'context' | 'entities'>,
  {
    tenant,
    tool,
    now,
    id,
  }: { readonly tenant: TenantId; readonly tool: PolicyTool | undefined; readonly now: number; readonly id: string },
): MaskedCall {
  const given = plain(context, '/context')
  const facts: JsonObject = isObject(given) ? given : {}
  const { source_ip: address } = facts
  if (address !== undefined && (typeof address !== 'string' || isIP(address.replace(/%.*$/u, '')) === 0))
    throw wrong('/context/source_ip', 'is no IP address')
  const { now: at } = facts
  if (at !== undefined && (typeof at !== 'number' || !Number.isSafeInteger(at) || Math.abs(at) > latest))
    throw wrong('/context/now', 'is no time: give milliseconds since 1970')
  const mfa = principal.mfa || facts['mfa'] === true
  const { session: asked = 'evaluation' } = facts
  if (typeof asked !== 'string') throw wrong('/context/session', 'is no text')
  const session = asked as SessionId
  const { input: judged = {} } = facts
  if (!isObject(judged)) throw wrong('/context/input', 'is no object')
  // No schema says which texts are integers: those of more than 2^53 stay bigints, which `cedarRequest` reads.
  const input = tool ? judged : (context['input'] ?? {})
  const self = (principal.id.includes('::') ? principal.id : `User::${principal.id}`) as PrincipalId
  // INVARIANT: nothing of this call is recorded, sent or executed; it is the caller's own example.
  return {
    id: id as CallId,
    tenant,
    principal: { id: self, tenant, roles: rolesOf(self, principal.roles, entities), mfa },
    session,
    tool: {
      name: tool?.name ?? action,
      digest: '',
      effect: tool?.effect ?? effects.find((effect) => effect === action) ?? 'execute',
      boundary: 'external',
      arguments: {},
    },
    action: tool?.action ?? action,
    resource,
    input,
    context: { now, mfa, session, taint: 'none', ...facts },
  } as unknown as MaskedCall
}

/** The roles of a principal with those above them, by entities that say who is in which role. */
function rolesOf(self: string, own: readonly string[], entities: Example['entities']): readonly string[] {
  const parents = new Map<string, readonly string[]>()
  for (const [index, { id, parents: above }] of entities.entries()) {
    if (parents.has(id)) throw wrong(`/entities/${index}/id`, `is there twice: \`${id}\``)
    if (id !== self && !id.startsWith('Role::')) throw wrong(`/entities/${index}/id`, 'is neither the principal nor a `Role::`')
    const odd = above.findIndex((parent) => !parent.startsWith('Role::'))
    if (odd >= 0) throw wrong(`/entities/${index}/parents/${odd}`, 'is no `Role::`: principals and roles are in roles')
    parents.set(id, above)
  }
  const done = new Set<string>()
  for (const [index, { id }] of entities.entries()) checkCycle(id, `/entities/${index}`)
  const found = new Set([...own.map((role) => `Role::${role}`), ...(parents.get(self) ?? [])])
  for (const role of found) for (const above of parents.get(role) ?? []) found.add(above)
  return [...found].map((role) => role.slice('Role::'.length))

  /** Walks with a stack of its own: how deep roles nest is the caller's choice. */
  function checkCycle(start: string, place: string): void {
    const path: { readonly id: string; readonly left: string[] }[] = [{ id: start, left: [...(parents.get(start) ?? [])] }]
    const on = new Set([start])
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const next = top.left.pop()
      if (next === undefined) {
        done.add(top.id)
        on.delete(top.id)
        path.pop()
        continue
      }
      if (on.has(next)) throw wrong(place, `is in itself, by way of \`${next}\`: entities must not form a cycle`)
      if (done.has(next)) continue
      on.add(next)
      path.push({ id: next, left: [...(parents.get(next) ?? [])] })
    }
  }
}

function wrong(path: string, what: string): Fault {
  const message = 'The request does not have the shape that this route takes: see `errors`.'
  return new Fault(422, 'invalid-request', message, { errors: [{ path, message: what }] })
}
