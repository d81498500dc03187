import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Counter, type Limit, lapse } from './counter.ts'

/** What every counter must do. `make` answers an empty one. */
export function counterContract(name: string, make: () => Promise<Counter> | Counter): void {
  const t = 1_700_000_000_000
  const minute: Limit = { max: 3, window: 60_000 }
  const total: Limit = { max: 100 }
  const one = (id: string, key = 'k') => ({ id, key, amount: 1 })

  describe(`counter: ${name}`, () => {
    it('takes up to the limit, and tells what is used', async () => {
      const counter = await make()
      expect(await counter.reserve({ id: 'a', key: 'k', amount: 60 }, total, t)).toEqual({ ok: true, used: 60 })
      expect(await counter.reserve({ id: 'b', key: 'k', amount: 40 }, total, t)).toEqual({ ok: true, used: 100 })
      expect(await counter.reserve({ id: 'c', key: 'k', amount: 1 }, total, t)).toEqual({ ok: false, used: 100 })
    })

    it('takes nothing when it refuses, so that less still fits', async () => {
      const counter = await make()
      await counter.reserve({ id: 'a', key: 'k', amount: 60 }, total, t)
      expect(await counter.reserve({ id: 'b', key: 'k', amount: 41 }, total, t)).toEqual({ ok: false, used: 60 })
      expect(await counter.reserve({ id: 'c', key: 'k', amount: 40 }, total, t)).toEqual({ ok: true, used: 100 })
    })

    it('slides its window exactly: what was taken leaves one window later, to the millisecond', async () => {
      const counter = await make()
      for (const [id, at] of [
        ['a', t],
        ['b', t + 10],
        ['c', t + 20_000],
      ] as const)
        await counter.reserve(one(id), minute, at)
      expect(await counter.reserve(one('d'), minute, t + 59_999)).toEqual({ ok: false, used: 3, wait: 1 })
      expect(await counter.reserve(one('d'), minute, t + 60_000)).toEqual({ ok: true, used: 3 })
      expect(await counter.reserve(one('e'), minute, t + 60_000)).toEqual({ ok: false, used: 3, wait: 10 })
      expect(await counter.reserve(one('e'), minute, t + 60_010)).toEqual({ ok: true, used: 3 })
    })

    it('waits until enough has left for the amount that is asked', async () => {
      const counter = await make()
      const limit = { max: 10, window: 1000 }
      await counter.reserve({ id: 'a', key: 'k', amount: 4 }, limit, t)
      await counter.reserve({ id: 'b', key: 'k', amount: 1 }, limit, t + 100)
      await counter.reserve({ id: 'c', key: 'k', amount: 5 }, limit, t + 200)
      expect(await counter.reserve({ id: 'd', key: 'k', amount: 4 }, limit, t + 300)).toEqual({ ok: false, used: 10, wait: 700 })
      expect(await counter.reserve({ id: 'd', key: 'k', amount: 5 }, limit, t + 300)).toEqual({ ok: false, used: 10, wait: 800 })
      expect(await counter.reserve({ id: 'd', key: 'k', amount: 6 }, limit, t + 300)).toEqual({ ok: false, used: 10, wait: 900 })
    })

    it('names no wait where time alone never helps', async () => {
      const counter = await make()
      expect(await counter.reserve({ id: 'a', key: 'k', amount: 4 }, minute, t)).toEqual({ ok: false, used: 0 })
      await counter.reserve({ id: 'b', key: 'k', amount: 100 }, total, t)
      expect(await counter.reserve({ id: 'c', key: 'k', amount: 1 }, total, t)).toEqual({ ok: false, used: 100 })
    })

    it('counts forever without a window', async () => {
      const counter = await make()
      await counter.reserve({ id: 'a', key: 'k', amount: 100 }, total, t)
      await counter.commit('a')
      expect((await counter.reserve(one('b'), total, t + 1e12)).ok).toBe(false)
    })

    it('gives back what is released, once', async () => {
      const counter = await make()
      await counter.reserve({ id: 'a', key: 'k', amount: 70 }, total, t)
      await counter.reserve({ id: 'b', key: 'k', amount: 20 }, total, t)
      await counter.release('a')
      await counter.release('a')
      expect(await counter.reserve({ id: 'c', key: 'k', amount: 80 }, total, t)).toEqual({ ok: true, used: 100 })
    })

    it('keeps what is committed: a release comes too late, and so does a second commit', async () => {
      const counter = await make()
      for (const limit of [total, { max: 100, window: 1000 }]) {
        await counter.reserve({ id: 'a', key: 'k', amount: 70 }, limit, t)
        await counter.commit('a')
        await counter.release('a')
        await counter.commit('a', 10)
        expect(await counter.reserve({ id: 'b', key: 'k', amount: 31 }, limit, t)).toEqual({
          ok: false,
          used: 70,
          ...('window' in limit && { wait: 1000 }),
        })
      }
    })

    it('counts what was really spent, even past the limit', async () => {
      const counter = await make()
      for (const limit of [total, { max: 100, window: 1000 }]) {
        const id = JSON.stringify(limit)
        await counter.reserve({ id, key: 'k', amount: 50 }, limit, t)
        await counter.commit(id, 10)
        expect(await counter.reserve({ id: `${id}b`, key: 'k', amount: 90 }, limit, t)).toEqual({ ok: true, used: 100 })
        await counter.commit(`${id}b`, 250)
        expect(await counter.reserve({ id: `${id}c`, key: 'k', amount: 0 }, limit, t)).toMatchObject({ ok: false, used: 260 })
      }
    })

    it('has no use for ids that it does not know', async () => {
      const counter = await make()
      await counter.commit('x', 5)
      await counter.release('y')
      await counter.reserve(one('a'), minute, t)
      await counter.release('a')
      await counter.commit('a')
      expect(await counter.reserve({ id: 'b', key: 'k', amount: 3 }, minute, t)).toEqual({ ok: true, used: 3 })
    })

    it('takes nothing more when the same reservation is asked for again', async () => {
      const counter = await make()
      await counter.reserve(one('a'), minute, t)
      expect(await counter.reserve(one('a'), minute, t + 5)).toEqual({ ok: true, used: 1 })
      await counter.release('a')
      expect(await counter.reserve({ id: 'b', key: 'k', amount: 3 }, minute, t + 5)).toEqual({ ok: true, used: 3 })
    })

    it('keeps keys apart, and limits with a window from those without', async () => {
      const counter = await make()
      for (const key of ['k', 'K', 'k ', "k'--", 'total/k']) {
        expect(await counter.reserve({ id: `w${key}`, key, amount: 3 }, minute, t)).toEqual({ ok: true, used: 3 })
        expect(await counter.reserve({ id: `t${key}`, key, amount: 2 }, total, t)).toEqual({ ok: true, used: 2 })
      }
    })

    it('gives the last unit to one of many that ask at once', async () => {
      const counter = await make()
      const tries = await Promise.all(
        Array.from({ length: 60 }, (_, index) => counter.reserve(one(`${index}`), { max: 20, window: 60_000 }, t)),
      )
      expect(tries.filter(({ ok }) => ok)).toHaveLength(20)
      expect(tries.filter(({ ok }) => !ok).every((refused) => refused.used === 20 && !refused.ok && refused.wait === 60_000)).toBe(true)
    })

    it('stops counting what nobody settled, and counts it again when it is settled late', async () => {
      const counter = await make()
      await counter.reserve({ id: 'crashed', key: 'k', amount: 100 }, total, t)
      expect((await counter.reserve(one('a'), total, t + lapse - 1)).ok).toBe(false)
      expect(await counter.reserve(one('a'), total, t + lapse)).toEqual({ ok: true, used: 1 })
      await counter.commit('crashed')
      expect(await counter.reserve(one('b'), total, t + lapse)).toEqual({ ok: false, used: 101 })
    })

    it('does not give back twice what had lapsed', async () => {
      const counter = await make()
      await counter.reserve({ id: 'crashed', key: 'k', amount: 50 }, total, t)
      await counter.reserve({ id: 'a', key: 'k', amount: 50 }, total, t + lapse)
      await counter.release('crashed')
      expect(await counter.reserve({ id: 'b', key: 'k', amount: 51 }, total, t + lapse)).toEqual({ ok: false, used: 50 })
    })

    it('refuses amounts, limits and times that are not whole, and takes nothing', async () => {
      const counter = await make()
      for (const amount of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])
        await expect(counter.reserve({ id: 'a', key: 'k', amount }, total, t)).rejects.toThrow(RangeError)
      await expect(counter.reserve(one('a'), { max: 1.5 }, t)).rejects.toThrow(RangeError)
      await expect(counter.reserve(one('a'), { max: 1, window: 0 }, t)).rejects.toThrow(RangeError)
      await expect(counter.reserve(one('a'), total, Number.NaN)).rejects.toThrow(RangeError)
      await expect(counter.commit('a', -1)).rejects.toThrow(RangeError)
      expect(await counter.reserve(one('a'), total, t)).toEqual({ ok: true, used: 1 })
    })

    it('agrees with counting by hand, whatever is taken, settled and given back', async () => {
      const step = fc.record({
        what: fc.constantFrom('reserve', 'reserve', 'reserve', 'commit', 'commit as', 'release'),
        id: fc.nat(12),
        amount: fc.nat(6),
        later: fc.constantFrom(0, 1, 7, 50, 99, 100, lapse),
      })
      const counter = await make()
      let run = 0
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { maxLength: 40 }),
          fc.constantFrom<Limit>({ max: 10, window: 100 }, { max: 10 }),
          async (steps, limit) => {
            const name = (id: number) => `${run}/${id}`
            run++
            const taken = new Map<number, { at: number; amount: number; final: boolean }>()
            let now = t
            for (const { what, id, amount, later } of steps) {
              now += later
              const mine = taken.get(id)
              if (what === 'release') await counter.release(name(id))
              if (what === 'release' && mine?.final === false) taken.delete(id)
              if (what.startsWith('commit')) await counter.commit(name(id), what === 'commit' ? undefined : amount)
              if (what.startsWith('commit') && mine?.final === false)
                taken.set(id, { ...mine, final: true, amount: what === 'commit' ? mine.amount : amount })
              if (what !== 'reserve' || (mine && (mine.final || limit.window === undefined))) continue
              for (const [old, { at }] of taken) if (limit.window && at <= now - limit.window) taken.delete(old)
              const counted = [...taken.values()].filter(({ at, final }) => final || at > now - lapse)
              const used = counted.reduce((sum, each) => sum + each.amount, 0)
              const again = taken.has(id)
              const got = await counter.reserve({ id: name(id), key: `run ${run}`, amount }, limit, now)
              const fits = again || used + amount <= limit.max
              expect(got).toMatchObject({ ok: fits, used: fits && !again ? used + amount : used })
              if (fits && !again) taken.set(id, { at: now, amount, final: false })
              if (got.ok || got.wait === undefined) continue
              const left = counted.filter(({ at }) => at > now + (got.wait ?? 0) - (limit.window ?? 0))
              expect(left.reduce((sum, each) => sum + each.amount, 0) + amount).toBeLessThanOrEqual(limit.max)
            }
          },
        ),
        { numRuns: 60 },
      )
    })
  })
}
