import type { SessionId, TenantId } from '../call.ts'

/** Whose pairs: nothing kept for one owner and session is ever recalled for another. */
export interface Owner {
  readonly tenant: TenantId
  readonly principal: string
  readonly session: SessionId
}
