import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { modelValues } from './model.ts'
import type { Solver } from './solver.ts'

/** One more pigeon than holes: short to say, and far too long to decide. */
function pigeons(holes: number): string {
  const name = (pigeon: number, hole: number) => `p${pigeon}_${hole}`
  const all = Array.from({ length: holes }, (_, hole) => hole)
  const flock = [...all, holes]
  const declared = flock.flatMap((pigeon) => all.map((hole) => `(declare-fun ${name(pigeon, hole)} () Bool)`))
  const housed = flock.map((pigeon) => `(assert (or ${all.map((hole) => name(pigeon, hole)).join(' ')}))`)
  const alone = all.flatMap((hole) =>
    flock.flatMap((one) => flock.filter((two) => two > one).map((two) => `(assert (not (and ${name(one, hole)} ${name(two, hole)})))`)),
  )
  return ['(set-logic ALL)', ...declared, ...housed, ...alone, '(check-sat)'].join('\n')
}

const script = (...lines: readonly string[]) => ['(set-option :produce-models true)', '(set-logic ALL)', ...lines, '(check-sat)'].join('\n')

/** What every solver must do. `make` answers one that nobody else uses. */
export function solverContract(name: string, make: () => Promise<Solver & { readonly close: () => unknown }>): void {
  describe(`solver: ${name}`, () => {
    let solver: Awaited<ReturnType<typeof make>>
    beforeAll(async () => {
      solver = await make()
    })
    afterAll(async () => {
      await solver.close()
    })

    it('tells whether what a script asserts can hold together', async () => {
      expect(await solver.check(script('(declare-fun x () Int)', '(assert (< 3 x 5))'))).toEqual({ answer: 'sat', model: '' })
      expect(await solver.check(script('(declare-fun x () Int)', '(assert (< 3 x 4))'))).toEqual({ answer: 'unsat' })
    })

    it('gives the values of the terms that were asked for, in their order', async () => {
      const asked = script(
        '(declare-fun x () Int)',
        '(declare-fun s () String)',
        '(declare-fun f (String) Bool)',
        '(assert (= x (- 9223372036854775808)))',
        '(assert (= s "\\u{c3}\\u{a9} ""\\u{5c}"))',
        '(assert (and (f s) (not (f ""))))',
      )
      const found = await solver.check(asked, { terms: ['s', '(f "")', 'x', '(f s)'] })
      expect(found.answer === 'sat' && modelValues(found.model)).toEqual(['é "\\', false, -9223372036854775808n, true])
    })

    it('forgets every script before the next', async () => {
      await solver.check(script('(declare-fun x () Int)', '(assert (= x 1))'))
      expect(await solver.check(script('(declare-fun x () Bool)', '(assert x)'))).toEqual({ answer: 'sat', model: '' })
    })

    it('refuses a script that is none, and goes on', async () => {
      await expect(solver.check(script('(assert foo)'))).rejects.toThrow(/foo/u)
      await expect(solver.check(script('(assert true)'), { terms: ['foo'] })).rejects.toThrow(/foo/u)
      expect(await solver.check(script('(assert false)'))).toEqual({ answer: 'unsat' })
    })

    it('says that it does not know when the time is over, and goes on', async () => {
      expect(await solver.check(pigeons(12), { limit: 300 })).toMatchObject({ answer: 'unknown' })
      expect(await solver.check(script('(assert false)'))).toEqual({ answer: 'unsat' })
    })

    it('answers each of many who ask at once', async () => {
      const asked = Array.from({ length: 20 }, (_, at) =>
        solver.check(script('(declare-fun x () Int)', `(assert (= x ${at}))`), { terms: ['x'] }),
      )
      expect((await Promise.all(asked)).map((each) => each.answer === 'sat' && modelValues(each.model)[0])).toEqual(
        asked.map((_, at) => BigInt(at)),
      )
    })

    it('asks nothing when the signal has aborted', async () => {
      const why = new Error('gone')
      await expect(solver.check(script('(assert true)'), { signal: AbortSignal.abort(why) })).rejects.toBe(why)
    })
  })
}
