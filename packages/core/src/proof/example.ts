import type { CedarValueJson, EntityJson } from '@cedar-policy/cedar-wasm/nodejs'
import type { CedarRequest } from '../policy/facts.ts'
import type { Environment } from './environment.ts'
import type { ModelValue } from './model.ts'
import { names, type Shape, shapeOf } from './naming.ts'
import { scalarKind } from './world.ts'
import type { Scalar } from './symbolic.ts'

/** A call that answers a question, as the evaluator can be given it. */
export interface Example {
  readonly request: CedarRequest
  /** Obligations that are discharged in this example by something that is not in the request: `rate 100/1m`. */
  readonly discharged: readonly string[]
}

/** What a model says. */
export interface Model {
  readonly value: (name: string) => ModelValue | undefined
  /** The elements that a set has. */
  readonly members: (name: string, kind: Scalar) => readonly ModelValue[]
}

/** The call that a model describes. What the question did not depend on has a plain value. Long values beyond 2^53 are bigints. */
export function exampleRequest(environment: Environment, model: Model): CedarRequest {
  const text = (name: string, otherwise: string): string => {
    const value = model.value(name)
    return typeof value === 'string' ? value : otherwise
  }
  const { action, context } = environment
  const tool = action.id ?? text(names.action, action.above[0] ?? '')
  const path = text(names.resource, '/example')
  const tenant = { type: 'Tenant', id: text(names.tenant, 'default') }
  const uid = { type: environment.principal, id: text(names.principal, 'example') }
  const parents = (type: string, name: string) => model.members(name, 'String').map((id) => ({ type, id: String(id) }))
  const resource = { type: environment.resource, id: path }
  const shape = shapeOf(context)
  const linked = { tool, resource: path }
  const entities: EntityJson[] = [
    { uid, attrs: {}, parents: [...parents('Role', names.roles), ...(uid.type === 'Agent' ? parents('Agent', names.agents) : []), tenant] },
    {
      uid: { type: 'Action', id: tool },
      attrs: {},
      parents: action.above.filter((id) => id !== tool).map((id) => ({ type: 'Action', id })),
    },
    { uid: resource, attrs: {}, parents: [...above(path).map((id) => ({ type: 'Resource', id })), tenant] },
  ]
  const facts = shape.kind === 'Record' ? record(shape, ['context'], model, linked) : {}
  return { principal: uid, action: { type: 'Action', id: tool }, resource, context: facts, entities }
}

/** The paths above a path. */
function above(path: string): readonly string[] {
  if (!path.startsWith('/')) return []
  const ends = [...path.matchAll(/\//gu)].map(({ index }) => index).filter((at) => at > 0 && at < path.length - 1)
  return ends.map((at) => path.slice(0, at))
}

function record(
  shape: Extract<Shape, { kind: 'Record' }>,
  path: readonly string[],
  model: Model,
  linked: { readonly [name: string]: string } = {},
): { readonly [name: string]: CedarValueJson } {
  const members = shape.fields.flatMap(({ name, required, shape: of }) => {
    const here = [...path, name]
    if (!required && model.value(names.present(here)) !== true) return []
    const known = of.kind === 'String' && Object.hasOwn(linked, name) ? linked[name] : undefined
    return [[name, known ?? read(of, here, model)] as const]
  })
  return Object.fromEntries(members)
}

function read(shape: Shape, path: readonly string[], model: Model): CedarValueJson {
  switch (shape.kind) {
    case 'Record':
      return record(shape, path, model)
    case 'Set': {
      const kind = scalarKind(shape.element)
      const found = kind === undefined ? [] : model.members(names.value(path, `set_${shape.element.kind}`), kind)
      return kind === undefined ? [] : found.map((value) => written(kind, value))
    }
    case 'Address': {
      const { v6, bits } = names.address(path)
      const number = model.value(bits)
      const six = model.value(v6) === true
      const plainest = six ? '2001:db8::1' : '192.0.2.1'
      return call('ip', typeof number === 'bigint' ? writtenAddress(six, number) : plainest)
    }
    case 'Unknown':
      return ''
    default:
      return written(shape.kind, model.value(names.value(path, shape.kind)) ?? plain(shape.kind, path.at(-1) ?? ''))
  }
}

/** What a value is that nothing depends on. */
function plain(kind: Scalar, name: string): ModelValue {
  if (kind === 'Boolean') return false
  if (kind === 'String') return name === 'threat_severity' || name === 'taint' ? 'none' : 'example'
  return kind === 'Datetime' ? BigInt(Date.UTC(2026, 0, 1)) : 0n
}

function written(kind: Scalar, value: ModelValue): CedarValueJson {
  if (typeof value !== 'bigint') return value
  switch (kind) {
    case 'Decimal':
      return call('decimal', ofTenThousandths(value))
    case 'Datetime':
      return call('datetime', new Date(Number(value)).toISOString())
    case 'Duration':
      return call('duration', `${value}ms`)
    default: {
      const number = Number(value)
      // The compiled evaluator takes bigints where JSON numbers are not exact; the type of Cedar's JSON has no word for it.
      return Number.isSafeInteger(number) ? number : (value as unknown as number)
    }
  }
}

function call(fn: string, arg: string): CedarValueJson {
  return { __extn: { fn, arg } }
}

function ofTenThousandths(value: bigint): string {
  const size = value < 0n ? -value : value
  const fraction = `${size % 10_000n}`.padStart(4, '0').replace(/0{1,3}$/u, '')
  return `${value < 0n ? '-' : ''}${size / 10_000n}.${fraction}`
}

function writtenAddress(v6: boolean, bits: bigint): string {
  const parts = v6 ? 8 : 4
  const size = v6 ? 16n : 8n
  const all = Array.from({ length: parts }, (_, at) => (bits >> (size * BigInt(parts - 1 - at))) & ((1n << size) - 1n))
  return all.map((part) => part.toString(v6 ? 16 : 10)).join(v6 ? ':' : '.')
}
