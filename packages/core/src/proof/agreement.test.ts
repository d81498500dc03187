import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CedarPolicy, readCedar } from '../policy/cedar-text.ts'
import type { Evaluation } from '../policy/evaluation.ts'
import { compilePolicies } from '../policy/evaluator.ts'
import { readRequest } from '../policy/request.ts'
import { cedarSchema } from '../policy/schema.ts'
import { ask } from './answer.ts'
import { factsOf } from './facts-of.ts'
import { inquiry } from './inquiry.ts'
import { randomCall, randomTypedPolicy, tools } from './random-calls.ts'
import { syntaxOf } from './syntax.ts'
import { openZ3, solverOf, type Z3 } from './z3.ts'

const { schema } = cedarSchema(tools)

/** Whose order means nothing. */
const sorted = ({ permits, forbids, errors }: Evaluation) =>
  [permits, forbids, errors.map(({ policy }) => policy)].map((ids) => [...ids].sort())

let z3: Z3
beforeAll(async () => {
  z3 = await openZ3()
})
afterAll(() => z3.close())

const parse = (texts: readonly string[]): readonly CedarPolicy[] => {
  const read = readCedar(texts.join('\n'))
  if (!read.ok) throw new Error(JSON.stringify(read.errors))
  return read.policies
}

describe('the encoding over all calls, with the facts of one call asserted', () => {
  it('lets the solver find no other answer than the evaluator, for hundreds of policies and calls', async () => {
    let cases = 0
    let erred = 0
    const solver = solverOf(z3)
    await fc.assert(
      fc.asyncProperty(
        fc.array(randomTypedPolicy, { minLength: 10, maxLength: 20 }),
        fc.array(randomCall, { minLength: 2, maxLength: 2 }),
        async (texts, calls) => {
          const policies = parse(texts)
          const syntaxes = policies.map(syntaxOf)
          const evaluate = compilePolicies(policies)
          for (const one of calls) {
            const { permits, forbids, errors } = evaluate(readRequest(one))
            const applying = new Set([...permits, ...forbids])
            const erring = new Set(errors.map((each) => each.policy))
            cases += policies.length
            erred += erring.size
            const about = inquiry(schema)
            const asked = await ask(
              { solver, limit: 60_000 },
              about.query(({ world }) => factsOf(world, one)),
              ({ request: found }) => isDeepStrictEqual(sorted(evaluate(readRequest(found))), sorted({ permits, forbids, errors })),
            )
            expect(asked).toMatchObject({ answer: 'violated' })
            const otherwise = about.query(({ world, meaning }) => {
              const { t } = world.encoding
              const wrong = syntaxes.map((each) => {
                const { applies, errs } = meaning(each)
                return t.or(t.not(t.eq(applies, t.bool(applying.has(each.id)))), t.not(t.eq(errs, t.bool(erring.has(each.id)))))
              })
              return t.and(factsOf(world, one), t.or(...wrong))
            })
            expect(otherwise?.unsupported ?? []).toEqual([])
            const { answer } = await ask({ solver, limit: 60_000 }, otherwise, () => true)
            expect({ answer, texts, one }).toEqual({ answer: 'holds', texts, one })
            if (otherwise) expect(z3.run(otherwise.exact()).answer).toBe('unsat')
          }
        },
      ),
      { numRuns: 15 },
    )
    expect(cases).toBeGreaterThan(300)
    expect(erred).toBeGreaterThan(10)
  })

  it('lets the solver find only calls that the evaluator confirms, and none where the evaluator knows one', async () => {
    const counts = { holds: 0, violated: 0, unknown: 0 }
    const solver = solverOf(z3)
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(randomTypedPolicy, randomTypedPolicy, randomTypedPolicy),
        fc.array(randomCall, { minLength: 20, maxLength: 20 }),
        async (texts, calls) => {
          const policies = parse(texts.map((text) => text.replace('action,', 'action == Action::"pay",')))
          const syntaxes = policies.map(syntaxOf)
          const evaluate = compilePolicies(policies)
          const about = inquiry(schema)
          const all = ({ permits, forbids }: Evaluation) => permits.length + forbids.length === policies.length
          const query = about.query(({ world, meaning }) => world.encoding.t.and(...syntaxes.map((each) => meaning(each).applies)))
          const found = await ask({ solver, limit: 60_000 }, query, ({ request }) => all(evaluate(readRequest(request))))
          counts[found.answer]++
          if (found.answer === 'unknown') expect({ texts, why: found.why }).toEqual({ texts, why: undefined })
          if (found.answer === 'holds')
            for (const one of calls) expect({ texts, one, all: all(evaluate(readRequest(one))) }).toMatchObject({ all: false })
        },
      ),
      { numRuns: 100 },
    )
    expect(counts.violated).toBeGreaterThan(15)
    expect(counts.holds).toBeGreaterThan(15)
  })
})
