import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SessionId, TenantId } from '../call.ts'
import { type Clock, systemClock } from '../clock.ts'
import type { Custody } from './custody.ts'
import { maxValue, type Owner, recordsOf, type Vault } from './vault.ts'

const owner: Owner = { tenant: 'acme' as TenantId, principal: 'User::u1', session: 's1' as SessionId }
const ssn = (value: string) => ({ kind: 'SSN', value })
const email = (value: string) => ({ kind: 'EMAIL', value })

/** What every vault must do. `open` answers an empty one that goes by the clock, and whose sessions live for a day. */
export function vaultContract(name: string, open: (clock: Clock) => Promise<Vault & Custody> | (Vault & Custody)): void {
  const make = (clock = systemClock) => open(clock)

  describe(`vault: ${name}`, () => {
    it('numbers values per kind from 1, in the order they are kept', async () => {
      const vault = await make()
      expect(await vault.keep(owner, [ssn('a'), email('b'), ssn('c'), email('d')])).toEqual([
        '<SSN_1>',
        '<EMAIL_1>',
        '<SSN_2>',
        '<EMAIL_2>',
      ])
      expect(await vault.keep(owner, [ssn('e')])).toEqual(['<SSN_3>'])
    })

    it('gives the same value the same token, within a batch and across batches', async () => {
      const vault = await make()
      expect(await vault.keep(owner, [ssn('a'), ssn('b'), ssn('a')])).toEqual(['<SSN_1>', '<SSN_2>', '<SSN_1>'])
      expect(await vault.keep(owner, [ssn('b'), ssn('a')])).toEqual(['<SSN_2>', '<SSN_1>'])
    })

    it('tells apart values that look alike, and one value under two kinds', async () => {
      const vault = await make()
      const alike = ['a', 'A', 'a ', '', 'á', 'a\u0301', '0', '00', 'a\u0000']
      const tokens = await vault.keep(owner, alike.map(ssn))
      expect(new Set(tokens).size).toBe(alike.length)
      expect(await vault.recall(owner, tokens)).toEqual(alike)
      expect(await vault.keep(owner, [email('a')])).toEqual(['<EMAIL_1>'])
    })

    it('recalls values in the order asked, repeats included, and nothing for tokens it never gave', async () => {
      const vault = await make()
      await vault.keep(owner, [ssn('a'), email('b')])
      expect(await vault.recall(owner, ['<EMAIL_1>', '<SSN_2>', '<SSN_1>', '<EMAIL_1>', 'SSN_1', '<ssn_1>', ''])).toEqual([
        'b',
        undefined,
        'a',
        'b',
        undefined,
        undefined,
        undefined,
      ])
    })

    it('keeps nothing and recalls nothing when asked for nothing', async () => {
      const vault = await make()
      expect(await vault.keep(owner, [])).toEqual([])
      expect(await vault.recall(owner, [])).toEqual([])
      expect(await vault.keep(owner, [ssn('a')])).toEqual(['<SSN_1>'])
    })

    it('returns any text exactly: quotes, line ends, emoji, NUL, a megabyte', async () => {
      const vault = await make()
      const values = ['","admin":true,"x":"', "'; DROP TABLE pairs; --", 'a\r\nb\tc', '👩‍👩‍👧‍👦 é ＡＢ', '\u0000', 'x'.repeat(1_000_000)]
      expect(await vault.recall(owner, await vault.keep(owner, values.map(ssn)))).toEqual(values)
    })

    const strangers: readonly (readonly [string, Owner])[] = [
      ['tenant', { ...owner, tenant: 'other' as TenantId }],
      ['principal', { ...owner, principal: 'User::u2' }],
      ['session', { ...owner, session: 's2' as SessionId }],
    ]
    for (const [differs, stranger] of strangers) {
      it(`keeps owners apart that differ only by ${differs}`, async () => {
        const vault = await make()
        await vault.keep(owner, [ssn('a'), ssn('b')])
        expect(await vault.recall(stranger, ['<SSN_1>', '<SSN_2>'])).toEqual([undefined, undefined])
        expect(await vault.keep(stranger, [ssn('b')])).toEqual(['<SSN_1>'])
        expect(await vault.recall(stranger, ['<SSN_1>', '<SSN_2>'])).toEqual(['b', undefined])
        await vault.forget(stranger)
        expect(await vault.recall(owner, ['<SSN_1>', '<SSN_2>'])).toEqual(['a', 'b'])
      })
    }

    it('does not take one owner for another whose names run together alike', async () => {
      const vault = await make()
      await vault.keep({ tenant: 'a' as TenantId, principal: 'b/c', session: 'd' as SessionId }, [ssn('a')])
      expect(await vault.recall({ tenant: 'a/b' as TenantId, principal: 'c', session: 'd' as SessionId }, ['<SSN_1>'])).toEqual([undefined])
      expect(await vault.recall({ tenant: 'a' as TenantId, principal: 'b', session: 'c/d' as SessionId }, ['<SSN_1>'])).toEqual([undefined])
    })

    it('recalls nothing of what it forgot, and never gives an old token to another value', async () => {
      const vault = await make()
      await vault.keep(owner, [ssn('a'), ssn('b'), email('c')])
      await vault.forget(owner)
      expect(await vault.recall(owner, ['<SSN_1>', '<SSN_2>', '<EMAIL_1>'])).toEqual([undefined, undefined, undefined])
      expect(await vault.keep(owner, [ssn('x'), ssn('a')])).toEqual(['<SSN_3>', '<SSN_4>'])
      expect(await vault.recall(owner, ['<SSN_1>', '<SSN_3>', '<SSN_4>'])).toEqual([undefined, 'x', 'a'])
    })

    it('forgets what it never kept without complaint, and twice', async () => {
      const vault = await make()
      await vault.forget(owner)
      await vault.keep(owner, [ssn('a')])
      await vault.forget(owner)
      await vault.forget(owner)
      expect(await vault.recall(owner, ['<SSN_1>'])).toEqual([undefined])
    })

    it('gives each value one token when many keep at once', async () => {
      const vault = await make()
      const values = Array.from({ length: 12 }, (_, index) => `value ${index % 6}`)
      const batches = await Promise.all(
        Array.from({ length: 16 }, (_, shift) => {
          const turned = [...values.slice(shift % 12), ...values.slice(0, shift % 12)]
          return vault.keep(owner, turned.map(ssn)).then((tokens) => tokens.map((token, index) => [turned[index] ?? '', token] as const))
        }),
      )
      const pairs = new Map(batches.flat().map(([value, token]) => [`${value} ${token}`, token]))
      expect([...pairs.values()].sort()).toEqual(['<SSN_1>', '<SSN_2>', '<SSN_3>', '<SSN_4>', '<SSN_5>', '<SSN_6>'])
      const recalled = await vault.recall(owner, [...pairs.values()])
      expect([...pairs.keys()]).toEqual([...pairs.values()].map((token, index) => `${recalled[index]} ${token}`))
    })

    it('keeps nothing of a batch that holds a kind or a value it cannot keep', async () => {
      const vault = await make()
      for (const kind of ['', 'ssn', 'SSN_', 'SSN_1', '<SSN', 'S'.repeat(33), 'A B']) {
        await expect(vault.keep(owner, [ssn('a'), { kind, value: 'b' }])).rejects.toThrow(TypeError)
      }
      await expect(vault.keep(owner, [ssn('a'), ssn('x'.repeat(maxValue + 1))])).rejects.toThrow(RangeError)
      expect(await vault.recall(owner, ['<SSN_1>'])).toEqual([undefined])
      expect(await vault.keep(owner, [ssn('b')])).toEqual(['<SSN_1>'])
    })
  })

  custodyContract(name, open)
}

const day = 86_400_000
const tenant = owner.tenant
const inSession = (session: string, subject?: string): Owner => ({
  ...owner,
  session: session as SessionId,
  ...(subject !== undefined && { subject }),
})

function custodyContract(name: string, open: (clock: Clock) => Promise<Vault & Custody> | (Vault & Custody)): void {
  describe(`custody: ${name}`, () => {
    it('lets a session expire a day after it last kept something, or on its own terms', async () => {
      let now = 1_800_000_000_000
      const vault = await open({ now: () => now })
      await vault.keep(inSession('usual'), [ssn('a')])
      expect(await vault.open(inSession('short'), { lifetime: 1000 })).toBe(true)
      expect(await vault.open(inSession('ends'), { until: now + 5000 })).toBe(true)
      await vault.keep(inSession('short'), [ssn('a')])
      now += 900
      await vault.keep(inSession('short'), [ssn('b')])
      now += 900
      await vault.keep(inSession('ends'), [ssn('a')])
      expect(await vault.recall(inSession('short'), ['<SSN_1>'])).toEqual(['a'])
      now += 100
      expect(await vault.recall(inSession('short'), ['<SSN_1>', '<SSN_2>'])).toEqual([undefined, undefined])
      now += 3_100
      expect(await vault.recall(inSession('ends'), ['<SSN_1>'])).toEqual([undefined])
      expect(await vault.recall(inSession('usual'), ['<SSN_1>'])).toEqual(['a'])
      now += day
      expect(await vault.recall(inSession('usual'), ['<SSN_1>'])).toEqual([undefined])
      expect(await vault.keep(inSession('usual'), [ssn('a')])).toEqual(['<SSN_2>'])
    })

    it('keeps private records for 400 days', async () => {
      let now = 1_800_000_000_000
      const vault = await open({ now: () => now })
      await vault.keep(recordsOf(inSession('s1', 'jane')), [ssn('a')])
      now += 399 * day
      expect(await vault.recall(recordsOf(owner), ['<SSN_1>'])).toEqual(['a'])
      now += day
      expect(await vault.recall(recordsOf(owner), ['<SSN_1>'])).toEqual([undefined])
    })

    it('opens a session once, on the terms of who was first', async () => {
      const vault = await open(systemClock)
      expect(await vault.open(owner, { about: { purpose: 'support' } })).toBe(true)
      expect(await vault.open(owner, { about: { purpose: 'other' } })).toBe(false)
      await vault.keep(owner, [ssn('a'), ssn('b'), email('c')])
      const [held] = await vault.sessions(tenant, { limit: 10 })
      expect(held).toMatchObject({
        principal: owner.principal,
        session: owner.session,
        about: { purpose: 'support' },
        subject: false,
        kinds: { SSN: 2, EMAIL: 1 },
      })
      expect(held && held.expiresAt - held.openedAt).toBeGreaterThan(day - 60_000)
    })

    it('lists living sessions of one tenant, the last opened first, page by page, and no private records', async () => {
      const vault = await open(systemClock)
      for (const session of ['s1', 's2', 's3', 's4']) await vault.keep(inSession(session), [ssn('a')])
      await vault.keep(recordsOf(inSession('s4')), [ssn('a')])
      await vault.keep({ ...inSession('s5'), principal: 'User::u2' }, [ssn('a')])
      await vault.keep({ ...owner, tenant: 'other' as TenantId }, [ssn('a')])
      await vault.forget(inSession('s3'))
      const names = async (query: { principal?: string; session?: string; before?: number; limit: number }) =>
        (await vault.sessions(tenant, query)).map(({ session }) => session)
      expect(await names({ limit: 10 })).toEqual(['s5', 's4', 's2', 's1'])
      expect(await names({ limit: 10, principal: owner.principal })).toEqual(['s4', 's2', 's1'])
      expect(await names({ limit: 10, session: 's2' })).toEqual(['s2'])
      const [, last] = await vault.sessions(tenant, { limit: 2 })
      expect(await names({ limit: 2, before: last?.number ?? 0 })).toEqual(['s2', 's1'])
    })

    it('says what forgetting destroyed: keys and counts', async () => {
      const vault = await open(systemClock)
      await vault.keep(owner, [ssn('a'), ssn('b'), email('c')])
      expect(await vault.forget(owner)).toMatchObject({
        keys: [expect.stringMatching(/^[0-9a-f]{16}$/)],
        sessions: 1,
        kinds: { SSN: 2, EMAIL: 1 },
      })
      expect(await vault.forget(owner)).toEqual({ keys: [], sessions: 0, kinds: {} })
    })

    it('says which keys are there: none that it destroyed, and those of no other tenant', async () => {
      const vault = await open(systemClock)
      const jane = inSession('s1', 'jane@example.com')
      await vault.keep(jane, [ssn('a')])
      await vault.keep(inSession('s2'), [ssn('b')])
      const wrapping = (await vault.holdings(tenant)).keys.map(({ name }) => name)
      const erased = (await vault.erase(tenant, 'jane@example.com')).keys
      const forgotten = (await vault.forget(inSession('s2'))).keys
      expect([erased.length > 0, forgotten.length]).toEqual([true, 1])
      expect(await vault.present(tenant, [...erased, ...wrapping, ...forgotten, 'none'])).toEqual(wrapping)
      expect(await vault.present('other' as TenantId, wrapping)).toEqual([])
      expect(await vault.present(tenant, [])).toEqual([])
    })

    it('erases a subject: all its sessions, of whomever, private records too, and nothing else', async () => {
      const vault = await open(systemClock)
      const jane = inSession('s1', 'jane@example.com')
      const hers: Owner = { ...inSession('s2', 'jane@example.com'), principal: 'Agent::a' }
      const others: readonly Owner[] = [inSession('s3', 'joe@example.com'), inSession('s4'), { ...jane, tenant: 'other' as TenantId }]
      for (const each of [jane, hers, recordsOf(jane), ...others]) await vault.keep(each, [ssn('a')])
      const erased = await vault.erase(tenant, 'jane@example.com')
      expect(erased).toMatchObject({ sessions: 3, kinds: { SSN: 3 } })
      expect(erased.keys.length).toBeGreaterThan(0)
      for (const each of [jane, hers, recordsOf(jane)]) expect(await vault.recall(each, ['<SSN_1>'])).toEqual([undefined])
      for (const each of others) expect(await vault.recall(each, ['<SSN_1>'])).toEqual(['a'])
      expect(await vault.erase(tenant, 'jane@example.com')).toEqual({ keys: [], sessions: 0, kinds: {} })
      expect(await vault.keep(jane, [ssn('a')])).toEqual(['<SSN_2>'])
      expect(await vault.recall(jane, ['<SSN_1>', '<SSN_2>'])).toEqual([undefined, 'a'])
      expect((await vault.erase(tenant, 'jane@example.com')).sessions).toBe(1)
    })

    it('takes the subject of a session from the first that tells one, and then from no other', async () => {
      const vault = await open(systemClock)
      await vault.keep(inSession('s1'), [ssn('a')])
      await vault.keep(inSession('s1', 'jane'), [ssn('b')])
      await vault.keep(inSession('s1', 'joe'), [ssn('c')])
      expect(await vault.recall(inSession('s1'), ['<SSN_1>', '<SSN_2>', '<SSN_3>'])).toEqual(['a', 'b', 'c'])
      expect((await vault.erase(tenant, 'joe')).sessions).toBe(0)
      expect((await vault.erase(tenant, 'jane')).sessions).toBe(1)
      expect(await vault.recall(inSession('s1'), ['<SSN_1>', '<SSN_3>'])).toEqual([undefined, undefined])
    })

    it('rotates the key of a tenant while values are kept and recalled, and re-wraps in steps that can stop anywhere', async () => {
      const vault = await open(systemClock)
      const owners = Array.from({ length: 20 }, (_, n) => inSession(`s${n}`, n % 2 === 0 ? `subject ${n % 6}` : undefined))
      for (const each of owners) await vault.keep(each, [ssn('a')])
      const before = await vault.holdings(tenant)
      const { from, to } = await vault.rotate(tenant)
      expect(before.keys).toMatchObject([{ name: from, current: true }])
      expect(to).not.toBe(from)
      const readable = async () => {
        for (const each of owners) expect(await vault.recall(each, ['<SSN_1>'])).toEqual(['a'])
      }
      await readable()
      const steps: number[] = []
      for (let left = 1; left > 0; ) {
        const [step] = await Promise.all([
          vault.rewrap(tenant, 3),
          ...owners.map(async (each) => {
            expect(await vault.keep(each, [ssn('a'), ssn('b')])).toEqual(['<SSN_1>', '<SSN_2>'])
            expect(await vault.recall(each, ['<SSN_2>', '<SSN_1>'])).toEqual(['b', 'a'])
          }),
        ])
        expect(step.rewrapped).toBeLessThanOrEqual(3)
        steps.push(step.left)
        left = step.left
        if (left > 0) expect((await vault.holdings(tenant)).keys.map(({ name }) => name)).toContain(from)
      }
      expect(steps.length).toBeGreaterThan(1)
      expect((await vault.holdings(tenant)).keys).toMatchObject([{ name: to, current: true }])
      await readable()
      expect(await vault.rewrap(tenant, 100)).toMatchObject({ rewrapped: 0, left: 0, damaged: [] })
      expect((await vault.erase(tenant, 'subject 0')).sessions).toBe(4)
    })

    it('purges what is over: sessions, and values that are older than their kind may be', async () => {
      let now = 1_800_000_000_000
      const vault = await open({ now: () => now })
      await vault.open(inSession('s1'), { lifetime: 10 * day })
      await vault.keep(inSession('s1'), [ssn('a'), ssn('b'), email('c')])
      await vault.keep(inSession('s2'), [ssn('a')])
      now += day / 2
      await vault.keep(inSession('s1'), [ssn('b')])
      now += day / 2
      expect(await vault.purge(tenant, { SSN: day })).toMatchObject({ sessions: 1, kinds: { SSN: 2 } })
      expect(await vault.recall(inSession('s1'), ['<SSN_1>', '<SSN_2>', '<EMAIL_1>'])).toEqual([undefined, 'b', 'c'])
      expect(await vault.keep(inSession('s1'), [ssn('a')])).toEqual(['<SSN_3>'])
      expect(await vault.purge(tenant, { SSN: day })).toEqual({ keys: [], sessions: 0, kinds: {} })
      expect(await vault.holdings(tenant)).toMatchObject({ sessions: 1 })
      expect((await vault.holdings(tenant)).kinds).toEqual([
        { kind: 'EMAIL', count: 1, oldest: now - day },
        { kind: 'SSN', count: 2, oldest: now - day / 2 },
      ])
    })

    it('answers each session with its own values only, whatever is done in whatever order', async () => {
      const step = fc.record({
        session: fc.integer({ min: 0, max: 3 }),
        value: fc.constantFrom('a', 'b', 'c'),
        does: fc.constantFrom('keep', 'keep', 'keep', 'recall', 'recall', 'forget', 'erase', 'rotate', 'rewrap'),
      })
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
          const vault = await open(systemClock)
          const owners = [inSession('s0', 'x'), inSession('s1', 'x'), inSession('s2', 'y'), { ...inSession('s0'), principal: 'User::u2' }]
          const kept = owners.map(() => new Map<string, string>())
          for (const { session, value, does } of steps) {
            const mine = owners[session] ?? owner
            if (does === 'keep') {
              const [token = ''] = await vault.keep(mine, [ssn(value)])
              expect([...(kept[session] ?? [])].filter(([each, was]) => each === token && was !== value)).toEqual([])
              kept[session]?.set(token, value)
            }
            if (does === 'forget') await vault.forget(mine)
            if (does === 'erase' && mine.subject !== undefined) await vault.erase(tenant, mine.subject)
            if (does === 'rotate') await vault.rotate(tenant)
            if (does === 'rewrap') await vault.rewrap(tenant, 2)
            const gone = (each: Owner) => (does === 'forget' ? each === mine : does === 'erase' && each.subject === mine.subject)
            if (mine.subject !== undefined || does !== 'erase') owners.forEach((each, index) => gone(each) && kept[index]?.clear())
            const tokens = Array.from({ length: 6 }, (_, n) => `<SSN_${n + 1}>`)
            for (const [index, each] of owners.entries())
              expect(await vault.recall(each, tokens)).toEqual(tokens.map((token) => kept[index]?.get(token)))
          }
        }),
        { numRuns: 15 },
      )
    })
  })
}
