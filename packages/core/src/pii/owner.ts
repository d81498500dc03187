import type { SessionId, TenantId } from '../call.ts'

/** Whose pairs: nothing kept for one owner and session is ever recalled for another. */
export interface Owner {
  readonly tenant: TenantId
  readonly principal: string
  readonly session: SessionId
  /**
   * Whom the data is about, where it is known: an id, an address, a customer number. Told once, when the session opens, and kept
   * as a keyed hash only. It tells no sessions apart.
   */
  readonly subject?: string
}
