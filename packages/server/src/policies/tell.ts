import { type AuditLog, isObject, type JsonObject, type Policies, type PrincipalId, type TenantId } from '@agentgate/core'
import type { Personal } from '../personal.ts'
import { textIn } from '../text-in.ts'

/** Something that happened to a policy set: who, why, from, to. `why` is kept beside the ledger, and sealed in it. */
export interface PolicyHappening {
  readonly type: string
  readonly principal?: PrincipalId
  readonly facts: JsonObject
  readonly why?: string
  readonly at: number
  /** What decides is another from now on: decisions made before are made again. */
  readonly moves?: boolean
}

/** The happening as the store keeps it: of personal data in `why` only the kind. */
export async function asEvent(
  { hidden }: Pick<Personal, 'hidden'>,
  tenant: TenantId,
  { type, principal, facts, why, at, moves }: PolicyHappening,
): Promise<JsonObject> {
  const said = why ? { why: await hidden(tenant, why) } : {}
  return { type, facts, at, ...(principal !== undefined && { principal }), ...said, ...(moves && { moves }) }
}

/**
 * Tells the audit log what happened to policy sets and was not told yet; the ledger's epoch moves with what `moves`.
 *
 * A change and its event are one transaction of the store; the audit entry, which moves the epoch, is the next. A crash in
 * between leaves the change standing and its event untold: every decision made since is by the new sets and names their
 * digests, and the entry follows when the server starts or with the next change, once only, as it takes the event's key.
 */
export async function tell(
  { policies, audit }: { readonly policies: Policies; readonly audit: AuditLog },
  tenant: TenantId,
): Promise<void> {
  for (let events = await policies.untold(tenant); events.length > 0; events = await policies.untold(tenant)) {
    for (const { seq, event } of events) {
      const principal = textIn(event, 'principal')
      const why = textIn(event, 'why')
      await audit.record(
        tenant,
        {
          type: textIn(event, 'type'),
          facts: isObject(event['facts']) ? event['facts'] : {},
          // INVARIANT: the store gives back what `asEvent` wrote.
          ...(principal !== '' && { principal: principal as PrincipalId }),
          ...(why !== '' && { sealed: { why } }),
          ...(event['moves'] === true && { moves: true }),
        },
        [`policy-event/${seq}`],
      )
      await policies.told(tenant, seq)
    }
  }
}
