import type { Principal } from '../call.ts'
import type { JsonObject } from '../json.ts'

/** Who a credential turned out to be, and what the server knows of the asking (`source_ip`). No caller supplies any of it. */
export interface Asker {
  readonly principal: Principal
  readonly facts: JsonObject
}

/** Turns the credential at hand into an asker, afresh for each call, so that a revocation is seen by the very next one. Throws `GateError` `unauthenticated`. */
export type Identify = () => Promise<Asker>
