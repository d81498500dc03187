import type { CallId, CallRecord, DecisionId, TenantId } from '@agentgate/core'
import type { Who } from './door.ts'
import { notFound } from './fault.ts'
import type { House } from './house.ts'

/** The newest decision of the call with this id, or the decision with this id; 404 where the asker may not see it. */
export async function recordFor({ calls }: House, { asker: { principal } }: Who, reach: 'all' | 'own', id: string): Promise<CallRecord> {
  const record = (await calls.find(principal.tenant, id as DecisionId)) ?? (await newestOf({ calls }, principal.tenant, id as CallId))
  if (!record || (reach === 'own' && !concerns(record, principal.id))) throw notFound('call')
  return record
}

export async function newestOf({ calls }: Pick<House, 'calls'>, tenant: TenantId, call: CallId): Promise<CallRecord | undefined> {
  return (await calls.list(tenant, { call, limit: 1 }))[0]
}

/** Whether the call was made by this principal, or for it. */
export function concerns({ decision: { call } }: Pick<CallRecord, 'decision'>, principal: string): boolean {
  return call.principal.id === principal || call.principal.onBehalfOf === principal
}
