import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { type MaskedCall, withFacts } from '../call.ts'
import { combine, type Draft, type Found } from '../decision.ts'
import type { JsonObject } from '../json.ts'
import { policy } from '../policy/control.ts'
import type { PolicySet } from '../policy/policies.ts'
import { tools } from './random-calls.ts'
import { type ApprovalOnFile, type Basis, boundBy, type Judged } from './judgement.ts'

/** What the tests of theorems share: masked calls, and what the gate makes of them. */

const texts = ['a', 'b', 'é', '/prod/x', 'EMAIL', 'pay', '<EMAIL_1>', '日本 "quoted" \\ \u{1f600}']
const few = fc.subarray(texts)
/** What the control says of the approval on file. */
export const approvalFact = { id: 'i', by: 'User::b', quorum: 1, given: { approver: 1 } }
export const approvalOnFile: ApprovalOnFile = {
  id: 'i',
  call: 'c',
  state: 'approved',
  expiresAt: Date.UTC(2030, 0),
  of: {
    tenant: 't',
    principal: 'User::u',
    person: '',
    session: 's',
    tool: 'd',
    action: 'move.money',
    resource: 'tool:pay',
    binding: 'bound',
  },
  answers: [{ by: 'User::b', approved: true, roles: ['approver'] }],
}

/** A masked call to `pay`, as the gate hands it to policies: some facts are missing, as they may be. */
export const randomMaskedCall = fc
  .record({
    principal: fc.constantFrom('User::u', 'Agent::u', 'Agent::é'),
    roles: fc.subarray(['admin', 'x']),
    mfa: fc.boolean(),
    resource: fc.constantFrom('/prod', '/prod/', '/prod/x', '/prod/x/', '/prod/x/y', 'tool:pay', '/other', '/prod/日本/x'),
    session: fc.constantFrom('s', ...texts),
    boundary: fc.constantFrom('external', 'trusted'),
    context: fc.record(
      {
        source_ip: fc.constantFrom('10.1.2.3', '127.0.0.1', '::1', 'ff02::1', '::ffff:10.0.0.1', '::ffff:7f00:1', 'fe80::1%eth0'),
        taint: fc.constantFrom('none', 'untrusted', ...texts),
        pii_kinds: few,
        restores: few,
        threat_kinds: few,
        pii_count: fc.constantFrom(0, 1, 7, 51),
        confirmed: fc.boolean(),
        approval: fc.constantFrom(approvalFact),
      },
      { requiredKeys: [] },
    ),
    input: fc.record(
      {
        amount: fc.constantFrom(0, 1, -1, 7, 9007199254740991),
        fee: fc.constantFrom<number | string>(0, 3, '<SSN_1>'),
        share: fc.constantFrom(0.5, -7, 1.2345),
        note: fc.constantFrom<string | null>(null, ...texts),
        to: few,
        steps: fc.array(fc.constantFrom(0, 1, -1, 7), { maxLength: 2 }),
        card: fc.record({ bank: fc.constantFrom(...texts), limit: fc.constantFrom(0, 5) }, { requiredKeys: ['bank'] }),
      },
      { requiredKeys: ['amount', 'share', 'to', 'steps'] },
    ),
  })
  .map(({ principal, roles, mfa, resource, session, boundary, context, input }) =>
    maskedCall({ principal: { id: principal, tenant: 't', roles, mfa }, resource, session, boundary, context, input }),
  )

export function maskedCall({
  boundary = 'external',
  context = {},
  ...more
}: { readonly boundary?: string; readonly context?: JsonObject } & JsonObject): MaskedCall {
  return {
    id: 'c',
    tenant: 't',
    principal: { id: 'User::u', tenant: 't', roles: ['admin'], mfa: false },
    session: 's',
    tool: { name: 'pay', digest: 'd', effect: 'pay', boundary, arguments: {} },
    action: 'move.money',
    resource: 'tool:pay',
    input: { amount: 1, share: 0.5, to: [], steps: [] },
    ...more,
    context: { now: Date.UTC(2024, 1, 29), ...context },
  } as unknown as MaskedCall
}

export function setOf(text: string, id = 'set'): PolicySet {
  const digest = createHash('sha256').update(text).digest('hex')
  return { id, version: 1, digest, text, publishedAt: 0, publishedBy: 'User::p' } as unknown as PolicySet
}

export const house = { reserves: true, masks: ['SSN', 'EMAIL'] } as const

/** What the gate judges of a call by policies alone, or with what other controls found. */
export async function judgedBy(sets: readonly PolicySet[], call: MaskedCall, others: readonly Found[] = []): Promise<Judged> {
  const control = policy({
    active: async () => sets,
    tool: async (_, name) => tools.find((each) => each.name === name),
    reserves: house.reserves,
    masks: new Set(house.masks),
  })
  const finding: Found = {
    ...(await control.evaluate(call, { now: 0, earlier: [], signal: new AbortController().signal })),
    control: 'policy',
    ms: 0,
  }
  return judgementOf(withFacts(call, finding.facts), [...others, finding, { control: 'obligations', verdict: 'pass', ms: 0 }])
}

export function judgementOf(call: MaskedCall, findings: readonly Found[]): Judged {
  const draft: Pick<Draft, 'verdict'> = combine(findings)
  return {
    decision: '01920000-0000-7000-8000-000000000000',
    call,
    verdict: draft.verdict,
    findings: findings.map(({ control, verdict, reason }) => ({ control, verdict, code: reason?.code ?? null })),
    policy: findings.find((found) => found.policy)?.policy ?? { digests: [], determining: [] },
    issuedAt: Number(call.context['now'] ?? 0),
    expiresAt: Number(call.context['now'] ?? 0) + 300_000,
  }
}

/** With the approval that people gave to `call`. */
export function basisOf(sets: readonly PolicySet[], more: Partial<Basis> = {}, call: MaskedCall = maskedCall({})): Basis {
  return {
    salt: '00'.repeat(32),
    sets: sets.map(({ id, digest }) => ({ id, digest })),
    tool: tools[0] ?? null,
    approval: { ...approvalOnFile, of: boundBy(call, 'bound') },
    binding: 'bound',
    house,
    ...more,
  }
}
