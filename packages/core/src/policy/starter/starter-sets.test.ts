import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Call, Effect, MaskedCall } from '../../call.ts'
import type { JsonObject } from '../../json.ts'
import { parseCedar } from '../cedar-text.ts'
import { policy } from '../control.ts'
import { compilePolicies } from '../evaluator.ts'
import { cedarRequest } from '../facts.ts'
import type { PolicySet } from '../policies.ts'
import { preparePolicySet } from '../publish.ts'
import { readRequest } from '../request.ts'
import { effects } from '../schema.ts'
import { starterSets } from './starter-sets.ts'

const everything = 'permit (principal, action, resource);'
const asking = { now: 0, earlier: [], signal: new AbortController().signal }
const asSet = (id: string, text: string): PolicySet => {
  const found = preparePolicySet({ form: 'cedar', text }, { tools: [] })
  if (!found.ok) throw new Error(JSON.stringify(found.errors))
  return { id, version: 1, publishedAt: 0, publishedBy: 'User::u', ...found.set } as unknown as PolicySet
}
const textOf = (id: string) => starterSets.find((set) => set.id === id)?.text ?? ''

const call = (
  effect: Effect,
  more: { readonly resource?: string; readonly mfa?: boolean; readonly role?: string; readonly action?: string } = {},
  context: JsonObject = {},
) =>
  ({
    id: 'c',
    tenant: 't',
    principal: { id: 'User::u', tenant: 't', roles: [more.role ?? 'developer'], mfa: more.mfa ?? false },
    session: 's',
    tool: { name: 'some_tool', digest: '', effect, boundary: 'external', arguments: {} },
    action: more.action ?? 'some_tool',
    resource: more.resource ?? 'tool:some_tool',
    input: {},
    context: { now: 1_700_000_000_000, ...context },
  }) as unknown as Call as MaskedCall

/** What a guard says of a call that everything else permits. */
const guarded = async (id: string, ...[effect, more, context]: Parameters<typeof call>) => {
  const control = policy({ active: async () => [asSet('all', everything), asSet(id, textOf(id))] })
  return (await control.evaluate(call(effect, more, context), asking)).verdict
}

const approval = { approval: { id: 'a', by: 'User::v', quorum: 1, given: { approver: 1 } } }

describe('starter sets', () => {
  it('pii-protection keeps personal data in', async () => {
    expect(await guarded('pii-protection', 'send', {}, { pii_kinds: ['SSN'], pii_count: 1 })).toBe('hold')
    expect(await guarded('pii-protection', 'send', {}, { pii_kinds: ['SSN'], pii_count: 1, ...approval })).toBe('allow')
    expect(await guarded('pii-protection', 'send', {}, { pii_kinds: ['API_KEY'], pii_count: 1, ...approval })).toBe('deny')
    expect(await guarded('pii-protection', 'send', {}, { pii_count: 51, ...approval })).toBe('deny')
    expect(await guarded('pii-protection', 'read', {}, { pii_kinds: ['SSN'], pii_count: 99 })).toBe('allow')
  })

  it('prod-write-guard holds changes to production', async () => {
    expect(await guarded('prod-write-guard', 'write', { resource: '/prod/db' })).toBe('hold')
    expect(await guarded('prod-write-guard', 'write', { resource: '/prod/db' }, approval)).toBe('allow')
    expect(await guarded('prod-write-guard', 'delete', { resource: 'prod:db' })).toBe('hold')
    expect(await guarded('prod-write-guard', 'delete', { resource: 'prod:db' }, approval)).toBe('allow')
    expect(await guarded('prod-write-guard', 'read', { resource: '/prod/db' })).toBe('allow')
    expect(await guarded('prod-write-guard', 'write', { resource: '/products/1' })).toBe('allow')
  })

  it('payments moves money with an approval, and never on untrusted words', async () => {
    expect(await guarded('payments', 'pay')).toBe('hold')
    expect(await guarded('payments', 'pay', {}, approval)).toBe('allow')
    expect(await guarded('payments', 'pay', {}, { ...approval, taint: 'untrusted' })).toBe('deny')
    expect(await guarded('payments', 'read')).toBe('allow')
  })

  it('data-residency-eu keeps personal data in the EU', async () => {
    expect(await guarded('data-residency-eu', 'write', { resource: 'us-east/bucket' }, { pii_count: 1 })).toBe('deny')
    for (const resource of ['/eu/bucket', '/eu-west-1/bucket', 'eu-west-1', 'eu-west-1/bucket', 'eu:bucket'])
      expect([resource, await guarded('data-residency-eu', 'write', { resource }, { pii_count: 1 })]).toEqual([resource, 'allow'])
    for (const resource of ['/europe/bucket', '/us-east/../eu/x', 'us-eu-1', '/x/eu-west-1'])
      expect([resource, await guarded('data-residency-eu', 'write', { resource }, { pii_count: 1 })]).toEqual([resource, 'deny'])
    expect(await guarded('data-residency-eu', 'write', { resource: 'us-east/bucket' })).toBe('allow')
  })

  it('injection-hardening keeps outside content from what has consequences', async () => {
    const untrusted = { taint: 'untrusted' }
    expect(await guarded('injection-hardening', 'send', {}, untrusted)).toBe('hold')
    expect(await guarded('injection-hardening', 'send', {}, { ...untrusted, ...approval })).toBe('allow')
    expect(await guarded('injection-hardening', 'execute', {}, { ...untrusted, ...approval })).toBe('deny')
    expect(await guarded('injection-hardening', 'execute', { action: 'model.call' }, untrusted)).toBe('allow')
    expect(await guarded('injection-hardening', 'read', {}, { ...untrusted, threat_severity: 'low' })).toBe('deny')
    expect(await guarded('injection-hardening', 'send', {}, { taint: 'user' })).toBe('allow')
    expect(await guarded('injection-hardening', 'read', { resource: 'https://a.example/?d=1' }, untrusted)).toBe('hold')
    expect(await guarded('injection-hardening', 'read', { resource: 'https://a.example/' }, { ...untrusted, ...approval })).toBe('allow')
    expect(await guarded('injection-hardening', 'read', { resource: '/notes/a' }, untrusted)).toBe('allow')
    expect(await guarded('injection-hardening', 'read', { resource: 'https://a.example/' })).toBe('allow')
  })

  const facts = fc.record({
    pii_kinds: fc.subarray(['SSN', 'EMAIL', 'API_KEY', 'IBAN']),
    pii_count: fc.constantFrom(0, 1, 50, 51),
    threat_severity: fc.constantFrom('none', 'medium', 'high', 'critical'),
    taint: fc.constantFrom('none', 'user', 'untrusted'),
    restores: fc.subarray(['SSN']),
    approval: fc.option(fc.constant({ id: 'a', by: 'User::v', quorum: 1, given: { approver: 1 } }), { nil: null }),
  })
  const shape = fc.record({
    resource: fc.constantFrom('tool:x', '/prod/a', 'prod:a', '/eu/a', 'us-east', 'eu:a'),
    mfa: fc.boolean(),
    role: fc.constantFrom('developer', 'viewer', 'nobody'),
    action: fc.constantFrom('some_tool', 'model.call'),
  })

  it.each(starterSets.map((set) => [set.id, set] as const))(
    '%s keeps its invariants on random calls, next to a set that permits everything it may',
    async (id, { text, invariants }) => {
      const parsed = parseCedar(invariants)
      if (!parsed.ok) throw new Error(parsed.errors[0]?.message)
      const violated = compilePolicies(parsed.policies)
      const active = id === 'default-guardrails' ? [asSet(id, text)] : [asSet('all', everything), asSet(id, text)]
      const control = policy({ active: async () => active })
      let matched = 0
      let allowed = 0
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...effects), shape, facts, async (effect, more, context) => {
          const asked = call(effect, more, context)
          const { verdict } = await control.evaluate(asked, asking)
          const { forbids } = violated(readRequest(cedarRequest(asked)))
          matched += forbids.length
          allowed += verdict === 'allow' ? 1 : 0
          if (forbids.length > 0) expect(verdict).not.toBe('allow')
        }),
        { numRuns: 500 },
      )
      expect(Math.min(matched, allowed)).toBeGreaterThan(0)
    },
  )
})
