import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openZ3, type Z3 } from './z3.ts'

describe('a statement that Z3 keeps', () => {
  let z3: Z3
  beforeAll(async () => {
    z3 = await openZ3()
  })
  afterAll(() => z3.close())

  const symbols = [
    { name: 'who', sort: 'String' },
    { name: 'role', sort: 'String' },
    { name: 'now', sort: 'Int' },
    { name: 'until', sort: 'Int' },
    { name: 'asked', sort: 'Bool' },
  ] as const
  const script = `${symbols.map(({ name, sort }) => `(declare-const ${name} ${sort})`).join('')}
    (assert (and (or (= role "admin") (= who (str.++ role "1"))) (< now until) (not asked)))`
  const holds = (who: string, role: string, now: bigint, until: bigint, asked: boolean) =>
    (role === 'admin' || who === `${role}1`) && now < until && !asked

  it('comes to the same with any values, however often they came before, alone or together', () => {
    const some = fc.tuple(
      fc.oneof(
        fc.constantFrom('dev1', 'admin1', 'ünï1', ''),
        fc.nat(300).map((n) => `agent ${n}`),
      ),
      fc.constantFrom('admin', 'dev', 'ünï', '', 'a,b', '1:a'),
      fc.oneof(fc.bigInt(-3n, 3n), fc.bigInt(-(2n ** 70n), 2n ** 70n), fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n))),
      fc.oneof(fc.bigInt(-3n, 3n), fc.bigInt(-(2n ** 64n), 2n ** 64n)),
      fc.boolean(),
    )
    fc.assert(
      fc.property(fc.array(some, { minLength: 300, maxLength: 600 }), (all) => {
        const shelf = z3.shelf()
        try {
          const statement = shelf.prepare(script, symbols)
          for (const values of all) expect(statement.simplify(values), String(values)).toBe(String(holds(...values)))
        } finally {
          shelf.close()
        }
      }),
      { numRuns: 20, endOnFailure: true },
    )
  })
})
