import type { Call, MaskedCall } from './call.ts'
import type { Finding, Found, Outcome, Reason } from './decision.ts'
import type { Json, JsonObject } from './json.ts'

/** What a control may know besides the call. */
export interface Asking {
  /** Milliseconds since 1970, by the clock port. */
  readonly now: number
  /** What the controls before this one found. */
  readonly earlier: readonly Found[]
  /** Aborted when the caller went away or the control's time is up. */
  readonly signal: AbortSignal
}

/** What a detector may know besides the call and its output. */
export interface Inspecting extends Asking {
  /** What became of the call, as far as its report goes. */
  readonly status: Outcome['status']
}

/** Where in the sentence a control stands. All of a stage are asked, unless the call is already denied and the stage has effects. */
export type Stage = 'evaluate' | 'reserve' | 'approve'

/** A control judges masked calls: policy, rate, budget and approval are controls. */
export interface Control {
  readonly name: string
  readonly stage: Stage

  /** Judges a call. Returns `deny` to refuse it; throws only when it cannot tell, and the gate then denies. Never executes the call. */
  readonly evaluate: (call: MaskedCall, asking: Asking) => Promise<Finding>

  /**
   * Closes what `evaluate` opened: commits or releases a reservation, ends a span. Called exactly once for each finding,
   * last found first, whatever happened. May withhold the output; a throw withholds it too.
   */
  readonly settle?: (outcome: Outcome, held: Json, call: MaskedCall) => Promise<Outcome>
}

/** A detector's control judges the raw call in memory, before masking, and reports kinds and offsets only. */
export interface Detect {
  readonly name: string
  readonly evaluate: (call: Call, asking: Asking) => Promise<Finding>
  /** Looks at a request that was refused before it became a call, as nobody understood it. */
  readonly overhear?: (request: { readonly action: string; readonly input: unknown }, call: Call, asking: Asking) => Promise<Finding>
  /** Judges a tool's raw output, or its error, before it is masked: `deny` withholds it. `null` of a call that was lost: it may have answered. */
  readonly inspect?: (output: Json, call: MaskedCall, asking: Inspecting) => Promise<Finding>
}

/** Names a refusal. */
export function refusal(code: string, message: string, more: Omit<Reason, 'code' | 'message'> = {}): { verdict: 'deny'; reason: Reason } {
  return { verdict: 'deny', reason: { code, message, ...more } }
}

/** Evaluates and records the real verdict, and passes: nothing that a control in shadow finds refuses a call. */
export function shadow(control: Control): Control {
  return { ...control, evaluate: async (call, asking) => shadowed(await control.evaluate(call, asking)) }
}

/** `shadow` for a detector. What it inspects in output is reported and passes as well. */
export function shadowDetect(detect: Detect): Detect {
  const { inspect } = detect
  return {
    ...detect,
    evaluate: async (call, asking) => shadowed(await detect.evaluate(call, asking)),
    ...(inspect && {
      inspect: async (output: Json, call: MaskedCall, asking: Inspecting) => shadowed(await inspect(output, call, asking)),
    }),
  }
}

function shadowed({ verdict, reason, obligations: _, approval: __, ...rest }: Finding): Finding {
  return { ...rest, verdict: 'pass', shadow: { verdict, ...(reason && { reason }) } }
}

/**
 * What stands at the trust boundary: replaces personal data by tokens, and puts it back for those who may see.
 *
 * Everything it keeps, it keeps for the call's tenant, principal and session, and for no other.
 */
export interface Mask {
  readonly name: string
  /** The kinds of personal data that it replaces. */
  readonly kinds: ReadonlySet<string>
  /** The call with tokens for personal data, and facts about what was masked (kinds, counts, mail domains). */
  readonly mask: (call: Call, asking: Asking) => Promise<Finding & { readonly call: MaskedCall }>
  /** A tool's raw output or error text with tokens for personal data. Tokens already in it are escaped, never trusted. */
  readonly output: <T extends Json>(output: T, call: MaskedCall) => Promise<T>
  /** Masked output with this session's values put back. Rejects when a token is unknown and the session fails closed. */
  readonly restore: <T extends Json>(masked: T, call: MaskedCall) => Promise<T>
  /** Keeps the frozen raw input of a held call, sealed, and returns the name to recall it by. */
  readonly keepInput: (call: Call) => Promise<string>
  readonly recallInput: (call: MaskedCall, kept: string) => Promise<JsonObject | undefined>
  /** The input with the values behind its tokens, for a trusted sink, just before it executes. */
  readonly restoreInput: (call: MaskedCall) => Promise<JsonObject>
}
