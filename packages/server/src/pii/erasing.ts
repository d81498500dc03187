import type { WireErasure } from '@agentgate/api'
import { certifyErasure, type Destroyed, type PrincipalId, type TenantId } from '@agentgate/core'
import type { House } from '../house.ts'
import { rfc3339 } from '../wire.ts'

/** Who had what erased. The subject itself stands in no statement: a salted digest of it does. */
export interface Erased {
  readonly of: WireErasure['of']
  readonly by?: PrincipalId
  readonly session?: string
  readonly subject?: string
}

/** Certifies in the ledger, and tells the audit chain, that something was destroyed. It is destroyed already: this says so. */
export async function certified(
  { ledger, keys, audit, clock, newId }: Pick<House, 'ledger' | 'keys' | 'audit' | 'clock' | 'newId'>,
  tenant: TenantId,
  { of, by, session, subject }: Erased,
  destroyed: Destroyed,
): Promise<WireErasure> {
  const at = rfc3339(clock.now())
  const names = destroyed.keys.slice(0, 1_000)
  const { entry, erasure, opening } = await certifyErasure(keys.signer, {
    erasure_id: newId(),
    tenant,
    at,
    of,
    session: session ?? null,
    subject: subject ?? null,
    by: by ?? null,
    keys: names,
    sessions: destroyed.sessions,
    values: destroyed.kinds,
  })
  const appended = await ledger.append(tenant, [entry])
  if (!('first' in appended)) throw new Error('The certificate of an erasure found no place in the ledger.')
  const count = Object.values(destroyed.kinds).reduce((sum, n) => sum + n, 0)
  await audit.record(tenant, {
    type: 'pii.erased',
    ...(by !== undefined && { principal: by }),
    facts: {
      of,
      erasure: erasure.erasure_id,
      entry: appended.first,
      sessions: destroyed.sessions,
      count,
      ...(session !== undefined && { session }),
    },
  })
  return {
    erasure_id: erasure.erasure_id,
    entry: appended.first,
    at,
    of,
    sessions: destroyed.sessions,
    keys: [...names],
    values: { ...destroyed.kinds },
    envelope: JSON.parse(entry.body) as Record<string, unknown>,
    ...(opening && { opening: { salt: opening.salt, value: String(opening.value) } }),
  }
}
