import type { CedarValueJson, EntityJson, TypeAndId } from '@cedar-policy/cedar-wasm/nodejs'
import type { MaskedCall } from '../call.ts'
import { isObject, type Json, type JsonObject, longOf } from '../json.ts'
import { sourceAddress } from './address.ts'
import { type InputType, inputType, reserved } from './input-type.ts'
import { canonicalPath, pathsAbove } from './path.ts'
import type { PolicyTool } from './schema.ts'

/** A question in Cedar's JSON form: what the evaluator and the solver are both given. */
export interface CedarRequest {
  readonly principal: TypeAndId
  readonly action: TypeAndId
  readonly resource: TypeAndId
  readonly context: { readonly [name: string]: CedarValueJson }
  readonly entities: readonly EntityJson[]
}

/** A call that has no exact form in Cedar. The gate denies it, `invalid-request`. */
export class UnfitError extends Error {
  override readonly name = 'UnfitError'
}

/**
 * The facts of a call as Cedar sees them. `tool` types the input; without it, types follow the values.
 * `matched` names the regular expressions that hold (`matched.ts`). The resource is its canonical reading, unless
 * `asked` says otherwise (`every-reading.ts`). Throws an `UnfitError` when a fact cannot be said
 * exactly: a number is masked, a fraction has five places, a path has 33 parts.
 */
export function cedarRequest(
  call: MaskedCall,
  tool?: PolicyTool,
  matched: readonly string[] = [],
  asked: string = canonicalPath(call.resource),
): CedarRequest {
  if (call.context[apart] === true)
    throw new UnfitError(
      'its resource may be read as another path, which the policies judge otherwise: name what is meant in its shortest form and in its own case, such as `/prod/db`',
    )
  if (call.context[unseen] === true)
    throw new UnfitError(
      'its input has a field that policies ask about, and whose schema gives it no one type, or that they match as text and is none: give it one, without `$ref`, unions and parts',
    )
  const tenant = { type: 'Tenant', id: call.tenant }
  const principal = principalOf(call.principal.id)
  const action = { type: 'Action', id: tool?.name ?? call.tool.name }
  const resource = { type: 'Resource', id: asked }
  const groups = new Set([call.action, call.tool.effect].filter((name) => name !== action.id))
  const roles = [...new Set(call.principal.roles)].map((id) => ({ type: 'Role', id }))
  return {
    principal,
    action,
    resource,
    context: { ...contextOf(call, tool), resource: asked, matched: [...matched] },
    entities: [
      { uid: principal, attrs: {}, parents: [...roles, tenant] },
      { uid: action, attrs: {}, parents: [...groups].map((id) => ({ type: 'Action', id })) },
      { uid: resource, attrs: {}, parents: [...ancestors(asked).map((id) => ({ type: 'Resource', id })), tenant] },
    ],
  }
}

/** The fact of a call whose resource policies judge one way as it is read, and another way as some server may read it. */
export const apart = 'readings_differ'

/** The fact of a call whose input has what policies ask about and cannot see. */
export const unseen = 'input_unseen'

function principalOf(id: string): TypeAndId {
  const [, type, name] = /^(User|Agent)::([^]+)$/u.exec(id) ?? []
  if (type === undefined || name === undefined) throw new UnfitError('the principal is neither a user nor an agent')
  return { type, id: name }
}

/** The paths above the resource, at most 31. */
function ancestors(resource: string): readonly string[] {
  const above = pathsAbove(resource)
  if (above.length > 31) throw new UnfitError('the resource is a path of more than 32 parts')
  return above
}

function contextOf(call: MaskedCall, tool: PolicyTool | undefined): CedarRequest['context'] {
  const { context } = call
  const now = number(context, 'now')
  if (now === undefined) throw new UnfitError('the call has no time')
  return {
    tool: call.tool.name,
    input: tool ? (typed(call.input, inputType(tool.inputSchema), 'input') ?? {}) : untyped(call.input, 'input'),
    session: call.session,
    source_ip: extension('ip', sourceAddress(text(context, 'source_ip', '::'))),
    now: extension('datetime', new Date(now).toISOString()),
    mfa: call.principal.mfa,
    confirmed: context['confirmed'] === true,
    pii_kinds: texts(context, 'pii_kinds'),
    pii_count: number(context, 'pii_count') ?? 0,
    email_domains: texts(context, 'email_domains'),
    threat_severity: text(context, 'threat_severity', 'none'),
    threat_kinds: texts(context, 'threat_kinds'),
    threat_count: number(context, 'threat_count') ?? 0,
    taint: text(context, 'taint', 'none'),
    restores: texts(context, 'restores'),
    ...approvalOf(context['approval']),
  }
}

function approvalOf(fact: Json | undefined): { approval?: CedarValueJson } {
  if (fact === undefined || fact === null) return {}
  if (!isObject(fact)) throw new UnfitError('`approval` is not a record of an approval')
  return { approval: { id: text(fact, 'id', ''), by: text(fact, 'by', ''), quorum: number(fact, 'quorum') ?? 1 } }
}

function text(facts: JsonObject, name: string, none: string): string {
  const value = facts[name] ?? none
  if (typeof value === 'string') return value
  throw new UnfitError(`the fact \`${name}\` is not a string`)
}

function texts(facts: JsonObject, name: string): string[] {
  const value = facts[name] ?? []
  if (Array.isArray(value) && value.every((item: Json) => typeof item === 'string')) return [...value]
  throw new UnfitError(`the fact \`${name}\` is not a list of strings`)
}

function number(facts: JsonObject, name: string): number | undefined {
  const value = facts[name] ?? undefined
  if (value === undefined || (typeof value === 'number' && Number.isSafeInteger(value))) return value
  throw new UnfitError(`the fact \`${name}\` is not a whole number`)
}

function extension(fn: string, arg: string): CedarValueJson {
  return { __extn: { fn, arg } }
}

/** The value as its schema types it; `undefined` where it is absent or null. Throws for what is of another type, as masked numbers are. */
function typed(value: Json | undefined, type: InputType, path: string): CedarValueJson | undefined {
  if (value === undefined || value === null) return undefined
  switch (type.type) {
    case 'String':
      return required(typeof value === 'string' ? value : undefined, path)
    case 'Boolean':
      return required(typeof value === 'boolean' ? value : undefined, path)
    case 'Long':
      return required(typeof value === 'number' ? whole(value, path) : typeof value === 'string' ? big(longOf(value)) : undefined, path)
    case 'Decimal':
      return required(typeof value === 'number' ? decimal(value, path) : undefined, path)
    case 'Set':
      if (!Array.isArray(value)) return required(undefined, path)
      return value.map((item: Json) => required(typed(item, type.element, path), path))
    case 'Record':
      return required(isObject(value) ? record(value, type, path) : undefined, path)
  }
}

function record(value: JsonObject, type: Extract<InputType, { type: 'Record' }>, path: string): CedarValueJson {
  const members = Object.entries(type.attributes).flatMap(([name, { of, required: must }]) => {
    const member = Object.hasOwn(value, name) ? typed(value[name], of, `${path}.${name}`) : undefined
    return member === undefined && !must ? [] : [[name, required(member, `${path}.${name}`)] as const]
  })
  return Object.fromEntries(members)
}

function required(value: CedarValueJson | undefined, path: string): CedarValueJson {
  if (value !== undefined) return value
  throw new UnfitError(`\`${path}\` is missing, masked, or not what the schema says`)
}

function untyped(value: Json | bigint, path: string): CedarValueJson {
  if (typeof value === 'bigint') return required(big(value), path)
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isInteger(value) ? whole(value, path) : decimal(value, path)
  if (Array.isArray(value)) return value.map((item: Json) => required(item === null ? undefined : untyped(item, path), path))
  if (!isObject(value)) throw new UnfitError(`\`${path}\` is null`)
  const members = Object.entries(value).filter(([, member]) => member !== null)
  if (members.some(([name]) => reserved.has(name))) throw new UnfitError(`\`${path}\` has a name that Cedar reserves`)
  return Object.fromEntries(members.map(([name, member]) => [name, untyped(member, `${path}.${name}`)]))
}

function whole(value: number, path: string): number {
  if (Number.isSafeInteger(value)) return value
  throw new UnfitError(`\`${path}\` is not a whole number that JSON carries exactly`)
}

/** `readValue` and the encoder take bigints, which Cedar's type of JSON has not. */
function big(value: bigint | undefined): CedarValueJson | undefined {
  return value as unknown as CedarValueJson | undefined
}

function decimal(value: number, path: string): CedarValueJson {
  const written = Number.isInteger(value) ? `${value}.0` : `${value}`
  if (/^-?\d{1,15}\.\d{1,4}$/u.test(written)) return extension('decimal', written)
  throw new UnfitError(`\`${path}\` has more than four decimal places, or is too large for a decimal`)
}
