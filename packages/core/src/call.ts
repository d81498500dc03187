import type { Brand } from './brand.ts'
import type { JsonObject } from './json.ts'

export type CallId = Brand<string, 'CallId'>
export type TenantId = Brand<string, 'TenantId'>
/** `User::<opaque>` or `Agent::<opaque>`: never a name or a mail address. */
export type PrincipalId = Brand<string, 'PrincipalId'>
export type SessionId = Brand<string, 'SessionId'>

/** Who asks: the agent, and the person it acts for. Derived from a credential by the server, never sent by a caller. */
export interface Principal {
  readonly id: PrincipalId
  readonly tenant: TenantId
  readonly onBehalfOf?: PrincipalId
  readonly roles: readonly string[]
  /** Whether this credential carries a fresh second factor. */
  readonly mfa: boolean
}

/** What a tool does to the world; also the group of its action in Cedar. */
export type Effect = 'read' | 'write' | 'delete' | 'execute' | 'send' | 'pay'

/** What an argument is, so that detectors judge it in its own language. `prose` is free text from people. */
export type ArgumentKind = 'sql' | 'shell' | 'path' | 'url' | 'html' | 'prose'

/** `external`: gets tokens, never raw personal data. `trusted`: gets the restored input just before it executes. */
export type Boundary = 'external' | 'trusted'

/** What a tool's output is: `none` of the house, `user` by its people, `untrusted` of anybody. */
export type OutputLabel = 'none' | 'user' | 'untrusted'

/** The facts about a tool that its registration fixed, as the controls need them. */
export interface ToolFacts {
  readonly name: string
  /** SHA-256, hex, of the tool's canonical registration. */
  readonly digest: string
  readonly effect: Effect
  readonly boundary: Boundary
  /** By top-level argument name. An argument without a kind is judged strictly. */
  readonly arguments: { readonly [name: string]: ArgumentKind }
  /** What one call costs, in micro-dollars, when the tool says so. */
  readonly cost?: number
  /** Held for a person, whatever the policies say. */
  readonly approval?: boolean
  /** How little its output may be trusted. Absent: nobody knows, so `untrusted`. */
  readonly outputLabel?: OutputLabel
  /** Whether its session begins anew once it has succeeded, as if nothing had entered. */
  readonly declassifies?: boolean
}

/** One request to act: a principal asks to take an action on a resource. The input is parsed once and frozen. */
export interface Call {
  readonly id: CallId
  readonly tenant: TenantId
  readonly principal: Principal
  readonly session: SessionId
  readonly tool: ToolFacts
  readonly action: string
  readonly resource: string
  readonly input: JsonObject
  /** Server-derived facts (`now`, `source_ip`, `mfa`, `taint`), and those that controls publish. */
  readonly context: JsonObject
}

/** A call whose personal data has been replaced by tokens. Only this side of the mask is ever logged or sent out. */
export type MaskedCall = Brand<Call, 'MaskedCall'>

/** The call with nothing left to mask: what is recorded when masking itself fails. */
export function blank(call: Call): MaskedCall {
  return { ...call, resource: '', input: {}, context: {} } as MaskedCall
}

/** The call with more facts in its context. Facts never hold personal data, so a masked call stays masked. */
export function withFacts<C extends Call>(call: C, facts: JsonObject | undefined): C {
  return facts ? { ...call, context: { ...call.context, ...facts } } : call
}
