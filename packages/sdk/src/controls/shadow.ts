import { type Control, type Detect, type Finding, refusal, shadow as shadowControl, shadowDetect } from '@agentgate/core'
import type { AgentControl } from './control.ts'

/**
 * A control that changes nothing: what it would have said is on record (`shadow` of its finding), and every call goes on as without
 * it, whatever it says, throws, or does about the outcome, and without it where it does not answer within 2.5 seconds. `piiVault` and `humanApproval` change calls themselves, and
 * `formalVerification` has a mode of its own: a `TypeError` when the agent is made.
 */
export function shadow(control: AgentControl): AgentControl {
  return (house, n) => {
    const parts = control(house, n)
    if (parts.mask || parts.detect?.some(({ name }) => name === 'approval')) {
      throw new TypeError('`piiVault` and `humanApproval` cannot be shadowed: leave them out instead')
    }
    if (parts.verification) throw new TypeError("`formalVerification` cannot be shadowed: give it `mode: 'shadow'`")
    return {
      ...parts,
      ...(parts.detect && { detect: parts.detect.map((each) => shadowDetect(tellingDetect(each))) }),
      ...(parts.controls && { controls: parts.controls.map((each) => shadowControl(telling(each))) }),
    }
  }
}

const broken = refusal('control-failed', 'The control in shadow failed.')

/** Milliseconds that it may keep a call waiting. */
const patience = 2_500

/** What `work` comes to in time, else `otherwise`; what it comes to later goes to `late`. */
async function soon<T>(work: () => Promise<T>, otherwise: T, late?: (value: T) => unknown): Promise<T> {
  const over = Promise.withResolvers<T>()
  let isOver = false
  const timer = setTimeout(() => {
    isOver = true
    over.resolve(otherwise)
  }, patience)
  const working = (async () => work())()
  working.then((value) => isOver && late?.(value)).catch(() => undefined)
  try {
    return await Promise.race([working, over.promise])
  } catch {
    return otherwise
  } finally {
    clearTimeout(timer)
  }
}

function telling(control: Control): Control {
  const { evaluate, settle } = control
  return {
    ...control,
    // Its facts would reach the controls after it.
    evaluate: async (call, asking) => {
      const unheard = ({ held }: Finding) => settle?.({ status: 'refused', reason: broken.reason }, held ?? null, call)
      const { facts: _, ...finding } = await soon<Finding>(() => evaluate(call, asking), broken, unheard)
      return finding
    },
    ...(settle && {
      settle: async (outcome, held, call) => {
        await soon(() => settle(outcome, held, call), outcome)
        return outcome
      },
    }),
  }
}

function tellingDetect(detect: Detect): Detect {
  const { evaluate, inspect } = detect
  return {
    ...detect,
    evaluate: async (call, asking) => {
      const { facts: _, ...finding } = await soon<Finding>(() => evaluate(call, asking), broken)
      return finding
    },
    ...(inspect && { inspect: (output, call, asking) => soon<Finding>(() => inspect(output, call, asking), broken) }),
  }
}
