import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Found, Predicate } from '../decision.ts'
import type { Json } from '../json.ts'
import { canonical } from './canonical.ts'
import { certify, disclose, payloadOf } from './certificate.ts'
import { salted, sha256 } from './digest.ts'
import { conclude } from './outcome.ts'
import { sampleDecision } from './sample.ts'
import { isConsistent, isStatement } from './statement.ts'

const judged = { epoch: 4, evaluator: 'cedar 1' }

describe('the certificate of a decision', () => {
  it('says what was decided and why, in codes', () => {
    const decision = sampleDecision('deny')
    const { statement } = certify(decision, judged)
    expect(isStatement(statement)).toBe(true)
    expect(statement.subject).toEqual([{ name: decision.call.id, digest: { sha256: statement.predicate.alpha_hash } }])
    expect(statement.predicate).toMatchObject({
      decision_id: decision.id,
      issued_at: '2026-05-03T10:20:30.405Z',
      expires_at: '2026-05-03T10:25:30.405Z',
      principal: 'Agent::a1',
      on_behalf_of: 'User::u1',
      epoch: 4,
      theorem_hash: null,
      verdict: 'deny',
      result: 'INADMISSIBLE',
      reasons: ['threat-found'],
      determining_policies: ['p1'],
      obligations: [{ name: 'notify', value: 'owner', policy: 'p1' }],
      findings: [
        { control: 'threat', verdict: 'pass', code: null, shadow: { verdict: 'deny', code: 'threat-found' } },
        { control: 'policy', verdict: 'deny', code: 'threat-found', shadow: null },
      ],
      solver: { mode: 'off' },
      evaluator_version: 'cedar 1',
    })
    expect(statement.predicate.proof.predicates.map(({ name }) => name)).toHaveLength(6)
  })

  it('names the theorem that was proved, and keeps to itself what it is written again from', () => {
    const decision = sampleDecision()
    const theorem = {
      hash: sha256('a script'),
      slice: { read: 3, of: 1_000 },
      attested: ['context/matched', 'obligation/rate 2/1m'],
      shared: ['facts: policy/facts'],
      basis: { salt: 'secret salt' },
    }
    const { statement } = certify({ ...decision, proof: { ...decision.proof, theorem } }, judged)
    expect(isStatement(statement)).toBe(true)
    expect(statement.predicate).toMatchObject({
      theorem_hash: theorem.hash,
      proof: { slice: theorem.slice },
      shared: theorem.shared,
    })
    expect(statement.predicate.attested_facts).toEqual(expect.arrayContaining(['finding/threat', ...theorem.attested]))
    expect(statement.predicate.attested_facts).not.toContain('finding/policy')
    expect(payloadOf(statement)).not.toContain('secret salt')
    expect(certify(decision, judged).statement.predicate.attested_facts).toContain('finding/policy')
  })

  it('tells counts, flags and known words openly, and holds the rest by salted digests', () => {
    const { statement, opened } = certify(sampleDecision(), judged)
    const { context, input } = statement.predicate
    expect([context['mfa'], context['pii_count'], context['taint']]).toEqual([{ value: true }, { value: 3 }, { value: 'untrusted' }])
    expect(Object.keys(opened).toSorted()).toEqual(['context/phone', 'context/source_ip', 'input'])
    const digest = (fact: string) => {
      const { salt = '', value = null } = opened[fact] ?? {}
      return sha256(Buffer.from(salt, 'hex'), canonical(value))
    }
    expect(input).toBe(digest('input'))
    expect(context['source_ip']).toEqual({ digest: digest('context/source_ip') })
    expect(payloadOf(statement)).not.toMatch(/PERSON|192\.0\.2|4915/)
  })

  it('holds the same value by a different digest every time', () => {
    expect(salted('x').digest).not.toBe(salted('x').digest)
    const [a, b] = [certify(sampleDecision(), judged), certify(sampleDecision(), judged)]
    expect(a.statement.predicate.input).not.toBe(b.statement.predicate.input)
    expect(a.opened['input']?.salt).toMatch(/^[0-9a-f]{64}$/)
  })

  it('tells no text that is not a known word, no large number and nothing nested, whatever the facts', () => {
    const told = (value: Json) => disclose({ fact: value }, '').facts['fact']
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const fact = told(value as Json)
        if (fact && 'value' in fact) expect(['boolean', 'number', 'object'].includes(typeof value) && !(value instanceof Object)).toBe(true)
      }),
    )
    for (const value of ['John', 'john', 123456789, 0.5, { a: 1 }, [1], '']) expect(told(value)).toHaveProperty('digest')
    for (const value of [true, null, 0, -7, 'high']) expect(told(value)).toEqual({ value })
  })

  it('commits to the call and to what it was judged by', () => {
    const decision = sampleDecision()
    const { alpha_hash, gamma_hash } = certify(decision, judged).statement.predicate
    const other = certify({ ...decision, policy: { ...decision.policy, digests: ['f'.repeat(64)] } }, judged).statement.predicate
    expect([alpha_hash, gamma_hash].every((hash) => /^[0-9a-f]{64}$/.test(hash))).toBe(true)
    expect(other.gamma_hash).not.toBe(gamma_hash)
  })

  it('can be made of a call with nothing left in it, and of a decision that could not be proved', () => {
    const decision = sampleDecision('deny', { input: {}, context: {} })
    const { onBehalfOf: _, ...principal } = decision.call.principal
    const bare = {
      ...decision,
      call: { ...decision.call, principal },
      approval: 'a1',
      proof: { ...decision.proof, predicates: [] },
    } as typeof decision
    const { statement } = certify(bare, judged)
    expect(isStatement(statement)).toBe(true)
    expect(statement.predicate).toMatchObject({ on_behalf_of: null, approval: 'a1', proof: { predicates: [] } })
    expect(isConsistent(statement.predicate)).toBe(true)
  })
})

describe('a certificate that contradicts itself', () => {
  const of = (verdict: 'allow' | 'hold' | 'deny', change: Partial<Parameters<typeof isConsistent>[0]> = {}) =>
    isConsistent({ ...certify(sampleDecision(verdict), judged).statement.predicate, ...change })
  const { proof, solver } = certify(sampleDecision(), judged).statement.predicate
  const flipped = (name: Predicate['name']) => ({
    ...proof,
    predicates: proof.predicates.map((predicate) => (predicate.name === name ? { ...predicate, holds: !predicate.holds } : predicate)),
  })

  it('is told from one that does not', () => {
    expect([of('allow'), of('hold'), of('deny')]).toEqual([true, true, true])
    expect(of('allow', { result: 'INADMISSIBLE' })).toBe(false)
    expect(of('deny', { result: 'ADMISSIBLE' })).toBe(false)
    expect(of('hold', { result: 'ADMISSIBLE' })).toBe(false)
    expect(of('allow', { expires_at: '2020-01-01T00:00:00.000Z' })).toBe(false)
    for (const { name } of proof.predicates) expect(of('allow', { proof: flipped(name) })).toBe(false)
    expect(of('allow', { proof: { ...proof, predicates: [] } })).toBe(false)
    expect(of('allow', { proof: { ...proof, predicates: proof.predicates.toReversed() } })).toBe(false)
    expect(of('deny', { proof: { ...proof, predicates: proof.predicates.slice(1) } })).toBe(false)
  })

  it('is a denial that a solver found admissible', () => {
    expect(of('deny', { proof, solver })).toBe(true)
    expect(of('deny', { proof, solver: { ...solver, mode: 'enforce' } })).toBe(false)
  })
})

describe('the statement of an outcome', () => {
  const decision = sampleDecision()
  const reason = { code: 'output-threat', message: 'Kept back.' }

  it.each([
    [{ status: 'succeeded', output: { rows: 2 } }, null, { rows: 2 }],
    [{ status: 'failed', error: 'no such <TABLE_1>' }, null, 'no such <TABLE_1>'],
    [{ status: 'withheld', reason }, 'output-threat', undefined],
    [{ status: 'lost', reason: { code: 'lost', message: '' } }, 'lost', undefined],
  ] as const)('links %j to its call, and tells only codes', (outcome, code, value) => {
    const { body, opened } = conclude('outcome', decision, outcome, Date.UTC(2026, 0, 1))
    const output = value === undefined ? null : sha256(Buffer.from(opened['output']?.salt ?? '', 'hex'), canonical(value))
    expect(JSON.parse(body)).toEqual({
      _type: 'urn:agentgate:outcome:1',
      tenant: 'acme',
      call_id: decision.call.id,
      decision_id: decision.id,
      at: '2026-01-01T00:00:00.000Z',
      status: outcome.status,
      reason: code,
      output,
    })
    expect(opened['output']?.value).toEqual(value)
  })

  it('is told from an amendment', () => {
    expect(conclude('amendment', decision, { status: 'succeeded', output: null }, 0).body).toContain('urn:agentgate:amendment:1')
  })

  it('may be of findings with any code', () => {
    const found: Found = { control: 'rate', ms: 1, verdict: 'pass', reason: { code: 'near-limit', message: 'Nearly.' } }
    expect(certify({ ...decision, findings: [found] }, judged).statement.predicate.reasons).toEqual(['near-limit'])
  })
})
