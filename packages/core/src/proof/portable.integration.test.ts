import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCedar } from '../policy/cedar-text.ts'
import { compilePolicies } from '../policy/evaluator.ts'
import { readRequest } from '../policy/request.ts'
import { cedarSchema } from '../policy/schema.ts'
import { factsOf } from './facts-of.ts'
import { inquiry, type Query } from './inquiry.ts'
import { randomCall, randomTypedPolicy, tools } from './random-calls.ts'
import { syntaxOf } from './syntax.ts'
import { verdicts } from './verdict.ts'

const solvers = [
  ['z3', ['-in', '-T:30']],
  ['cvc5', ['--lang=smt2', '--tlimit=30000', '-']],
] as const

const { schema } = cedarSchema(tools)
const policies = (texts: readonly string[]) => {
  const read = readCedar(texts.join('\n'))
  if (!read.ok) throw new Error(JSON.stringify(read.errors))
  return read.policies
}

/** Random sets and calls: what is asked is whether the call could be decided otherwise than the evaluator decides it. */
function samples(): readonly Query[] {
  const sets = fc.sample(fc.tuple(fc.array(randomTypedPolicy, { minLength: 5, maxLength: 8 }), randomCall), { numRuns: 12, seed: 7 })
  return sets.flatMap(([texts, call]) => {
    const set = policies(texts)
    const { permits, forbids, errors } = compilePolicies(set)(readRequest(call))
    const blocked = set.some(({ id, effect }) => effect === 'forbid' && errors.some(({ policy }) => policy === id))
    const allowed = permits.length > 0 && forbids.length === 0 && !blocked
    const syntaxes = set.map(syntaxOf)
    const query = inquiry(schema).query((place) => {
      const { t } = place.world.encoding
      return t.and(factsOf(place.world, call), t.not(t.eq(verdicts(place, syntaxes).allow, t.bool(allowed))))
    })
    return query ? [query] : []
  })
}

describe.each(solvers)('%s, as Debian has it', (command, args) => {
  const there = spawnSync(command, ['--version']).status === 0
  it.skipIf(!there)('reads every script without an error, and finds no call decided otherwise', () => {
    const scripts = samples()
    expect(scripts.length).toBeGreaterThan(5)
    for (const { exact } of scripts) {
      const { status, stdout, stderr } = spawnSync(command, args, { input: exact(), encoding: 'utf8' })
      expect({ status, stdout: stdout.trim(), stderr, script: stdout.startsWith('unsat') ? '' : exact() }).toEqual({
        status: 0,
        stdout: 'unsat',
        stderr: '',
        script: '',
      })
    }
  })
})
