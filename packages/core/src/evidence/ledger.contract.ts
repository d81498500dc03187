import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TenantId } from '../call.ts'
import type { JsonObject } from '../json.ts'
import type { Appended, Ledger, NewEntry } from './ledger.ts'
import { emptyRoot, inclusionProof, leafHash, nodeHash } from './merkle.ts'

/** A ledger under test, and a look at the private records it keeps beside. */
export interface OpenLedger {
  readonly ledger: Ledger
  readonly beside: (tenant: TenantId, id: string) => Promise<JsonObject | undefined>
  /** The same storage opened again, where it outlives its process. */
  readonly reopen?: () => Promise<OpenLedger>
  readonly close?: () => Promise<void>
}

const acme = 'acme' as TenantId
const other = 'other' as TenantId

const entry = (body: string, more: Omit<Partial<NewEntry>, 'body'> = {}): NewEntry => ({
  type: 'decision',
  body: JSON.stringify(body),
  ...more,
})

function done(appended: Appended) {
  if (!('first' in appended)) throw new Error(`nothing was appended: ${JSON.stringify(appended)}`)
  return appended
}

/** What every ledger must do. `open` gives an empty one each time. */
export function ledgerContract(name: string, open: () => Promise<OpenLedger>): void {
  describe(`${name} as a ledger`, () => {
    let opened: OpenLedger
    let ledger: Ledger
    beforeEach(async () => {
      opened = await open()
      ledger = opened.ledger
    })
    afterEach(async () => opened.close?.())

    it('starts every tenant empty, at epoch 0', async () => {
      expect(await ledger.head(acme)).toEqual({ size: 0, root: emptyRoot, epoch: 0 })
      expect(await ledger.read(acme, 0, 10)).toEqual([])
    })

    it('appends in order and reads back the exact bytes', async () => {
      const odd = '{"é":"\\u0000 €","𐐷":"\\"\\\\"}'
      expect(done(await ledger.append(acme, [entry('a'), { type: 'audit', body: odd }])).first).toBe(0)
      expect(done(await ledger.append(acme, [entry('c', { type: 'outcome' })])).first).toBe(2)
      const entries = await ledger.read(acme, 0, 10)
      expect(entries.map(({ index, type, body }) => [index, type, body])).toEqual([
        [0, 'decision', '"a"'],
        [1, 'audit', odd],
        [2, 'outcome', '"c"'],
      ])
      expect(entries.every(({ at }) => Number.isSafeInteger(at) && at > 0)).toBe(true)
      expect((await ledger.read(acme, 1, 2)).map(({ index }) => index)).toEqual([1])
      expect(await ledger.read(acme, 3, 9)).toEqual([])
      expect(await ledger.read(acme, 2, 1)).toEqual([])
    })

    it('answers at most 1,000 entries at a time', async () => {
      await ledger.append(
        acme,
        Array.from({ length: 1000 }, (_, index) => entry(`${index}`)),
      )
      await ledger.append(acme, [entry('last')])
      const entries = await ledger.read(acme, 0, 5000)
      expect([entries.length, entries.at(-1)?.index]).toEqual([1000, 999])
      expect((await ledger.read(acme, 1000, 5000)).map(({ body }) => body)).toEqual(['"last"'])
    })

    it('answers only entries of the types that are asked for, and at most 1,000 of those', async () => {
      const mixed = Array.from({ length: 500 }, (_, at) => [entry(`${at}`), entry(`audit ${at}`, { type: 'audit' })]).flat()
      await ledger.append(acme, mixed)
      await ledger.append(acme, [entry('handed on', { type: 'grant' }), ...mixed.slice(0, 999)])
      await ledger.append(acme, mixed.slice(0, 400))
      expect((await ledger.read(acme, 0, 4, ['audit'])).map(({ index, body }) => [index, body])).toEqual([
        [1, '"audit 0"'],
        [3, '"audit 1"'],
      ])
      expect((await ledger.read(acme, 998, 5000, ['audit', 'grant'])).slice(0, 2).map(({ index }) => index)).toEqual([999, 1000])
      expect(await ledger.read(acme, 0, 5000, ['audit'])).toHaveLength(1000)
      expect(await ledger.read(acme, 0, 5000, ['erasure'])).toEqual([])
      expect(await ledger.read(acme, 0, 5000, [])).toEqual([])
    })

    it('keeps the trees of tenants apart', async () => {
      await ledger.append(acme, [entry('a', { keys: ['k'], moves: true })])
      expect(await ledger.head(other)).toEqual({ size: 0, root: emptyRoot, epoch: 0 })
      expect(done(await ledger.append(other, [entry('b', { keys: ['k'] })])).first).toBe(0)
      expect((await ledger.read(other, 0, 9)).map(({ body }) => body)).toEqual(['"b"'])
    })

    it('tells the root of RFC 9162 after each append', async () => {
      const [a, b, c] = ['"a"', '"b"', '"c"'].map(leafHash) as [string, string, string]
      expect(done(await ledger.append(acme, [entry('a')])).head).toEqual({ size: 1, root: a, epoch: 0 })
      expect(done(await ledger.append(acme, [entry('b'), entry('c')])).head).toEqual({
        size: 3,
        root: nodeHash(nodeHash(a, b), c),
        epoch: 0,
      })
      expect(await ledger.head(acme)).toEqual({ size: 3, root: nodeHash(nodeHash(a, b), c), epoch: 0 })
    })

    it('gives the nodes of complete subtrees, in the order asked, and refuses others', async () => {
      const [a, b, c, d] = ['"a"', '"b"', '"c"', '"d"'].map(leafHash) as [string, string, string, string]
      await ledger.append(acme, [entry('a'), entry('b'), entry('c')])
      expect(
        await ledger.nodes(acme, [
          { level: 1, index: 0 },
          { level: 0, index: 2 },
          { level: 0, index: 0 },
        ]),
      ).toEqual([nodeHash(a, b), c, a])
      expect(await ledger.nodes(acme, [])).toEqual([])
      await expect(ledger.nodes(acme, [{ level: 1, index: 1 }])).rejects.toThrow(RangeError)
      await expect(ledger.nodes(acme, [{ level: 0, index: 3 }])).rejects.toThrow(RangeError)
      await ledger.append(acme, [entry('d')])
      expect(await ledger.nodes(acme, [{ level: 2, index: 0 }])).toEqual([nodeHash(nodeHash(a, b), nodeHash(c, d))])
      expect(await inclusionProof(2, 4, (at) => ledger.nodes(acme, at))).toEqual([d, nodeHash(a, b)])
    })

    it('gives a key to one entry of a tenant only, and writes nothing otherwise', async () => {
      await ledger.append(acme, [entry('a', { keys: ['final/1', 'approval/1'] })])
      const before = await ledger.head(acme)
      const again = [entry('b', { moves: true, keys: ['b'], beside: { id: 'd', record: { x: 1 } } }), entry('c', { keys: ['approval/1'] })]
      expect(await ledger.append(acme, again)).toEqual({ taken: 'approval/1' })
      expect(await ledger.head(acme)).toEqual(before)
      expect(await ledger.read(acme, 1, 9)).toEqual([])
      expect(await opened.beside(acme, 'd')).toBeUndefined()
      expect(done(await ledger.append(acme, [entry('b', { keys: ['b'] })])).first).toBe(1)
    })

    it('refuses two entries of one append with the same key', async () => {
      expect(await ledger.append(acme, [entry('a', { keys: ['k'] }), entry('b', { keys: ['k'] })])).toEqual({ taken: 'k' })
      expect((await ledger.head(acme)).size).toBe(0)
    })

    it('moves the epoch once for each entry that moves it', async () => {
      expect(done(await ledger.append(acme, [entry('policy', { moves: true })])).head.epoch).toBe(1)
      expect(
        done(await ledger.append(acme, [entry('revoke', { moves: true }), entry('x'), entry('revoke', { moves: true })])).head.epoch,
      ).toBe(3)
      expect((await ledger.head(acme)).epoch).toBe(3)
    })

    it('appends nothing under an epoch that has moved, and says so before a key that is taken', async () => {
      await ledger.append(acme, [entry('policy', { moves: true, keys: ['k'] })])
      const before = await ledger.head(acme)
      expect(await ledger.append(acme, [entry('a', { keys: ['k'] })], { epoch: 0 })).toEqual({ moved: 1 })
      expect(await ledger.append(acme, [entry('a')], { epoch: 2 })).toEqual({ moved: 1 })
      expect(await ledger.head(acme)).toEqual(before)
      expect(done(await ledger.append(acme, [entry('a')], { epoch: 1 })).first).toBe(1)
    })

    it('refuses appends that no ledger takes, and writes nothing', async () => {
      await expect(ledger.append(acme, [])).rejects.toThrow(RangeError)
      await expect(ledger.append(acme, [entry('a'), entry('x'.repeat(2 << 20))])).rejects.toThrow(RangeError)
      await expect(ledger.append(acme, [entry('a', { keys: ['k'.repeat(600)] })])).rejects.toThrow(RangeError)
      await expect(
        ledger.append(
          acme,
          Array.from({ length: 1001 }, () => entry('a')),
        ),
      ).rejects.toThrow(RangeError)
      expect((await ledger.head(acme)).size).toBe(0)
    })

    it('lets one of many appends at once have a key, without gap or loss', async () => {
      const tries = Array.from({ length: 50 }, (_, index) => ledger.append(acme, [entry(`${index}`, { keys: [`once/${index % 10}`] })]))
      const firsts = (await Promise.all(tries)).flatMap((appended) => ('first' in appended ? [appended.first] : []))
      expect(firsts.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
      expect((await ledger.read(acme, 0, 99)).map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
      expect((await ledger.head(acme)).size).toBe(10)
    })

    it('lets one of many that move the same epoch win', async () => {
      const tries = Array.from({ length: 20 }, () => ledger.append(acme, [entry('move', { moves: true })], { epoch: 0 }))
      const all = await Promise.all(tries)
      expect(all.filter((appended) => 'first' in appended)).toHaveLength(1)
      expect(all.filter((appended) => 'moved' in appended)).toHaveLength(19)
      expect(await ledger.head(acme)).toMatchObject({ size: 1, epoch: 1 })
    })

    it('appends many at once so that each root covers what came before it', async () => {
      const all = await Promise.all(Array.from({ length: 40 }, (_, index) => ledger.append(acme, [entry(`${index}a`), entry(`${index}b`)])))
      const entries = await ledger.read(acme, 0, 100)
      for (const [index, appended] of all.entries()) {
        const { first } = done(appended)
        expect([entries[first]?.body, entries[first + 1]?.body]).toEqual([`"${index}a"`, `"${index}b"`])
      }
      expect(
        await ledger.nodes(
          acme,
          entries.map(({ index }) => ({ level: 0, index })),
        ),
      ).toEqual(entries.map(({ body }) => leafHash(body)))
    })

    it('keeps a private record beside, member by member, with the indices of its entries', async () => {
      await ledger.append(acme, [
        entry('x'),
        entry('a', { beside: { id: 'd1', record: { verdict: 'allow', kept: 'k', deep: { a: 1 } }, index: 'entry' } }),
      ])
      expect(await opened.beside(acme, 'd1')).toEqual({ verdict: 'allow', kept: 'k', deep: { a: 1 }, entry: 1 })
      await ledger.append(acme, [
        entry('b', { type: 'outcome', beside: { id: 'd1', record: { outcome: 'ok', deep: { b: 2 } }, index: 'outcomeEntry' } }),
      ])
      expect(await opened.beside(acme, 'd1')).toEqual({
        verdict: 'allow',
        kept: 'k',
        deep: { b: 2 },
        entry: 1,
        outcome: 'ok',
        outcomeEntry: 2,
      })
      expect(await opened.beside(other, 'd1')).toBeUndefined()
    })

    it('changes one record twice in one append', async () => {
      await ledger.append(acme, [
        entry('a', { beside: { id: 'd', record: { verdict: 'deny' }, index: 'entry' } }),
        entry('b', { type: 'outcome', beside: { id: 'd', record: { outcome: 'refused' }, index: 'outcomeEntry' } }),
      ])
      expect(await opened.beside(acme, 'd')).toEqual({ verdict: 'deny', entry: 0, outcome: 'refused', outcomeEntry: 1 })
    })

    it('is the same after it is opened again', async () => {
      await ledger.append(acme, [entry('a', { keys: ['k'], moves: true, beside: { id: 'd', record: { x: 1 } } }), entry('b'), entry('c')])
      const before = await ledger.head(acme)
      if (opened.reopen) {
        opened = await opened.reopen()
        ledger = opened.ledger
      }
      expect(await ledger.head(acme)).toEqual(before)
      expect(await ledger.append(acme, [entry('d', { keys: ['k'] })])).toEqual({ taken: 'k' })
      expect(done(await ledger.append(acme, [entry('d')], { epoch: 1 })).first).toBe(3)
      expect(await inclusionProof(0, 4, (at) => ledger.nodes(acme, at))).toEqual([
        leafHash('"b"'),
        nodeHash(leafHash('"c"'), leafHash('"d"')),
      ])
      expect(await opened.beside(acme, 'd')).toEqual({ x: 1 })
    })
  })
}
