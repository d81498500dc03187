import type { Call, Mask, MaskedCall } from '@agentgate/core'

/** Masks for each principal apart: an agent that acts for somebody names sessions of its own, and never reads a token of theirs. */
export function agentSessions(mask: Mask): Mask {
  return {
    ...mask,
    async mask(call, asking) {
      const found = await mask.mask(alone(call), asking)
      // INVARIANT: whom a call is made for is an opaque id, which masking leaves as it is.
      return { ...found, call: { ...found.call, principal: call.principal } as MaskedCall }
    },
    output: async (output, call) => mask.output(output, alone(call)),
    restore: async (masked, call) => mask.restore(masked, alone(call)),
    keepInput: async (call) => mask.keepInput(alone(call)),
    recallInput: async (call, kept) => mask.recallInput(alone(call), kept),
    restoreInput: async (call) => mask.restoreInput(alone(call)),
  }
}

function alone<C extends Call>(call: C): C {
  const { onBehalfOf: _, ...principal } = call.principal
  return { ...call, principal }
}
