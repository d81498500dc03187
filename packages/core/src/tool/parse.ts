import type { Call, CallId, SessionId, TenantId, ToolFacts } from '../call.ts'
import { refusal } from '../control.ts'
import type { Finding, OwnFinding } from '../decision.ts'
import { freeze, isObject, type Json, type JsonObject, maxDepth } from '../json.ts'
import type { Asker } from '../principal/asker.ts'
import type { RegisteredTool, Tools } from './registry.ts'

/** Where content came from. A label from a caller may only lower trust. */
export type Label = 'user' | 'untrusted'

/** What an agent asks for: a registered tool by name, and its input. Everything else about the call is derived. */
export interface FreshRequest {
  readonly action: string
  readonly input: unknown
  /** Names a conversation of this principal: tokens keep their meaning within it. An opaque id, as it stands in evidence. */
  readonly session?: string
  readonly labels?: readonly Label[]
  /** What the agent's own controls found: its facts reach no policy. */
  readonly found?: readonly OwnFinding[]
}

/** Decide a held call again, with the input that was frozen when it was first asked. */
export interface ResumeRequest {
  readonly resume: CallId
  /** Whoever asked has seen what the call would do, and wants it: what `@confirm` waits for. It stays said. */
  readonly confirm?: boolean
  readonly found?: readonly OwnFinding[]
}

export type CallRequest = FreshRequest | ResumeRequest

export interface Parsed {
  readonly call: Call
  readonly finding: Finding
}

export type Parse = (
  request: FreshRequest,
  asker: Asker,
  known: { readonly id: CallId; readonly now: number; readonly confirmed?: boolean; readonly parsed?: string },
) => Promise<Parsed>

/**
 * The parsed input (and its resource, where code of the tool derives it), or what is wrong with it: paths and constraints, never values.
 * `parsed` says that the input is what it answered before, which a schema that changes its input must not change again.
 */
export type Validate = (
  tool: RegisteredTool,
  input: Json,
  parsed?: boolean,
) => Promise<{ readonly input: JsonObject; readonly resource?: string } | { readonly issues: readonly string[] }>

/** Whether a text holds personal data, for that tenant. */
export type IsPersonal = (text: string, tenant: TenantId) => boolean | Promise<boolean>

const notJson = `The input holds what JSON cannot carry (an integer outside 64 bits, NaN, a lone surrogate, \`__proto__\`), or is nested deeper than ${maxDepth} levels.`
const sessions = /^[\w.:-]{1,128}$/
const unknown: ToolFacts = { name: 'unknown', digest: '', effect: 'execute', boundary: 'external', arguments: {} }

/**
 * Reads a request by the registered schema of its tool, and freezes what it read. Refusals are findings: they are recorded
 * like any other. `personal` says whether a session id, or what is said of input, holds personal data, which evidence must not.
 * `known.parsed` is the digest of the registration by which the input was parsed already.
 */
export function createParse(tools: Pick<Tools, 'find'>, validate: Validate, personal: IsPersonal = () => false): Parse {
  return async (request, { principal, facts }, { id, now, confirmed = false, parsed: by }) => {
    const taint = request.labels?.includes('untrusted') ? 'untrusted' : request.labels?.includes('user') ? 'user' : 'none'
    const isPersonal = (text: string) => personal(text, principal.tenant)
    const opaque = request.session === undefined || (await isOpaque(request.session, isPersonal))
    const session = (opaque ? (request.session ?? id) : id) as SessionId
    const context = { ...facts, now, mfa: principal.mfa, session, taint, ...(confirmed && { confirmed }) }
    const call: Call = {
      id,
      tenant: principal.tenant,
      principal,
      session,
      tool: unknown,
      action: 'unknown',
      resource: '',
      input: {},
      context,
    }

    if (!opaque)
      return {
        call,
        finding: refusal('invalid-session', 'A session id is opaque: letters, digits, `_ . : -`, at most 128, no personal data.'),
      }
    const tool = await tools.find(principal.tenant, request.action)
    if (!tool) return { call, finding: refusal('unknown-tool', 'No tool of that name is registered: register it first, with its schema.') }
    const named: Call = { ...call, tool: tool.facts, action: tool.declaration.action ?? tool.declaration.name }
    if (tool.quarantined) {
      return {
        call: named,
        finding: refusal('tool-quarantined', `The registration of \`${tool.facts.name}\` changed: confirm the change first.`),
      }
    }
    let frozen: Json
    try {
      frozen = freeze(request.input)
    } catch {
      return { call: named, finding: refusal('invalid-input', notJson) }
    }
    const parsed = await validate(tool, frozen, by === tool.facts.digest)
    if ('issues' in parsed) {
      const issues = parsed.issues.slice(0, 5).join('; ')
      const told = (await isPersonal(issues)) ? 'a part of it that holds personal data' : issues
      return { call: named, finding: refusal('invalid-input', `The input does not fit the schema of \`${tool.facts.name}\`: ${told}.`) }
    }
    const input = freeze(parsed.input)
    if (!isObject(input)) return { call: named, finding: refusal('invalid-input', 'The input is not an object.') }
    return { call: { ...named, input, resource: parsed.resource ?? resourceOf(tool, input) }, finding: { verdict: 'pass' } }
  }
}

/** Whether an id may stand in evidence: a short name of letters, digits and `_ . : -` that is not personal data. */
export async function isOpaque(id: string, personal: (text: string) => boolean | Promise<boolean>): Promise<boolean> {
  return sessions.test(id) && !(await personal(id))
}

/** The resource of a call derives from its input as its tool declares: never from the caller. */
function resourceOf({ declaration, facts }: RegisteredTool, input: JsonObject): string {
  const value = input[declaration.resource ?? 'resource']
  return typeof value === 'string' ? value : `tool:${facts.name}`
}
