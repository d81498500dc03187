import type { CallId, MaskedCall, PrincipalId, SessionId, TenantId } from '../call.ts'
import { type Clock, uuidv7 } from '../clock.ts'
import type { Decision, DecisionId, Predicate } from '../decision.ts'
import { auditKey, auditLog } from './audit.ts'
import { sha256 } from './digest.ts'
import { localSigner } from './keys.ts'
import { memoryLedger } from './ledger.ts'
import { createRecorder, type Recorded } from './recorder.ts'

/** What this room's tests share: a clock, a decision, and a recorder over a ledger in memory. */
export const sampleTenant = 'acme' as TenantId
export const samplePolicy = 'permit (principal, action == Action::"lookup", resource);'
export const sampleClock: Clock = { now: () => Date.UTC(2026, 4, 3, 10, 20, 30, 405) }

/** Bytes for a key of tests: different for each name, and not all the same. */
export function sampleSeed(name: string): Uint8Array {
  return Buffer.from(sha256(`sample seed ${name}`), 'hex')
}

export function sampleDecision(
  verdict: Decision['verdict'] = 'allow',
  more: { readonly input?: MaskedCall['input']; readonly context?: MaskedCall['context']; readonly tenant?: TenantId } = {},
): Decision {
  const tenant = more.tenant ?? sampleTenant
  const now = sampleClock.now()
  const reason = { code: verdict === 'hold' ? 'approval-required' : 'threat-found', message: 'No.' }
  const finding = verdict === 'allow' ? { verdict, control: 'policy', ms: 1.5 } : { verdict, reason, control: 'policy', ms: 1.5 }
  const predicates: Predicate[] = [
    { name: 'AuthValid', holds: true, witness: ['Agent::a1'] },
    { name: 'LineageValid', holds: true, witness: [] },
    { name: 'PermitExists', holds: true, witness: ['p1'] },
    { name: 'DenyExists', holds: false, witness: [] },
    { name: 'ObligationsMet', holds: verdict === 'allow', witness: [] },
    { name: 'ContextBound', holds: true, witness: [] },
  ]
  return {
    id: uuidv7(now) as DecisionId,
    call: {
      id: uuidv7(now) as CallId,
      tenant,
      session: 's1' as SessionId,
      principal: { id: 'Agent::a1' as PrincipalId, tenant, onBehalfOf: 'User::u1' as PrincipalId, roles: ['clerk'], mfa: true },
      tool: { name: 'lookup', digest: sha256('lookup'), effect: 'read', boundary: 'external', arguments: { who: 'prose' } },
      action: 'lookup',
      resource: 'customers/7',
      input: more.input ?? { who: '<PERSON_1>', year: 1990 },
      context: more.context ?? { source_ip: '192.0.2.7', taint: 'untrusted', mfa: true, pii_count: 3, phone: 4915112345678 },
    } as unknown as MaskedCall,
    verdict,
    ...(verdict !== 'allow' && { reason }),
    findings: [
      { verdict: 'pass', control: 'threat', ms: 0.2, shadow: { verdict: 'deny', reason: { code: 'threat-found', message: 'No.' } } },
      { ...finding, held: { reservation: 'r1' } },
    ],
    obligations: [{ name: 'notify', value: 'owner', policy: 'p1' }],
    policy: { digests: [sha256(samplePolicy)], determining: ['p1'] },
    issuedAt: now,
    expiresAt: now + 300_000,
    proof: {
      type: verdict === 'allow' ? 'CONSTRUCTIVE_TRACE' : 'UNSAT_CORE',
      predicates,
      solver: { name: 'none', version: '', mode: 'off', answer: 'not-asked' },
    },
  }
}

/** A recorder over a ledger in memory, and a look at the records that it keeps. */
export function sampleRoom(name = 'first', clock = sampleClock) {
  const records = new Map<string, Recorded>()
  const ledger = memoryLedger({ clock, beside: (_, id, record) => records.set(id, record as unknown as Recorded) })
  const signer = localSigner(sampleSeed(name))
  const key = auditKey(sampleSeed(`audit ${name}`))
  const audit = auditLog({ ledger, key, clock })
  const recorder = createRecorder({ ledger, signer, audit, clock })
  const record = (id: string): Recorded => {
    const found = records.get(id)
    if (!found) throw new Error(`no record ${id}`)
    return found
  }
  return { ledger, signer, key, audit, recorder, record }
}
