import type { Encoding } from './encoding.ts'
import type { Environment } from './environment.ts'
import { names, type Shape, shapeOf } from './naming.ts'
import type { Pattern } from './pattern.ts'
import { scalar } from './scalar.ts'
import type { Sets } from './sets.ts'
import { type EntityValue, type Field, type RecordOf, type Scalar, type Symbolic, sortOf, unknown } from './symbolic.ts'
import type { Term } from './term.ts'

/** Everything that a policy can read, over all calls of one environment. */
export interface World {
  readonly encoding: Encoding
  readonly sets: Sets
  readonly principal: EntityValue
  readonly action: EntityValue
  readonly resource: EntityValue
  readonly context: RecordOf
  /** Cedar's `in` between two entities. */
  readonly isIn: (entity: EntityValue, above: EntityValue) => Term
  /** What is known of an entity besides its name; `undefined` when it is not among the facts, as no entity of a call has attributes. */
  readonly entity: (entity: EntityValue) => EntityFacts | undefined
  /** Whether there is such a call. */
  readonly possible: Term
}

export interface EntityFacts {
  readonly attributes: RecordOf
  readonly tags: ReadonlyMap<string, Symbolic>
}

/**
 * The calls of an environment as the fact builder would say them: `context.tool` is the action's name and
 * `context.resource` the resource's, a path is in the paths above it, principal and resource have one tenant, a role is
 * had or not. Attributes are whatever their types allow, whether a tool's schema would or not.
 */
export function world(encoding: Encoding, sets: Sets, { principal: type, resource: kind, action: does, context }: Environment): World {
  const { t, assume } = encoding
  const entity = (type: string, id: Term): EntityValue => ({ kind: 'Entity', type, id })
  const principal = entity(type, t.symbol(names.principal, 'String'))
  const action = entity('Action', does.id === undefined ? t.symbol(names.action, 'String') : t.string(does.id))
  const resource = entity(kind, t.symbol(names.resource, 'String'))
  const tenant = t.symbol(names.tenant, 'String')
  const roles = sets.symbolic(names.roles, 'String')
  const agents = sets.symbolic(names.agents, 'String')
  const possible = t.and(...does.not.map((name) => t.not(t.eq(action.id, t.string(name)))))
  assume(principal.id, t.not(t.eq(principal.id, t.string(''))))
  const crooked = t.or(...crookedPaths.map((pattern) => t.like(resource.id, pattern)))
  assume(resource.id, t.not(t.eq(resource.id, t.string(''))))
  assume(resource.id, t.not(t.and(t.like(resource.id, ['/', '']), crooked)))

  const known: { readonly [name: string]: Symbolic } = {
    tool: { kind: 'String', term: action.id },
    resource: { kind: 'String', term: resource.id },
  }
  const read = (shape: Shape, path: readonly string[]): Symbolic => {
    switch (shape.kind) {
      case 'Record':
        return record(shape, path)
      case 'Set': {
        const element = scalarKind(shape.element)
        return sets.symbolic(names.value(path, `set_${shape.element.kind}`), element)
      }
      case 'Address':
        return address(path)
      case 'Unknown':
        return unknown(`the attribute \`${path.join('.')}\``)
      default: {
        const symbol = t.symbol(names.value(path, shape.kind), sortOf(shape.kind))
        const [, name = ''] = path
        if (path.length === 2 && counts.has(name)) assume(symbol, t.atMost(t.int(0), symbol))
        const known = path.length === 2 ? levels.get(name) : undefined
        if (known) assume(symbol, t.or(...known.map((each) => t.eq(symbol, t.string(each)))))
        return scalar(encoding, shape.kind, symbol)
      }
    }
  }
  /** One address, never a range: 32 or 128 bits. */
  const address = (path: readonly string[]): Symbolic => {
    const { v6: family, bits: number } = names.address(path)
    const [v6, bits] = [t.symbol(family, 'Bool'), t.symbol(number, 'Int')]
    assume(bits, t.and(t.atMost(t.int(0), bits), t.below(bits, t.ite(v6, t.int(2n ** 128n), t.int(2n ** 32n)))))
    return { kind: 'Address', v6, bits, prefix: t.ite(v6, t.int(128), t.int(32)) }
  }
  const record = (shape: Extract<Shape, { kind: 'Record' }>, path: readonly string[]): RecordOf => {
    const fields = shape.fields.map(({ name, required, shape: of }): [string, Field] => {
      const here = [...path, name]
      const linked = path.length === 1 && of.kind === 'String' && Object.hasOwn(known, name) ? known[name] : undefined
      const value = once(() => linked ?? read(of, here))
      return [name, { present: required ? t.bool(true) : t.symbol(names.present(here), 'Bool'), value }]
    })
    return { kind: 'Record', fields: new Map(fields) }
  }

  /** What is above one of the three. Nothing else has anything above it: the facts of a call bring no other entity. */
  const over = (one: EntityValue, above: EntityValue): Term => {
    if (one === action) return above.type === 'Action' ? t.or(...does.above.map((name) => t.eq(above.id, t.string(name)))) : t.bool(false)
    if (above.type === 'Tenant') return t.eq(tenant, above.id)
    if (one === resource) return above.type === 'Resource' ? under(resource.id, above.id) : t.bool(false)
    const text: Symbolic = { kind: 'String', term: above.id }
    if (above.type === 'Role') return roles.has(text)
    return type === 'Agent' && above.type === 'Agent' ? agents.has(text) : t.bool(false)
  }
  /** A path is under another when it goes on after it. Anything else is under nothing. */
  const under = (path: Term, above: Term): Term => {
    if (typeof above.literal === 'string') {
      const start = `${above.literal}/`
      if (!start.startsWith('/') || start === '/') return t.bool(false)
      return t.and(t.like(path, [start, '']), t.not(t.eq(path, t.string(start))))
    }
    const start = t.join(above, t.string('/'))
    return t.and(t.startsWith(above, t.string('/')), t.startsWith(path, start), t.not(t.eq(path, start)))
  }
  const isIn = (one: EntityValue, above: EntityValue): Term => {
    const itself = t.and(t.bool(one.type === above.type), t.eq(one.id, above.id))
    const ways = [principal, action, resource].flatMap((each) =>
      each.type === one.type ? [t.and(t.eq(one.id, each.id), over(each, above))] : [],
    )
    return t.or(itself, ...ways)
  }

  const shape = shapeOf(context)
  return {
    encoding,
    sets,
    principal,
    action,
    resource,
    context: shape.kind === 'Record' ? record(shape, ['context']) : { kind: 'Record', fields: new Map() },
    isIn,
    entity: () => undefined,
    possible,
  }
}

/** Facts that count something, and those that are one of some words (`facts.ts`). */
const counts: ReadonlySet<string> = new Set(['pii_count', 'threat_count'])
const levels: ReadonlyMap<string, readonly string[]> = new Map([
  ['threat_severity', ['none', 'low', 'medium', 'high', 'critical']],
  ['taint', ['none', 'user', 'untrusted']],
])

/**
 * A path that climbs, stutters or ends in a slash is no canonical reading of a call. Neither is one with needless escapes, which
 * is not said here: such a path may be found as an example.
 */
const crookedPaths: readonly Pattern[] = [
  ['', '//', ''],
  ['', '/./', ''],
  ['', '/../', ''],
  ['', '/.'],
  ['', '/..'],
  ['/', '/'],
]

/** The scalar kind of a shape, if it is one. */
export function scalarKind({ kind }: Shape): Scalar | undefined {
  return kind === 'Set' || kind === 'Record' || kind === 'Address' || kind === 'Unknown' ? undefined : kind
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
