import type { ActionConstraint, EntityUidJson, PrincipalConstraint, ResourceConstraint } from '@cedar-policy/cedar-wasm/nodejs'
import type { Request } from './request.ts'
import { EntityRef } from './value.ts'

/** What a policy's scope asks of one of the three. */
export type Scope =
  | { readonly asks: 'nothing' }
  | { readonly asks: 'equal'; readonly entity: EntityRef }
  /** In any of these: an action scope may list several. */
  | { readonly asks: 'in'; readonly entities: readonly EntityRef[] }
  | { readonly asks: 'type'; readonly type: string; readonly above?: EntityRef }

/** Reads a scope of Cedar's JSON form. Throws a `TypeError` for a template's slot. */
export function readScope(scope: PrincipalConstraint | ActionConstraint | ResourceConstraint): Scope {
  switch (scope.op) {
    case 'All':
      return { asks: 'nothing' }
    case '==':
      return { asks: 'equal', entity: readRef(scope) }
    case 'in':
      return { asks: 'in', entities: 'entities' in scope ? scope.entities.map((entity) => readRef({ entity })) : [readRef(scope)] }
    case 'is':
      return { asks: 'type', type: scope.entity_type, ...(scope.in && { above: readRef(scope.in) }) }
  }
}

/** Whether an entity is within a scope. Never fails. */
export function within(scope: Scope, entity: EntityRef, { entities }: Request): boolean {
  switch (scope.asks) {
    case 'nothing':
      return true
    case 'equal':
      return entity.key === scope.entity.key
    case 'in':
      return scope.entities.some((above) => entities.isIn(entity, above))
    case 'type':
      return entity.type === scope.type && (scope.above === undefined || entities.isIn(entity, scope.above))
  }
}

function readRef(named: { entity: EntityUidJson } | { slot: string } | { entities: readonly EntityUidJson[] }): EntityRef {
  if (!('entity' in named)) throw new TypeError('A policy has a slot: templates are not compiled.')
  const { type, id } = '__entity' in named.entity ? named.entity.__entity : named.entity
  return new EntityRef(type, id)
}
