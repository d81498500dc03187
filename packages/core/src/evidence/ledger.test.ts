import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TenantId } from '../call.ts'
import { memoryLedger, type NewEntry } from './ledger.ts'
import { inclusionProof, leafHash } from './merkle.ts'
import { verifyInclusion } from './tree-proof.ts'

const acme = 'acme' as TenantId
const entryOf = (id: string, n: number): NewEntry => ({
  type: 'decision',
  body: `{"n":${n}}`,
  keys: [`final/${id}/${n}`],
  beside: { id, record: { n } },
})

describe('a ledger in memory that forgets', () => {
  it('still proves whatever it keeps, against the head of everything', async () => {
    const steps = fc.array(fc.record({ id: fc.nat(30), forget: fc.boolean() }), { minLength: 1, maxLength: 80 })
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const [ledger, whole] = [memoryLedger(), memoryLedger()]
        const kept = new Map<number, string>()
        for (const [n, { id, forget }] of all.entries()) {
          const entry = entryOf(`c${id}`, n)
          await ledger.append(acme, [entry])
          await whole.append(acme, [entry])
          kept.set(n, `c${id}`)
          if (!forget) continue
          const gone = all[Math.floor(n / 2)]?.id ?? 0
          ledger.forget(acme, `c${gone}`)
          for (const [index, name] of kept) if (name === `c${gone}`) kept.delete(index)
        }
        const { size, root } = await ledger.head(acme)
        expect({ size, root }).toMatchObject({ size: all.length, root: (await whole.head(acme)).root })
        expect((await ledger.read(acme, 0, size)).map(({ index }) => index)).toEqual([...kept.keys()])
        for (const index of kept.keys()) {
          const proof = await inclusionProof(index, size, (at) => ledger.nodes(acme, at))
          expect(await verifyInclusion({ leaf: leafHash(`{"n":${index}}`), index, size, root }, proof)).toBe(true)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('lets go of entries, keys, records and nodes', async () => {
    const ledger = memoryLedger()
    for (let n = 0; n < 64; n++) await ledger.append(acme, [entryOf(`c${n}`, n)])
    for (let n = 0; n < 63; n++) ledger.forget(acme, `c${n}`)
    expect(await ledger.read(acme, 0, 64)).toHaveLength(1)
    await expect(ledger.nodes(acme, [{ level: 0, index: 0 }])).rejects.toThrow(RangeError)
    expect(await ledger.append(acme, [entryOf('c63', 63)])).toEqual({ taken: 'final/c63/63' })
    expect(await ledger.append(acme, [entryOf('c1', 1)])).toMatchObject({ first: 64 })
  })
})
