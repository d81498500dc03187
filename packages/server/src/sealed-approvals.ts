import {
  type Approval,
  type ApprovalAnswer,
  type ApprovalId,
  type Approvals,
  type JsonObject,
  type MaskedCall,
  type Owner,
  recordKind,
  recordsOf,
  SealError,
  type TenantId,
  type Vault,
} from '@agentgate/core'

/** A call as it is stored: what it asks for, and what was known of it, is in the vault under this token. */
type Stored = MaskedCall & { readonly sealed?: string }

/**
 * Approvals whose calls and reasons lie in the vault, in the session beside that of the call: whoever destroys that session's key, or its
 * subject's, leaves who was asked of what tool, and what they answered. What is gone or does not open is told as `payload`.
 */
export function sealedApprovals({
  approvals,
  vault,
  ownerOf,
}: {
  readonly approvals: Approvals
  readonly vault: Pick<Vault, 'keep' | 'recall'>
  readonly ownerOf: (call: MaskedCall) => Owner
}): Approvals {
  return {
    async ask(approval) {
      const { tenant, callId, binding } = approval
      const filed = await approvals.list(tenant, { call: callId, limit: 10 })
      const same = filed.find((each) => each.binding === binding)
      return opened(await approvals.ask({ ...approval, call: same ? same.call : await sealed(approval.call) }))
    },
    async answer(tenant, id, answer) {
      const asked = await approvals.find(tenant, id)
      return asked !== undefined && approvals.answer(tenant, id, { ...answer, reason: await kept(asked, answer) })
    },
    async find(tenant: TenantId, id: ApprovalId) {
      const asked = await approvals.find(tenant, id)
      return asked && opened(asked)
    },
    list: async (tenant, query) => Promise.all((await approvals.list(tenant, query)).map(opened)),
    close: approvals.close,
  }

  async function sealed(call: MaskedCall): Promise<MaskedCall> {
    const { input, context } = call
    const token = await keep(call, JSON.stringify({ input, context }))
    const bare: Stored = { ...call, input: {}, context: {}, sealed: token }
    return bare
  }

  async function kept({ call }: Approval, { reason }: ApprovalAnswer): Promise<string> {
    return reason === '' ? '' : keep(call, JSON.stringify({ reason }))
  }

  async function keep(call: MaskedCall, value: string): Promise<string> {
    const [token = ''] = await vault.keep(recordsOf(ownerOf(call)), [{ kind: recordKind, value }])
    return token
  }

  async function opened(approval: Approval): Promise<Approval> {
    const { sealed: token, ...call } = approval.call as Stored
    const tokens = [token ?? '', ...approval.answers.map(({ reason }) => reason)]
    const asked = tokens.filter((each) => each !== '')
    if (asked.length === 0) return approval
    const bare = { ...approval, call: call as MaskedCall }
    try {
      const told = await vault.recall(recordsOf(ownerOf(call as MaskedCall)), asked)
      if (told.includes(undefined)) return gone(bare, 'erased')
      // INVARIANT: what was kept under these tokens was written here.
      const value = (each: string) => JSON.parse(told[asked.indexOf(each)] ?? '{}') as JsonObject
      return {
        ...bare,
        call: { ...call, ...(token !== undefined && value(token)) } as MaskedCall,
        answers: approval.answers.map((answer) => ({
          ...answer,
          ...(answer.reason !== '' && { reason: String(value(answer.reason)['reason'] ?? '') }),
        })),
      }
    } catch (error) {
      if (!(error instanceof SealError)) throw error
      return gone(bare, 'damaged')
    }
  }
}

function gone(approval: Approval, payload: 'erased' | 'damaged'): Approval {
  return { ...approval, answers: approval.answers.map((answer) => ({ ...answer, reason: '' })), payload }
}
