import type { Call, MaskedCall } from '../call.ts'
import { type Control, type Detect, refusal } from '../control.ts'
import type { Finding } from '../decision.ts'
import { isObject, type Json, type JsonObject } from '../json.ts'
import type { Approval, Approvals } from './approvals.ts'

export interface ApprovalOptions {
  readonly approvals: Approvals
  /** A keyed hash (HMAC) of the value: what binds an answer to exactly one call. Its results are never published. */
  readonly commit: (value: Json) => string
  /** How long people have to answer: milliseconds. */
  readonly timeout?: number
  /** Calls that are held whatever the policies say; by default those whose tool declares it. */
  readonly wants?: (call: MaskedCall) => boolean
  /** How many different people must approve what `wants` names: 1 unless told. Policies may ask for more. */
  readonly quorum?: number
  readonly newId: () => string
  /** The question that was asked of the same call before its process ended, if nobody but this call has picked it up. */
  readonly earlier?: (call: Call, binding: string) => Promise<Approval | undefined>
}

/**
 * Holds calls that want a person's yes. An approval is a fact, not a continuation: the call is decided again with it
 * among its facts, and the ledger lets it be used once.
 *
 * `recall` finds the answer to this very call and publishes it as `approval`; `want` holds what `wants` names; `ask`
 * files the question when any control holds.
 */
export function approval(options: ApprovalOptions): { recall: Detect; controls: readonly Control[] } {
  const {
    approvals,
    commit,
    timeout = 300_000,
    wants = ({ tool }) => tool.approval === true,
    quorum = 1,
    newId,
    earlier: askedBefore,
  } = options

  const recall: Detect = {
    name: 'approval',
    async evaluate(call, { now }): Promise<Finding> {
      const binding = bindingOf(call)
      const [own] = (await approvals.list(call.tenant, { call: call.id, limit: 1 })).filter((each) => each.binding === binding)
      const asked = own ?? (await askedBefore?.(call, binding))
      const held = { binding }
      if (!asked) return { verdict: 'pass', held }
      if (asked.forged) {
        const message =
          'The question or an answer to it was changed past AgentGate: look who writes to its database, and make the call again.'
        return { ...refusal('approval-forged', message), approval: asked.id }
      }
      if (asked.state === 'denied') {
        const by = asked.answers.findLast(({ approved }) => !approved)?.by
        return { ...refusal('approval-denied', `${by ?? 'An approver'} denied the call.`), approval: asked.id }
      }
      if (asked.expiresAt <= now) {
        const message = 'The approval expired: ask again by making the call again.'
        return { ...refusal('approval-timeout', message), approval: asked.id }
      }
      if (asked.state === 'pending') return { verdict: 'pass', held }
      return { verdict: 'pass', held, approval: asked.id, facts: { approval: factOf(asked) } }
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
      const holds = earlier.filter(({ verdict }) => verdict === 'hold')
      const why = holds[0]?.reason
      if (!why) return { verdict: 'pass' }
      // What only the asker can supply (a second factor, a confirmation) is no question for others.
      if (holds.every(({ obligations: wanted = [] }) => wanted.length > 0 && wanted.every(({ name }) => !isApproval(name)))) {
        return { verdict: 'pass' }
      }
      const held = earlier.find(({ control }) => control === recall.name)?.held
      const binding = isObject(held) ? held['binding'] : undefined
      if (typeof binding !== 'string') throw new Error('the call has no binding to ask about')
      const ways = holds.flatMap((found) => found.ways ?? [])
      const question: Approval = {
        id: newId(),
        tenant: call.tenant,
        callId: call.id,
        binding,
        call,
        why: why.message,
        askedAt: now,
        expiresAt: now + timeout,
        quorum: Math.max(quorum, ways.length > 0 ? Math.min(...ways.map((way) => way.quorum)) : 1),
        ways,
        roles: ways.every(({ role }) => role !== undefined) ? [...new Set(ways.flatMap(({ role }) => role ?? []))] : [],
        answers: [],
        state: 'pending',
      }
      const asked = (await askedBefore?.(call, binding)) ?? (await approvals.ask(question))
      // What was answered before is enough for what is wanted now, and nobody has looked at it yet.
      if (asked.state === 'approved' && call.context['approval'] === undefined) {
        const message = 'Enough people have approved: resume the call.'
        return { verdict: 'hold', reason: { code: 'approval-pending', message }, approval: asked.id }
      }
      // Who was asked for has approved, and the asker has something left to do.
      if (asked.state === 'approved' && leavesAsker(holds)) return { verdict: 'pass' }
      if (asked.state === 'approved') {
        const message = 'The call was approved, and yet the policies hold it: they changed meanwhile, or want what no approver gives.'
        return { ...refusal('approval-insufficient', message), approval: asked.id }
      }
      return { verdict: 'hold', reason: { code: 'approval-pending', message: 'An approver has yet to answer.' }, approval: asked.id }
    },
  }

  function bindingOf({ id, tenant, principal, session, tool, action, resource, input }: Call): string {
    // A call in no conversation is a session of its own: asked again it is the same call.
    const conversation = session === (id as string) ? null : session
    return commit([tenant, principal.id, principal.onBehalfOf ?? null, conversation, tool.digest, action, resource, input])
  }

  return { recall, controls: [want, ask] }
}

function isApproval(name: string): boolean {
  return name === 'approval' || name === 'approval_quorum'
}

/** Whether some policy that holds waits for nobody but the asker: for a second factor, or to confirm. */
function leavesAsker(holds: readonly Finding[]): boolean {
  const owed = Object.groupBy(
    holds.flatMap(({ obligations = [] }) => obligations),
    ({ policy }) => policy,
  )
  return Object.values(owed).some((all) => all?.every(({ name }) => !isApproval(name)))
}

/** What policies may know of an approval; `given` is how many of its approvers had each role. */
function factOf({ id, answers }: Approval): JsonObject {
  const given: Record<string, number> = {}
  for (const role of answers.flatMap(({ roles }) => [...new Set(roles)])) given[role] = (given[role] ?? 0) + 1
  return { id, by: answers[0]?.by ?? '', quorum: answers.length, given }
}
