import type { CedarRequest } from '../policy/facts.ts'
import type { Example } from './example.ts'

type Context = CedarRequest['context']

/** The example with everything plain that it does not depend on: what is left is why it answers the question. */
export function simplified(example: Example, plain: CedarRequest, answers: (example: Example) => boolean): Example {
  let best = example
  const attempt = (request: CedarRequest): void => {
    const next = { ...best, request }
    if (answers(next)) best = next
  }
  const replace = (change: (request: CedarRequest) => CedarRequest) => attempt(change(best.request))

  replace((request) => withUid(request, 'principal', plain))
  replace((request) => ({ ...withUid(request, 'action', plain), context: linked(request.context, plain.context, 'tool') }))
  replace((request) => ({ ...withUid(request, 'resource', plain), context: linked(request.context, plain.context, 'resource') }))
  for (const name of Object.keys(best.request.context)) {
    if (name === 'tool' || name === 'resource') continue
    replace((request) => ({ ...request, context: linked(request.context, plain.context, name) }))
    const [input, base] = [best.request.context[name], plain.context[name]]
    if (!isMembers(input) || !isMembers(base)) continue
    for (const member of Object.keys(input)) {
      replace((request) => {
        const now = request.context[name]
        return isMembers(now) ? { ...request, context: { ...request.context, [name]: linked(now, base, member) } } : request
      })
    }
  }
  const { id } = best.request.principal
  const roles = best.request.entities.find(({ uid }) => 'id' in uid && uid.id === id && uid.type !== 'Action')?.parents ?? []
  for (const role of roles) {
    if ('type' in role && role.type === 'Tenant') continue
    replace((request) => ({
      ...request,
      entities: request.entities.map((each) => ({ ...each, parents: each.parents.filter((parent) => parent !== role) })),
    }))
  }
  return best
}

/** `whole` with one member as it is in `plain`. */
function linked(whole: Context, plain: Context, name: string): Context {
  const { [name]: _, ...rest } = whole
  const value = plain[name]
  return value === undefined ? rest : { ...rest, [name]: value }
}

/** The request with one of the three as it is in `plain`, and what is known of it. A principal keeps its roles. */
function withUid(request: CedarRequest, what: 'principal' | 'action' | 'resource', plain: CedarRequest): CedarRequest {
  const at = { principal: 0, action: 1, resource: 2 }[what]
  const [old, base] = [request.entities[at], plain.entities[at]]
  if (!old || !base) return request
  const entity = what === 'principal' ? { ...old, uid: base.uid } : base
  return { ...request, [what]: plain[what], entities: request.entities.map((each) => (each === old ? entity : each)) }
}

function isMembers(value: unknown): value is Context {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !('__extn' in value)
}
