import type { CedarValueJson, EntityUidJson } from '@cedar-policy/cedar-wasm/nodejs'
import type { CedarRequest } from '../policy/facts.ts'
import type { Encoding } from './encoding.ts'
import { literalValue } from './literal-value.ts'
import { names } from './naming.ts'
import { same } from './sameness.ts'
import type { Sets } from './sets.ts'
import type { EntityValue, Field, RecordOf, Symbolic } from './symbolic.ts'
import type { Term } from './term.ts'
import type { EntityFacts, World } from './world.ts'

/**
 * The world of one request: every symbol is replaced by what the request says, so that the meaning of a policy comes
 * out as `true` or `false` while it is encoded, and no solver is needed.
 */
export function factWorld(encoding: Encoding, sets: Sets, { principal, action, resource, context, entities }: CedarRequest): World {
  const { t } = encoding
  const one = ({ type, id }: { readonly type: string; readonly id: string }): EntityValue => ({ kind: 'Entity', type, id: t.string(id) })
  const record = (members: { readonly [name: string]: CedarValueJson }): RecordOf => {
    const fields = Object.entries(members).map(([name, member]): [string, Field] => [
      name,
      { present: t.bool(true), value: () => literalValue({ encoding, sets }, member) },
    ])
    return { kind: 'Record', fields: new Map(fields) }
  }
  const parents = new Map<string, readonly string[]>()
  const facts = new Map<string, EntityFacts>()
  for (const { uid, attrs, parents: over, tags } of entities) {
    const name = key(uid)
    parents.set(name, over.map(key))
    const labels = Object.entries(tags ?? {}).map(([tag, value]): [string, Symbolic] => [tag, literalValue({ encoding, sets }, value)])
    facts.set(name, { attributes: record(attrs), tags: new Map(labels) })
  }
  const named = ({ type, id }: EntityValue) => key({ type, id: String(id.literal) })
  const reaches = (from: string, to: string): boolean => {
    const seen = new Set([from])
    for (const each of seen) for (const parent of parents.get(each) ?? []) seen.add(parent)
    return seen.has(to)
  }
  return {
    encoding,
    sets,
    principal: one(principal),
    action: one(action),
    resource: one(resource),
    context: record(context),
    isIn: (entity, above) => t.bool(reaches(named(entity), named(above))),
    entity: (entity) => facts.get(named(entity)),
    possible: t.bool(true),
  }
}

function key(uid: EntityUidJson): string {
  const { type, id } = '__entity' in uid ? uid.__entity : uid
  return JSON.stringify([type, id])
}

/** What a request says of the symbols of a world that its call belongs to: asserted, nothing that a policy reads is open. */
export function factsOf(world: World, { principal, action, resource, context, entities }: CedarRequest): Term {
  const { encoding, sets } = world
  const { t } = encoding
  const uid = key(principal)
  const over = entities.find((each) => key(each.uid) === uid)?.parents ?? []
  const ids = (type: string) =>
    over.flatMap((each) => {
      const parent = '__entity' in each ? each.__entity : each
      return parent.type === type ? [parent.id] : []
    })
  const are = (name: string, type: string) => same(encoding, sets, sets.symbolic(name, 'String'), literalValue(world, ids(type)))
  const [tenant = ''] = ids('Tenant')
  return t.and(
    t.bool(principal.type === world.principal.type && resource.type === world.resource.type),
    t.eq(world.principal.id, t.string(principal.id)),
    t.eq(world.action.id, t.string(action.id)),
    t.eq(world.resource.id, t.string(resource.id)),
    t.eq(t.symbol(names.tenant, 'String'), t.string(tenant)),
    are(names.roles, 'Role'),
    are(names.agents, 'Agent'),
    same(encoding, sets, world.context, literalValue(world, context)),
  )
}
