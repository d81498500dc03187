import { describe, expect, it } from 'vitest'
import type { SessionId, TenantId } from '../call.ts'
import { maxValue, type Owner, type Vault } from './vault.ts'

const owner: Owner = { tenant: 'acme' as TenantId, principal: 'User::u1', session: 's1' as SessionId }
const ssn = (value: string) => ({ kind: 'SSN', value })
const email = (value: string) => ({ kind: 'EMAIL', value })

/** What every vault must do. `make` answers an empty one. */
export function vaultContract(name: string, make: () => Promise<Vault> | Vault): void {
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
}
