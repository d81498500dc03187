import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { type Approval, type ApprovalAnswer, type ApprovalId, type Approvals, approvalState, type TenantId } from '@agentgate/core'

/** Forged questions that are remembered as told. */
const most = 1_000

/**
 * Approvals whose questions and answers are authenticated under a key that the database does not have. What somebody wrote or changed past
 * us is marked `forged`: nobody answers it, and no call runs by it. How many must answer is no part of that: policies are asked anew.
 * `told` hears of each once.
 */
export function authenticApprovals(
  approvals: Approvals,
  { commitment, told }: { readonly commitment: Uint8Array; readonly told: (forged: Approval) => void },
): Approvals {
  const key = Buffer.from(hkdfSync('sha256', commitment, new Uint8Array(), 'agentgate/answers', 32))
  const known = new Set<string>()

  return {
    ask: async (approval) => looked(await approvals.ask({ ...approval, mac: ofQuestion(approval) })),
    async answer(tenant, id, answer) {
      const asked = await find(tenant, id)
      return asked !== undefined && !asked.forged && approvals.answer(tenant, id, { ...answer, mac: ofAnswer(asked, answer) })
    },
    find,
    list: async (tenant, query) => (await approvals.list(tenant, query)).map(looked),
    close: approvals.close,
  }

  async function find(tenant: TenantId, id: ApprovalId): Promise<Approval | undefined> {
    const asked = await approvals.find(tenant, id)
    return asked && looked(asked)
  }

  function looked(approval: Approval): Approval {
    const { mac, answers, state } = approval
    const authentic =
      isEqual(mac, ofQuestion(approval)) &&
      answers.every((answer) => isEqual(answer.mac, ofAnswer(approval, answer))) &&
      // One answer that stands there twice would be that of two people.
      new Set(answers.map(({ by }) => by)).size === answers.length &&
      state === approvalState(approval)
    if (authentic) return approval
    const name = JSON.stringify([approval.tenant, approval.id])
    if (!known.has(name)) {
      if (known.size >= most) known.clear()
      known.add(name)
      told(approval)
    }
    return { ...approval, forged: true }
  }

  function ofQuestion({ tenant, id, callId, binding, call, why, askedAt, expiresAt }: Approval): string {
    return macOf(['question', tenant, id, callId, binding, call, why, askedAt, expiresAt])
  }

  function ofAnswer(asked: Approval, { by, approved, reason, at, roles }: ApprovalAnswer): string {
    return macOf(['answer', ofQuestion(asked), by, approved, reason, at, roles])
  }

  /** What came through a store reads as before: JSON keeps the order of members. */
  function macOf(parts: readonly unknown[]): string {
    return createHmac('sha256', key).update(JSON.stringify(parts)).digest('base64url')
  }
}

function isEqual(mac: string | undefined, wanted: string): boolean {
  const [given, expected] = [Buffer.from(mac ?? ''), Buffer.from(wanted)]
  return given.length === expected.length && timingSafeEqual(given, expected)
}
