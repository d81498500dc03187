import { type Control, type Detect, type Finding, refusal, shadow as shadowControl, shadowDetect } from '@agentgate/core'
import type { AgentControl } from './control.ts'

/**
 * A control that changes nothing: what it would have said is on record (`shadow` of its finding), and every call goes on as without
 * it, whatever it says, throws, or does about the outcome. `piiVault` and `humanApproval` change calls themselves and cannot be
 * shadowed: a `TypeError` when the agent is made.
 */
export function shadow(control: AgentControl): AgentControl {
  return (house, n) => {
    const parts = control(house, n)
    if (parts.mask || parts.detect?.some(({ name }) => name === 'approval')) {
      throw new TypeError('`piiVault` and `humanApproval` cannot be shadowed: leave them out instead')
    }
    return {
      ...parts,
      ...(parts.detect && { detect: parts.detect.map((each) => shadowDetect(tellingDetect(each))) }),
      ...(parts.controls && { controls: parts.controls.map((each) => shadowControl(telling(each))) }),
    }
  }
}

const broken: Finding = refusal('control-failed', 'The control in shadow failed.')

function telling(control: Control): Control {
  const { evaluate, settle } = control
  return {
    ...control,
    // Its facts would reach the controls after it.
    evaluate: async (call, asking) => {
      const { facts: _, ...finding } = await evaluate(call, asking).catch(() => broken)
      return finding
    },
    ...(settle && {
      settle: async (outcome, held, call) =>
        settle(outcome, held, call).then(
          () => outcome,
          () => outcome,
        ),
    }),
  }
}

function tellingDetect(detect: Detect): Detect {
  const { evaluate, inspect } = detect
  return {
    ...detect,
    evaluate: async (call, asking) => {
      const { facts: _, ...finding } = await evaluate(call, asking).catch(() => broken)
      return finding
    },
    ...(inspect && { inspect: (output, call, asking) => inspect(output, call, asking).catch(() => broken) }),
  }
}
