import type { Call, MaskedCall } from '../call.ts'
import { type Control, type Detect, refusal } from '../control.ts'
import type { Finding } from '../decision.ts'
import { isObject, type Json } from '../json.ts'
import type { Approval, Approvals } from './approvals.ts'

export interface ApprovalOptions {
  readonly approvals: Approvals
  /** A keyed hash (HMAC) of the value: what binds an answer to exactly one call. Its results are never published. */
  readonly commit: (value: Json) => string
  /** How long people have to answer: milliseconds. */
  readonly timeout?: number
  /** Calls that are held whatever the policies say; by default those whose tool declares it. */
  readonly wants?: (call: MaskedCall) => boolean
  readonly newId: () => string
}

/**
 * Holds calls that want a person's yes. An approval is a fact, not a continuation: the call is decided again with it
 * among its facts, and the ledger lets it be used once.
 *
 * `recall` finds the answer to this very call and publishes it as `approval`; `want` holds what `wants` names; `ask`
 * files the question when any control holds.
 */
export function approval({ approvals, commit, timeout = 300_000, wants = ({ tool }) => tool.approval === true, newId }: ApprovalOptions): {
  recall: Detect
  controls: readonly Control[]
} {
  const recall: Detect = {
    name: 'approval',
    async evaluate(call, { now }): Promise<Finding> {
      const binding = bindingOf(call)
      const [asked] = (await approvals.list(call.tenant, { call: call.id, limit: 1 })).filter((each) => each.binding === binding)
      const held = { binding }
      if (!asked || asked.state === 'consumed') return { verdict: 'pass', held }
      if (asked.state === 'denied')
        return { ...refusal('approval-denied', `${asked.decidedBy ?? 'An approver'} denied the call.`), approval: asked.id }
      if (asked.expiresAt <= now) {
        const message = 'The approval expired: ask again by making the call again.'
        return { ...refusal('approval-timeout', message), approval: asked.id }
      }
      if (asked.state === 'pending') return { verdict: 'pass', held }
      const by = asked.decidedBy ?? ''
      return { verdict: 'pass', held, approval: asked.id, facts: { approval: { id: asked.id, by, quorum: 1 } } }
    },
  }

  const want: Control = {
    name: 'approval-required',
    stage: 'evaluate',
    async evaluate(call) {
      if (!wants(call) || call.context['approval'] !== undefined) return { verdict: 'pass' }
      return { verdict: 'hold', reason: { code: 'approval-required', message: `\`${call.tool.name}\` waits for a person to approve it.` } }
    },
  }

  const ask: Control = {
    name: 'approvals',
    stage: 'approve',
    async evaluate(call, { now, earlier }) {
      const holding = earlier.find(({ verdict }) => verdict === 'hold')
      if (!holding?.reason) return { verdict: 'pass' }
      const held = earlier.find(({ control }) => control === recall.name)?.held
      const binding = isObject(held) ? held['binding'] : undefined
      if (typeof binding !== 'string') throw new Error('the call has no binding to ask about')
      const question: Approval = {
        id: newId(),
        tenant: call.tenant,
        callId: call.id,
        binding,
        call,
        why: holding.reason.message,
        askedAt: now,
        expiresAt: now + timeout,
        state: 'pending',
      }
      const asked = await approvals.ask(question)
      return { verdict: 'hold', reason: { code: 'approval-pending', message: 'An approver has yet to answer.' }, approval: asked.id }
    },
  }

  function bindingOf({ tenant, principal, session, tool, action, resource, input }: Call): string {
    return commit([tenant, principal.id, principal.onBehalfOf ?? null, session, tool.digest, action, resource, input])
  }

  return { recall, controls: [want, ask] }
}
