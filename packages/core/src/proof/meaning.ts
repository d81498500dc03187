import type { ActionConstraint, EntityUidJson, Expr, PrincipalConstraint, ResourceConstraint } from '@cedar-policy/cedar-wasm/nodejs'
import { evaluated } from './expression.ts'
import type { EntityValue } from './symbolic.ts'
import type { PolicySyntax } from './syntax.ts'
import type { Term } from './term.ts'
import type { World } from './world.ts'

/** When a policy applies, and when it cannot be evaluated. Never both. */
export interface Meaning {
  readonly applies: Term
  readonly errs: Term
}

/** What a policy means for the calls of a world. */
export function meaning(world: World, { id, json, standIn }: PolicySyntax): Meaning {
  const { t, gap, during } = world.encoding
  const scope = t.and(
    within(world, world.principal, json.principal),
    within(world, world.action, json.action),
    within(world, world.resource, json.resource),
  )
  // The conditions are one conjunction: what comes after a false one is not looked at.
  let holds = scope
  let errs = t.bool(false)
  for (const { kind, body } of json.conditions) {
    if (holds.literal === false) break
    const { value, ok } = during(id, () => condition(body))
    errs = t.or(errs, t.and(holds, t.not(ok)))
    holds = t.and(holds, ok, kind === 'when' ? value : t.not(value))
  }
  return { applies: holds, errs }

  function condition(body: Expr): { readonly value: Term; readonly ok: Term } {
    const { value, ok } = evaluated(world, body, standIn)
    if (value.kind === 'Boolean') return { value: value.term, ok }
    return value.kind === 'Unknown' && ok.literal !== false
      ? { value: gap(value.construct), ok }
      : { value: t.bool(false), ok: t.bool(false) }
  }
}

/** Whether one of the three is within what a policy's scope asks of it. */
export function within(world: World, entity: EntityValue, scope: PrincipalConstraint | ActionConstraint | ResourceConstraint): Term {
  const { t } = world.encoding
  switch (scope.op) {
    case 'All':
      return t.bool(true)
    case '==': {
      const one = named(world, scope)
      return t.and(t.bool(one.type === entity.type), t.eq(entity.id, one.id))
    }
    case 'in': {
      const any = 'entities' in scope ? scope.entities.map((each) => named(world, { entity: each })) : [named(world, scope)]
      return t.or(...any.map((each) => world.isIn(entity, each)))
    }
    case 'is':
      return t.and(t.bool(entity.type === scope.entity_type), scope.in ? world.isIn(entity, named(world, scope.in)) : t.bool(true))
  }
}

function named(
  { encoding }: World,
  scope: { entity: EntityUidJson } | { slot: string } | { entities: readonly EntityUidJson[] },
): EntityValue {
  if (!('entity' in scope)) throw new TypeError('A policy has a slot: templates have no meaning of their own.')
  const { type, id } = '__entity' in scope.entity ? scope.entity.__entity : scope.entity
  return { kind: 'Entity', type, id: encoding.t.string(id) }
}
