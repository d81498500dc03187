import type { Type } from '@cedar-policy/cedar-wasm/nodejs'
import { smtName } from './smt-text.ts'
import type { Scalar } from './symbolic.ts'

/** What Cedar's types are here. Entities as attributes are not encoded. */
export type Shape =
  | { readonly kind: Scalar | 'Address' | 'Unknown' }
  | { readonly kind: 'Set'; readonly element: Shape }
  | { readonly kind: 'Record'; readonly fields: readonly { readonly name: string; readonly required: boolean; readonly shape: Shape }[] }

const extensions: { readonly [name: string]: Shape } = {
  decimal: { kind: 'Decimal' },
  datetime: { kind: 'Datetime' },
  duration: { kind: 'Duration' },
  ipaddr: { kind: 'Address' },
}

/** The shape of the values of a type. */
export function shapeOf(type: Type<string>): Shape {
  if (!('type' in type)) return { kind: 'Unknown' }
  if (type.type === 'String' || type.type === 'Long' || type.type === 'Boolean') return { kind: type.type }
  if (type.type === 'Set' && 'element' in type) return { kind: 'Set', element: shapeOf(type.element) }
  if (type.type === 'Extension' && 'name' in type) return extensions[type.name] ?? { kind: 'Unknown' }
  if (type.type === 'Record' && 'attributes' in type) {
    const fields = Object.entries(type.attributes).map(([name, member]) => ({
      name,
      required: member.required !== false,
      shape: shapeOf(member),
    }))
    return { kind: 'Record', fields }
  }
  return { kind: 'Unknown' }
}

/**
 * The names of what a request holds. Two tools may have arguments of one name and different types, so a name says the
 * kind; two arguments of one name and kind share theirs, since no call is to two tools.
 */
export const names = {
  principal: 'principal',
  action: 'action',
  resource: 'resource',
  tenant: 'tenant',
  roles: 'principal.roles',
  agents: 'principal.agents',
  value: (path: readonly string[], kind: string) => smtName(...path, kind),
  present: (path: readonly string[]) => smtName('has', ...path),
  address: (path: readonly string[]) => ({ v6: smtName(...path, 'v6'), bits: smtName(...path, 'bits') }),
}
