import { type Json, longOf } from '../json.ts'
import { quote } from './cedar-text.ts'
import type { InputType } from './input-type.ts'
import { parseIp } from './ip-address.ts'
import { matchProblem } from './matched.ts'

export const operators = [
  'eq',
  'neq',
  'in',
  'not_in',
  'contains',
  'not_contains',
  'matches',
  'gt',
  'lt',
  'gte',
  'lte',
  'exists',
  'not_exists',
] as const
export type Operator = (typeof operators)[number]

/** A field that conditions may name: what it is in Cedar, and what must hold for it to be there. */
export interface Field {
  readonly name: string
  readonly type: InputType | { readonly type: 'Ip' | 'Datetime' | 'Presence' | 'Membership' }
  /** The Cedar expression; of a membership, the entity that is or is not in others. */
  readonly cedar: string
  /** Conditions for it to be there, outermost first; none where it always is. */
  readonly present: readonly string[]
  /** How a name becomes an entity, for memberships. */
  readonly entity?: (name: string) => string
}

/** An operator that holds on a missing field is the opposite of one that does not. */
const opposites: { readonly [negative: string]: Operator } = { neq: 'eq', not_in: 'in', not_contains: 'contains', not_exists: 'exists' }

/** Whether an operator holds on a field that is missing. */
export function isNegative(operator: Operator): boolean {
  return Object.hasOwn(opposites, operator)
}

/** A condition as a Cedar expression (`true` or `false` where it is the same for every call), or why there is none. */
export function cedarCondition(
  field: Field,
  operator: Operator,
  value: Json | undefined,
): { readonly text: string } | { readonly problem: string } {
  const positive = opposites[operator] ?? operator
  const test = positiveTest(field, positive, value)
  if (test === undefined) {
    const unmatched = operator === 'matches' && field.type.type === 'String' && typeof value === 'string'
    if (unmatched) return { problem: matchProblem(`${field.name} matches ${value}`) ?? 'The expression cannot be computed.' }
    const what =
      value === undefined ? 'no value' : `a value of type ${Array.isArray(value) ? 'list' : value === null ? 'null' : typeof value}`
    return { problem: `\`${operator}\` cannot be asked of \`${field.name}\`, which is ${article(field.type.type)}, with ${what}.` }
  }
  const guarded = [...field.present, ...(test === '' ? [] : [test])].join(' && ') || 'true'
  if (operator === positive) return { text: guarded }
  return { text: guarded === 'true' ? 'false' : `!(${guarded})` }
}

function positiveTest(field: Field, operator: Operator, value: Json | undefined): string | undefined {
  const { type, cedar } = field
  const one = (item: Json) => literal(field, item)
  switch (operator) {
    case 'exists':
      return value === undefined || value === null || value === true ? '' : undefined
    case 'eq':
      return value === undefined ? undefined : equal(field, value)
    case 'in': {
      if (!Array.isArray(value) || value.length === 0) return undefined
      const tests = value.map((item: Json) => (type.type === 'Ip' || type.type === 'Set' ? equal(field, item) : one(item)))
      if (tests.some((test) => test === undefined)) return undefined
      if (type.type === 'Ip' || type.type === 'Set') return `(${tests.join(' || ')})`
      return type.type === 'Membership' ? `${cedar} in [${tests.join(', ')}]` : `[${tests.join(', ')}].contains(${cedar})`
    }
    case 'contains': {
      if (type.type === 'Membership') return value === undefined ? undefined : equal(field, value)
      if (type.type === 'String' && typeof value === 'string') return `${cedar} like ${quotePattern(value)}`
      if (type.type !== 'Set' || value === undefined) return undefined
      const element = literal({ ...field, type: type.element }, value)
      return element && `${cedar}.contains(${element})`
    }
    case 'matches': {
      const name = `${field.name} matches ${String(value)}`
      return type.type === 'String' && typeof value === 'string' && matchProblem(name) === undefined
        ? `context.matched.contains(${quote(name)})`
        : undefined
    }
    case 'gt':
    case 'lt':
    case 'gte':
    case 'lte': {
      const other = value === undefined ? undefined : one(value)
      if (other === undefined) return undefined
      if (type.type === 'Decimal')
        return `${cedar}.${{ gt: 'greaterThan', lt: 'lessThan', gte: 'greaterThanOrEqual', lte: 'lessThanOrEqual' }[operator]}(${other})`
      return type.type === 'Long' || type.type === 'Datetime'
        ? `${cedar} ${{ gt: '>', lt: '<', gte: '>=', lte: '<=' }[operator]} ${other}`
        : undefined
    }
    case 'neq':
    case 'not_in':
    case 'not_contains':
    case 'not_exists':
      return undefined
  }
}

function equal(field: Field, value: Json): string | undefined {
  if (field.type.type === 'Set' && Array.isArray(value) && value.length === 0) return `${field.cedar}.isEmpty()`
  const other = literal(field, value)
  if (other === undefined) return undefined
  switch (field.type.type) {
    case 'Ip':
      return `${field.cedar}.isInRange(${other})`
    case 'Membership':
      return `${field.cedar} in ${other}`
    case 'String':
    case 'Long':
    case 'Boolean':
    case 'Decimal':
    case 'Datetime':
    case 'Set':
      return `${field.cedar} == ${other}`
    case 'Record':
    case 'Presence':
      return undefined
  }
}

/** The Cedar literal of a value, if it is of the field's type: a number is never a string that looks like one. Strict validation knows no empty set. */
function literal(field: Field, value: Json): string | undefined {
  const { type } = field
  switch (type.type) {
    case 'String':
      return typeof value === 'string' ? quote(value) : undefined
    case 'Boolean':
      return typeof value === 'boolean' ? `${value}` : undefined
    case 'Long':
      if (typeof value === 'string') return longOf(value)?.toString()
      return typeof value === 'number' && Number.isSafeInteger(value) ? `${value}` : undefined
    case 'Decimal': {
      const written = typeof value === 'number' ? (Number.isInteger(value) ? `${value}.0` : `${value}`) : ''
      return /^-?\d{1,15}\.\d{1,4}$/u.test(written) ? `decimal("${written}")` : undefined
    }
    case 'Ip':
      return typeof value === 'string' && parseIp(value) ? `ip(${quote(value)})` : undefined
    case 'Datetime': {
      const at = typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/u.test(value) ? Date.parse(value) : Number.NaN
      return Number.isNaN(at) ? undefined : `datetime("${new Date(at).toISOString()}")`
    }
    case 'Membership':
      return typeof value === 'string' && value !== '' ? field.entity?.(value) : undefined
    case 'Set': {
      const items = Array.isArray(value) ? value.map((item: Json) => literal({ ...field, type: type.element }, item)) : [undefined]
      return items.includes(undefined) || items.length === 0 ? undefined : `[${items.join(', ')}]`
    }
    case 'Record':
    case 'Presence':
      return undefined
  }
}

/** A pattern that finds a text anywhere, its own `*` taken literally. */
function quotePattern(text: string): string {
  return `"*${quote(text).slice(1, -1).replaceAll('*', '\\*')}*"`
}

function article(type: string): string {
  return type === 'Presence' ? 'only there or not' : `of type ${type}`
}
