import { describe, expect, it } from 'vitest'
import type { TenantId } from '../call.ts'
import type { DecisionId } from '../decision.ts'
import type { JsonObject } from '../json.ts'
import type { CallQuery, CallRecord, Calls } from './calls.ts'

const acme = 'acme' as TenantId
const other = 'other' as TenantId

/** Calls under test, and how the ledger's append writes them: the whole record after a change. */
export interface OpenCalls {
  readonly calls: Calls
  readonly write: (tenant: TenantId, id: string, record: JsonObject) => Promise<void> | void
}

interface Made {
  readonly verdict?: string
  readonly tool?: string
  readonly principal?: string
  readonly call?: string
  readonly tenant?: string
  readonly expiresAt?: number
}

const decision = (id: string, made: Made = {}) => ({
  id,
  call: {
    id: made.call ?? `call-${id}`,
    tenant: made.tenant ?? acme,
    principal: { id: made.principal ?? 'Agent::a', tenant: made.tenant ?? acme, roles: [], mfa: false },
    session: 's',
    tool: { name: made.tool ?? 'mail', digest: '0', effect: 'send', boundary: 'external', arguments: {} },
    action: 'mail',
    resource: "<EMAIL_1> '; --",
    input: { to: '<EMAIL_1>', ünï: [null, true] },
    context: {},
  },
  verdict: made.verdict ?? 'allow',
  findings: [{ control: 'policy', verdict: 'allow', ms: 0.1, held: { id: 'r' } }],
  obligations: [],
  policy: { digests: [], determining: [] },
  issuedAt: 1_000,
  expiresAt: made.expiresAt ?? 2_000,
  proof: { type: 'CONSTRUCTIVE_TRACE', predicates: [], solver: { name: 'none', version: '', mode: 'off', answer: '' } },
})
const succeeded = { status: 'succeeded', output: { sent: true } }
const idOf = (n: number) => `0190000${n}-0000-7000-8000-000000000000` as DecisionId
const ids = (records: readonly CallRecord[]) => records.map((record) => record.decision.id)

/** What every store of calls must do. `open` answers an empty one. */
export function callsContract(name: string, open: () => Promise<OpenCalls> | OpenCalls): void {
  describe(`calls: ${name}`, () => {
    it('finds a record with everything that was written beside the ledger', async () => {
      const { calls, write } = await open()
      const record = { decision: decision(idOf(1)), entry: 0, kept: 'k', opened: { resource: { salt: '00', value: { a: [1] } } } }
      await write(acme, idOf(1), record)
      expect(await calls.find(acme, idOf(1))).toMatchObject(record)
      await write(acme, idOf(1), { ...record, outcome: succeeded, settledAt: 1_500 })
      expect(await calls.find(acme, idOf(1))).toMatchObject({ ...record, outcome: succeeded, settledAt: 1_500 })
      expect(await calls.find(acme, idOf(2))).toBeUndefined()
    })

    it('lists the last recorded first, even among ids of one millisecond, and keeps that order when a call is settled', async () => {
      const { calls, write } = await open()
      for (const n of [2, 3, 1]) await write(acme, idOf(n), { decision: decision(idOf(n)) })
      await write(acme, idOf(2), { decision: decision(idOf(2)), outcome: succeeded })
      expect(ids(await calls.list(acme, { limit: 10 }))).toEqual([idOf(1), idOf(3), idOf(2)])
    })

    it('pages by the last id of the page before', async () => {
      const { calls, write } = await open()
      for (const n of [1, 2, 3, 4, 5]) await write(acme, idOf(n), { decision: decision(idOf(n), { tool: n === 3 ? 'pay' : 'mail' }) })
      expect(ids(await calls.list(acme, { limit: 2 }))).toEqual([idOf(5), idOf(4)])
      expect(ids(await calls.list(acme, { limit: 2, before: idOf(4) }))).toEqual([idOf(3), idOf(2)])
      expect(ids(await calls.list(acme, { limit: 2, before: idOf(4), tool: 'mail' }))).toEqual([idOf(2), idOf(1)])
      expect(await calls.list(acme, { limit: 2, before: idOf(1) })).toEqual([])
    })

    it('pages on by age when the record of the cursor is gone', async () => {
      const { calls, write } = await open()
      for (const n of [1, 2, 4]) await write(acme, idOf(n), { decision: decision(idOf(n)) })
      expect(ids(await calls.list(acme, { limit: 9, before: idOf(3) }))).toEqual([idOf(2), idOf(1)])
      expect(await calls.list(acme, { limit: 9, before: idOf(0) })).toEqual([])
    })

    it('filters by verdict, status, tool, principal and call, and by all of them together', async () => {
      const { calls, write } = await open()
      await write(acme, idOf(1), { decision: decision(idOf(1), { verdict: 'hold', call: 'c' }) })
      await write(acme, idOf(2), { decision: decision(idOf(2), { verdict: 'allow', call: 'c' }), outcome: succeeded })
      await write(acme, idOf(3), {
        decision: decision(idOf(3), { verdict: 'deny', tool: 'pay' }),
        outcome: { status: 'refused', reason: { code: 'x', message: 'x' } },
      })
      await write(acme, idOf(4), { decision: decision(idOf(4), { principal: "User::o'hara" }) })
      const found = async (query: Omit<CallQuery, 'limit'>) => ids(await calls.list(acme, { ...query, limit: 10 }))
      expect(await found({ verdict: 'hold' })).toEqual([idOf(1)])
      expect(await found({ status: 'refused' })).toEqual([idOf(3)])
      expect(await found({ tool: 'pay' })).toEqual([idOf(3)])
      expect(await found({ principal: "User::o'hara" })).toEqual([idOf(4)])
      expect(await found({ call: decision('', { call: 'c' }).call.id as never })).toEqual([idOf(2), idOf(1)])
      expect(await found({ call: 'c' as never, verdict: 'allow', status: 'succeeded', tool: 'mail', principal: 'Agent::a' })).toEqual([
        idOf(2),
      ])
      expect(await found({ call: 'c' as never, verdict: 'deny' })).toEqual([])
    })

    it('lets one claimer settle an allowed call, until the claim runs out', async () => {
      const { calls, write } = await open()
      await write(acme, idOf(1), { decision: decision(idOf(1)) })
      const tries = await Promise.all(Array.from({ length: 10 }, () => calls.claim(acme, idOf(1), 1_100, 1_200)))
      expect(tries.filter(Boolean)).toHaveLength(1)
      expect(await calls.claim(acme, idOf(1), 1_199, 1_300)).toBe(false)
      expect(await calls.claim(acme, idOf(1), 1_200, 1_300)).toBe(true)
    })

    it('lets nobody claim what is held, denied, settled, unknown, or another tenant’s', async () => {
      const { calls, write } = await open()
      await write(acme, idOf(1), { decision: decision(idOf(1), { verdict: 'hold' }) })
      await write(acme, idOf(2), { decision: decision(idOf(2), { verdict: 'deny' }) })
      await write(acme, idOf(3), { decision: decision(idOf(3)), outcome: succeeded })
      await write(acme, idOf(4), { decision: decision(idOf(4)) })
      for (const n of [1, 2, 3, 5]) expect(await calls.claim(acme, idOf(n), 1_100, 1_200)).toBe(false)
      expect(await calls.claim(other, idOf(4), 1_100, 1_200)).toBe(false)
      expect(await calls.claim(acme, idOf(4), 1_100, 1_200)).toBe(true)
    })

    it('finds allowed calls that nobody settled or claims after they expired, of all tenants, the longest expired first', async () => {
      const { calls, write } = await open()
      await write(acme, idOf(1), { decision: decision(idOf(1), { expiresAt: 3_000 }) })
      await write(other, idOf(2), { decision: decision(idOf(2), { tenant: other, expiresAt: 2_000 }) })
      await write(acme, idOf(3), { decision: decision(idOf(3), { verdict: 'hold' }) })
      await write(acme, idOf(4), { decision: decision(idOf(4)), outcome: succeeded })
      await write(acme, idOf(5), { decision: decision(idOf(5), { expiresAt: 3_001 }) })
      expect(ids(await calls.expired(1_999))).toEqual([])
      expect(ids(await calls.expired(3_000))).toEqual([idOf(2), idOf(1)])
      expect(ids(await calls.expired(3_000, 1_999))).toEqual([])
      await calls.claim(other, idOf(2), 3_000, 3_500)
      expect(ids(await calls.expired(3_000))).toEqual([idOf(1)])
      expect(ids(await calls.expired(3_500))).toEqual([idOf(2), idOf(1), idOf(5)])
    })

    it('answers at most 100 expired calls at a time', async () => {
      const { calls, write } = await open()
      for (let n = 0; n < 105; n++) {
        const id = `0190${`${n}`.padStart(4, '0')}-0000-7000-8000-000000000000`
        await write(acme, id, { decision: decision(id, { expiresAt: 5_000 - n }) })
      }
      const found = await calls.expired(9_000)
      expect([found.length, found[0]?.decision.expiresAt]).toEqual([100, 4_896])
    })

    it('never shows one tenant the calls of another', async () => {
      const { calls, write } = await open()
      await write(acme, idOf(1), { decision: decision(idOf(1)) })
      expect(await calls.find(other, idOf(1))).toBeUndefined()
      expect(await calls.list(other, { limit: 10 })).toEqual([])
      await write(other, idOf(1), { decision: decision(idOf(1), { tenant: other, verdict: 'deny' }) })
      expect((await calls.find(acme, idOf(1)))?.decision.verdict).toBe('allow')
      expect(ids(await calls.list(acme, { limit: 10, before: idOf(1) }))).toEqual([])
    })
  })
}
