import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MaskedCall, PrincipalId, TenantId } from '../call.ts'
import type { Found } from '../decision.ts'
import { policiesIn } from '../policy/cedar-text.ts'
import { compilePolicies } from '../policy/evaluator.ts'
import { cedarRequest, type CedarRequest } from '../policy/facts.ts'
import type { PolicySet } from '../policy/policies.ts'
import { readRequest } from '../policy/request.ts'
import { defaultGuardrails } from '../policy/starter/default-guardrails.ts'
import { judge } from '../policy/verdict.ts'
import { type GrantOnFile, refusedUnder } from '../principal/grant.ts'
import { meaning } from './meaning.ts'
import { randomTypedPolicy, tools } from './random-calls.ts'
import { approvalFact, approvalOnFile, basisOf, judgedBy, judgementOf, maskedCall, randomMaskedCall, setOf } from './random-judgements.ts'
import { policyReader } from './read-policies.ts'
import { slice } from './slice.ts'
import type { Basis, Judged } from './judgement.ts'
import { type Parts, type Theorem, theoremOf, theorems } from './theorem.ts'
import { openZ3, type Z3 } from './z3.ts'

let z3: Z3
beforeAll(async () => {
  z3 = await openZ3()
})
afterAll(() => z3.close())
const read = policyReader()
const right: Parts = { facts: cedarRequest, slice, meaning }

/** What Z3 says of the script. */
function asked(judged: Judged, sets: readonly PolicySet[], { parts = right, basis = {} }: { parts?: Parts; basis?: Partial<Basis> } = {}) {
  return z3.run(theoremOf(judged, basisOf(sets, basis, judged.call), read(sets), parts).script).answer
}

/** What simplifying the denial of a theorem comes to. */
function quickly({ form, values }: Theorem) {
  const shelf = z3.shelf()
  const said = shelf.prepare(`${form.meanings}(assert (not theorem))`, form.symbols).simplify(values)
  shelf.close()
  return said
}

const notes = [
  '',
  '',
  '',
  '@approval("approver") ',
  '@approval("legal") ',
  '@mfa("required") ',
  '@confirm("preview") ',
  '@rate("2/1m") ',
  '@mask("SSN") ',
  '@mask("IBAN") ',
]
const scopes = [
  '',
  'action == Action::"pay",',
  'action == Action::"read",',
  'action in Action::"move.money",',
  'action in [Action::"send", Action::"pay"],',
]
const randomRule = fc.tuple(fc.constantFrom(...notes), randomTypedPolicy, fc.constantFrom(...scopes)).map(([note, text, scope]) => {
  const scoped = scope === '' ? text : text.replace('action,', scope)
  if (text.startsWith('permit')) return note + scoped
  const missing = /^@(approval|mfa|confirm)/u.exec(note)?.[1]
  return missing === undefined ? scoped : `@hold("${missing}") ${scoped}`
})
const randomSet = fc
  .tuple(fc.array(randomRule, { maxLength: 6 }), fc.constantFrom(...notes), fc.boolean())
  .map(([rules, note, open]) => [...rules, ...(open ? [`${note}permit (principal, action, resource);`] : [])].join('\n'))

describe('the theorem of a decision', () => {
  it('holds for what the evaluator decides, and for no other verdict, of many random sets and calls', async () => {
    const seen = { allow: 0, hold: 0, deny: 0 }
    await fc.assert(
      fc.asyncProperty(randomSet, randomMaskedCall, async (text, call) => {
        const sets = [setOf(text)]
        const judged = await judgedBy(sets, call)
        seen[judged.verdict]++
        const theorem = theoremOf(judged, basisOf(sets, {}, judged.call), read(sets))
        expect({ gaps: theorem.form.gaps, demanded: theorem.demanded }).toEqual({ gaps: [], demanded: judged.verdict })
        expect({ answer: z3.run(theorem.script).answer, script: theorem.script }).toEqual({ answer: 'unsat', script: theorem.script })
        for (const verdict of (['allow', 'hold', 'deny'] as const).filter((each) => each !== judged.verdict)) {
          const other = theoremOf({ ...judged, verdict }, basisOf(sets, {}, judged.call), read(sets))
          expect(quickly(other)).toBe('true')
        }
        expect(quickly(theorem)).toBe('false')
      }),
      { numRuns: 60 },
    )
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0)
  })

  it('is the same text for the same decision, and another for another salt', async () => {
    const sets = [setOf(defaultGuardrails)]
    const judged = await judgedBy(sets, maskedCall({}))
    const [one, two] = [
      theoremOf(judged, basisOf(sets, {}, judged.call), policyReader()(sets)),
      theoremOf(judged, basisOf(sets, {}, judged.call), read(sets)),
    ]
    expect([two.script, two.values, two.predicates]).toEqual([one.script, one.values, one.predicates])
    expect(theoremOf(judged, basisOf(sets, { salt: 'ff'.repeat(32) }, judged.call), read(sets)).hash).not.toBe(one.hash)
  })
})

describe('a form that many decisions share', () => {
  it('gives each the very script that is written of it alone, and simplifies to what the script says', async () => {
    const texts = fc.sample(randomSet, { numRuns: 4, seed: 7 })
    const shared = theorems()
    const shelf = z3.shelf()
    const prepared = new Map<Theorem['form'], ReturnType<typeof shelf.prepare>>()
    const verdictsSeen = new Set<string>()
    let decisions = 0
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...texts), randomMaskedCall, fc.constantFrom('allow', 'hold', 'deny'), async (text, call, said) => {
        const sets = [setOf(text)]
        const judged = { ...(await judgedBy(sets, call)), verdict: said }
        const theorem = shared.of(judged, basisOf(sets, {}, judged.call), read(sets))
        expect(theorem.script).toBe(theoremOf(judged, basisOf(sets, {}, judged.call), policyReader()(sets)).script)
        const statement =
          prepared.get(theorem.form) ?? shelf.prepare(`${theorem.form.meanings}(assert (not theorem))`, theorem.form.symbols)
        prepared.set(theorem.form, statement)
        const holds = theorem.demanded === said
        expect(statement.simplify(theorem.values)).toBe(holds ? 'false' : 'true')
        if (decisions++ % 10 === 0) expect(z3.run(theorem.script).answer).toBe(holds ? 'unsat' : 'sat')
        verdictsSeen.add(`${said} ${holds}`)
      }),
      { numRuns: 200 },
    )
    shelf.close()
    expect(prepared.size).toBeLessThan(decisions)
    expect(verdictsSeen.size).toBe(6)
  })

  it('is another for another number of roles, other members, and another control that found something', async () => {
    const sets = [
      setOf(`${defaultGuardrails} forbid (principal, action, resource) when { context.input has fee && context.input.fee > 5 };`),
    ]
    const shared = theorems()
    const formOf = async (call: MaskedCall, others: readonly Found[] = []) =>
      shared.of(await judgedBy(sets, call, others), basisOf(sets, {}, call), read(sets)).form
    const input = (more: object) => ({ input: { amount: 1, share: 0.5, to: [], steps: [], ...more } })
    const form = await formOf(maskedCall(input({ fee: 1 })))
    expect(await formOf(maskedCall({ ...input({ fee: 2, note: 'not asked for' }), session: 'other' }))).toBe(form)
    expect(await formOf(maskedCall(input({})))).not.toBe(form)
    expect(await formOf(maskedCall({ ...input({ fee: 1 }), principal: { id: 'User::u', tenant: 't', roles: [], mfa: false } }))).not.toBe(
      form,
    )
    expect(await formOf(maskedCall(input({ fee: 1 })), [{ control: 'threat', verdict: 'pass', ms: 0 }])).not.toBe(form)
    expect(shared.tidy(100_000)).toBe(false)
    expect(shared.tidy(10_000)).toBe(true)
    expect(await formOf(maskedCall(input({ fee: 1 })))).not.toBe(form)
  })
})

describe('what other controls found', () => {
  const sets = [setOf('permit (principal, action, resource);')]
  const found = (control: string, verdict: 'pass' | 'hold' | 'deny', code = 'x'): Found =>
    ({ control, ms: 0, ...(verdict === 'pass' ? { verdict } : { verdict, reason: { code, message: '' } }) }) as Found

  it('is believed: a denial denies and a hold holds, whatever the policies permit', async () => {
    for (const verdict of ['hold', 'deny'] as const) {
      const judged = await judgedBy(sets, maskedCall({}), [found('threat', verdict)])
      expect(judged.verdict).toBe(verdict)
      expect(asked(judged, sets)).toBe('unsat')
      expect(asked({ ...judged, verdict: 'allow' }, sets)).toBe('sat')
    }
  })

  it('decides alone where policies were not asked, or could not answer', async () => {
    const call = maskedCall({ resource: '', input: {}, context: {} })
    const refused = judgementOf(call, [found('parse', 'deny', 'unknown-tool')])
    expect(asked(refused, sets)).toBe('unsat')
    expect(asked({ ...refused, verdict: 'allow' }, sets)).toBe('sat')
    const failed = judgementOf(maskedCall({}), [found('policy', 'deny', 'control-failed')])
    expect(asked(failed, sets)).toBe('unsat')
    expect(asked({ ...failed, verdict: 'allow' }, sets)).toBe('sat')
  })

  it('is a refusal on nobody’s credential when whoever asked can no longer ask', async () => {
    const judged = judgementOf(maskedCall({}), [found('identify', 'deny', 'unauthenticated')])
    expect(asked(judged, sets)).toBe('unsat')
    const { predicates } = theoremOf(judged, basisOf(sets, {}, judged.call), read(sets))
    expect(predicates.find(({ name }) => name === 'AuthValid')).toMatchObject({ holds: false })
  })

  it('is not a hold because a question was filed: another control must want it', async () => {
    const judged = await judgedBy(sets, maskedCall({}), [found('approvals', 'hold', 'approval-pending')])
    expect(judged.verdict).toBe('hold')
    expect(asked(judged, sets)).toBe('sat')
  })

  it('of a call whose texts are too long for the regular expressions is a denial, and takes no longer to prove', async () => {
    const rule = (n: number) =>
      `forbid (principal, action, resource) when { context.matched.contains("input.note matches [ab]*a[ab]{${n}}c$") };`
    const slow = [setOf(`permit (principal, action, resource); ${Array.from({ length: 40 }, (_, n) => rule(200 + n)).join('\n')}`)]
    const judged = await judgedBy(slow, maskedCall({ input: { amount: 1, share: 0.5, to: [], steps: [], note: 'ab'.repeat(45_000) } }))
    expect(judged).toMatchObject({ verdict: 'deny', findings: [{ code: 'invalid-request' }, {}] })
    expect(asked(judged, slow)).toBe('unsat')
    expect(asked({ ...judged, verdict: 'allow' }, slow)).toBe('sat')
  }, 20_000)

  it('of a call that has no form in Cedar is a denial', async () => {
    const judged = await judgedBy(sets, maskedCall({ resource: '/x'.repeat(33) }))
    expect(judged).toMatchObject({ verdict: 'deny', findings: [{ code: 'invalid-request' }, {}] })
    expect(asked(judged, sets)).toBe('unsat')
    expect(asked({ ...judged, verdict: 'allow' }, sets)).toBe('sat')
  })
})

describe('the theorem of a call to a folder, named with a last slash', () => {
  it('is that of the folder, or a denial where policies judge what lies under it otherwise', async () => {
    const call = maskedCall({ resource: '/prod/' })
    for (const [rule, verdict] of [
      ['permit (principal, action, resource);', 'allow'],
      ['permit (principal, action, resource in Resource::"/prod");', 'allow'],
      ['permit (principal, action, resource); forbid (principal, action, resource == Resource::"/prod");', 'deny'],
      ['permit (principal, action, resource); forbid (principal, action, resource) when { context.resource like "/prod/*" };', 'deny'],
    ] as const) {
      const sets = [setOf(rule)]
      const judged = await judgedBy(sets, call)
      expect([rule, judged.verdict]).toEqual([rule, verdict])
      expect([rule, asked(judged, sets)]).toEqual([rule, 'unsat'])
      expect([rule, asked({ ...judged, verdict: verdict === 'allow' ? 'deny' : 'allow' }, sets)]).toEqual([rule, 'sat'])
    }
  })
})

describe('the theorem of a call whose resource may be read in several ways', () => {
  const sets = [
    setOf('permit (principal, action, resource); forbid (principal, action, resource) when { context.resource like "/prod/*" };'),
  ]

  it.each([
    ['/caf%c3%a9//x/../menu/', 'allow', '/café/menu'],
    ['/test/%2E%2e/pr%6Fd/db', 'deny', '/prod/db'],
    ['docs/What is; this?', 'allow', 'docs/What is; this?'],
    ['/prod%2fdb', 'deny', undefined],
    ['/PROD/db', 'deny', undefined],
    ['prod/db', 'deny', undefined],
  ] as const)(
    'is that of its canonical reading, or a denial where policies judge another otherwise: %s',
    async (resource, verdict, path) => {
      const judged = await judgedBy(sets, maskedCall({ resource }))
      expect(judged.verdict).toBe(verdict)
      expect(asked(judged, sets)).toBe('unsat')
      expect(asked({ ...judged, verdict: verdict === 'allow' ? 'deny' : 'allow' }, sets)).toBe('sat')
      const { values, form } = theoremOf(judged, basisOf(sets, {}, judged.call), read(sets))
      const told = form.symbols.findIndex(({ name }) => name === 'own.resource')
      expect(told < 0 ? undefined : values[told]).toBe(path)
    },
  )
})

describe('a fault is found by the solver', () => {
  const sets = [
    setOf(`
      @id("open") permit (principal, action, resource);
      @id("no-prod") forbid (principal, action == Action::"pay", resource in Resource::"/prod");
      @id("mfa") forbid (principal, action, resource) when { context.input.amount > 100 } unless { context.mfa };
      @id("big") @hold("approval") forbid (principal, action in Action::"move.money", resource) when { context.input has fee && context.input.fee > 5 } unless { context has approval };
      @id("roles") forbid (principal, action, resource) when { principal in Role::"suspended" };`),
  ]
  const input = (more: object) => ({ input: { amount: 1, share: 0.5, to: [], steps: [], ...more } })

  it('in the evaluator: a verdict turned round, a forbid forgotten, another policy named', async () => {
    const fine = await judgedBy(sets, maskedCall({}))
    expect([fine.verdict, asked(fine, sets)]).toEqual(['allow', 'unsat'])
    for (const verdict of ['hold', 'deny'] as const) expect(asked({ ...fine, verdict }, sets)).toBe('sat')
    expect(asked({ ...fine, policy: { ...fine.policy, determining: ['set/mfa'] } }, sets)).toBe('sat')

    const call = maskedCall({ resource: '/prod/x' })
    const forgetful = [setOf(sets[0]?.text.replace('in Resource::"/prod"', 'in Resource::"/gone"') ?? '')]
    const wrong = await judgedBy(forgetful, call)
    expect(wrong.verdict).toBe('allow')
    // It says that it judged by the sets that are active, and it did not.
    expect(asked({ ...wrong, policy: { ...wrong.policy, digests: fine.policy.digests } }, sets)).toBe('sat')
    expect(asked(wrong, sets)).toBe('sat')
  })

  it('in the encoder: a forbid dropped, a forbid that never errs, a permit for all', async () => {
    const denied = await judgedBy(sets, maskedCall({ resource: '/prod/x' }))
    expect([denied.verdict, asked(denied, sets)]).toEqual(['deny', 'unsat'])
    const dropped: Parts = {
      ...right,
      meaning: (world, policy) =>
        policy.id === 'set/no-prod'
          ? { applies: world.encoding.t.bool(false), errs: world.encoding.t.bool(false) }
          : meaning(world, policy),
    }
    expect(asked(denied, sets, { parts: dropped })).toBe('sat')

    const erring = [
      setOf(
        'permit (principal, action, resource); forbid (principal, action, resource) when { context.input.amount + 9223372036854775807 > 0 };',
      ),
    ]
    const judged = await judgedBy(erring, maskedCall({}))
    expect([judged.findings[0]?.code, asked(judged, erring)]).toEqual(['policy-error', 'unsat'])
    const unerring: Parts = { ...right, meaning: (world, policy) => ({ ...meaning(world, policy), errs: world.encoding.t.bool(false) }) }
    expect(asked(judged, erring, { parts: unerring })).toBe('sat')

    const closed = [setOf('permit (principal, action, resource) when { context.mfa };')]
    const refused = await judgedBy(closed, maskedCall({}))
    const generous: Parts = { ...right, meaning: (world) => ({ applies: world.encoding.t.bool(true), errs: world.encoding.t.bool(false) }) }
    expect([refused.verdict, asked(refused, closed), asked(refused, closed, { parts: generous })]).toEqual(['deny', 'unsat', 'sat'])
  })

  describe('in the facts, which the evaluator is deceived by too:', () => {
    type Wrong = (request: CedarRequest) => CedarRequest
    const context =
      (more: object): Wrong =>
      (request) => ({ ...request, context: { ...request.context, ...more } as CedarRequest['context'] })
    const inputWith =
      (change: (input: { [name: string]: unknown }) => object): Wrong =>
      (request) =>
        context({ input: change({ ...(request.context['input'] as object) }) })(request)
    const parents =
      (at: number, change: (all: CedarRequest['entities'][number]['parents']) => CedarRequest['entities'][number]['parents']): Wrong =>
      (request) => ({
        ...request,
        entities: request.entities.map((each, index) => (index === at ? { ...each, parents: change(each.parents) } : each)),
      })
    const cases: readonly (readonly [name: string, call: MaskedCall, wrong: Wrong])[] = [
      ['a second factor that nobody gave', maskedCall(input({ amount: 500 })), context({ mfa: true })],
      ['an amount made small', maskedCall(input({ amount: 500 })), inputWith((all) => ({ ...all, amount: 1 }))],
      ['an argument left out', maskedCall(input({ fee: 9 })), inputWith(({ fee: _, ...rest }) => rest)],
      [
        'a resource that is another',
        maskedCall({ resource: '/prod/x' }),
        (request) => ({ ...parents(2, () => [{ type: 'Tenant', id: 't' }])(request), resource: { type: 'Resource', id: '/other' } }),
      ],
      [
        'what a resource is in, left out',
        maskedCall({ resource: '/prod/x' }),
        parents(2, (all) => all.filter((each) => 'type' in each && each.type === 'Tenant')),
      ],
      ['an approval that there is not', maskedCall(input({ fee: 9 })), context({ approval: { id: 'i', by: 'b', quorum: 1 } })],
      [
        'a role dropped',
        maskedCall({ principal: { id: 'User::u', tenant: 't', roles: ['suspended'], mfa: false } }),
        parents(0, (all) => all.filter((each) => 'type' in each && each.type === 'Tenant')),
      ],
      ['an action without its group', maskedCall(input({ fee: 9 })), parents(1, () => [])],
    ]
    it.each(cases)('%s', (_, call, wrong) => {
      const faulty: typeof cedarRequest = (...given) => wrong(cedarRequest(...given))
      const decide = (facts: typeof cedarRequest): Judged => {
        const policies = [...policiesIn(sets[0]?.text ?? '')]
        const { permits, forbids, errors } = compilePolicies(policies)(readRequest(facts(call, tools[0])))
        const naming = (ids: readonly string[]) =>
          policies.filter(({ id }) => ids.includes(id)).map((policy) => ({ name: `set/${policy.id}`, policy }))
        const finding = judge(call, [sets[0]?.digest ?? ''], {
          permits: naming(permits),
          forbids: naming(forbids),
          broken: naming(errors.map(({ policy }) => policy)),
        })
        return judgementOf(call, [{ ...finding, control: 'policy', ms: 0 }])
      }
      const honest = decide(cedarRequest)
      expect(honest.verdict).not.toBe('allow')
      expect(asked(honest, sets)).toBe('unsat')
      const deceived = decide(faulty)
      expect(deceived.verdict).toBe('allow')
      expect(theoremOf(deceived, basisOf(sets, {}, deceived.call), read(sets), { ...right, facts: faulty }).demanded).not.toBe('allow')
      expect(asked(deceived, sets, { parts: { ...right, facts: faulty } })).toBe('sat')
      // Found also where the wrong facts lead to a refusal: it would be about another call.
      expect(
        asked({ ...deceived, verdict: 'deny', policy: { ...deceived.policy, determining: [] } }, sets, {
          parts: { ...right, facts: faulty },
        }),
      ).toBe('sat')
    })
  })

  it('in the slicing: one policy too many is left out, a permit or a forbid', async () => {
    const greedy =
      (id: string): Parts['slice'] =>
      (policies, request) => {
        const { read, leftOut } = slice(policies, request)
        const more = read.filter((each) => each.id === id).map((policy) => ({ policy, part: 'action' as const }))
        expect(more).toHaveLength(1)
        return { read: read.filter((each) => each.id !== id), leftOut: [...leftOut, ...more] }
      }
    const denied = await judgedBy(sets, maskedCall({ resource: '/prod/x' }))
    const allowed = await judgedBy(sets, maskedCall({}))
    for (const id of ['set/no-prod', 'set/mfa', 'set/open']) {
      for (const [judged, verdict] of [
        [denied, 'deny'],
        [denied, 'allow'],
        [allowed, 'allow'],
        [allowed, 'deny'],
      ] as const) {
        if (judged === allowed && id === 'set/no-prod') continue
        expect(asked({ ...judged, verdict }, sets, { parts: { ...right, slice: greedy(id) } }), `${id} ${verdict}`).toBe('sat')
      }
    }
  })

  it('in what was granted: an approval that has run out, was not given, is of another call, asker or input, or of fewer people', async () => {
    const call = maskedCall({ ...input({ fee: 9 }), context: { approval: approvalFact } })
    const judged = await judgedBy(sets, call)
    expect([judged.verdict, asked(judged, sets)]).toEqual(['allow', 'unsat'])
    const on = (more: Partial<typeof approvalOnFile>) => asked(judged, sets, { basis: { approval: { ...approvalOnFile, ...more } } })
    expect(on({ expiresAt: judged.issuedAt })).toBe('sat')
    expect(on({ expiresAt: judged.issuedAt + 1 })).toBe('unsat')
    expect(on({ state: 'pending' })).toBe('sat')
    expect(on({ call: 'another' })).toBe('sat')
    expect(on({ id: 'another' })).toBe('sat')
    for (const part of Object.keys(approvalOnFile.of))
      expect([part, on({ of: { ...approvalOnFile.of, [part]: 'another' } })]).toEqual([part, 'sat'])
    expect(asked(judged, sets, { basis: { binding: 'another' } })).toBe('sat')
    expect(on({ answers: [] })).toBe('sat')
    expect(asked(judged, sets, { basis: { approval: null } })).toBe('sat')
  })

  it('in who approved: fewer with a role than the policy counts', async () => {
    const legal = [setOf('@approval("legal") permit (principal, action, resource);')]
    const call = maskedCall({ context: { approval: { ...approvalFact, given: { legal: 1 } } } })
    const judged = await judgedBy(legal, call)
    expect(judged.verdict).toBe('allow')
    expect(asked(judged, legal)).toBe('sat')
    const answers = [{ by: 'User::b', approved: true, roles: ['legal'] }]
    expect(asked(judged, legal, { basis: { approval: { ...approvalOnFile, answers } } })).toBe('unsat')
    const two = [setOf('@approval("legal") @approval_quorum("2") permit (principal, action, resource);')]
    const three = { ...approvalFact, quorum: 3, given: { legal: 2, approver: 1 } }
    const allowed = await judgedBy(two, maskedCall({ context: { approval: three } }))
    expect(allowed.verdict).toBe('allow')
    const people = (...roles: readonly string[]) => roles.map((role, at) => ({ by: `User::${at}`, approved: true, roles: [role] }))
    const on = (...roles: readonly string[]) =>
      asked(allowed, two, { basis: { approval: { ...approvalOnFile, answers: people(...roles) } } })
    expect([on('legal', 'approver', 'legal'), on('legal', 'approver', 'approver')]).toEqual(['unsat', 'sat'])
    const short = maskedCall({ context: { approval: { ...three, given: { legal: 1, approver: 2 } } } })
    expect((await judgedBy(two, short)).verdict).toBe('hold')
  })

  it('in what binds a call: the tenant of another, a time that is over, no session', async () => {
    const judged = await judgedBy(sets, maskedCall(input({ fee: 1 })))
    const { call, issuedAt } = judged
    const on = (more: Partial<Judged>) => asked({ ...judged, ...more }, sets)
    expect(on({})).toBe('unsat')
    expect(on({ call: { ...call, tenant: 'other' as TenantId } })).toBe('sat')
    expect(on({ call: { ...call, principal: { ...call.principal, tenant: 'other' as TenantId } } })).toBe('sat')
    expect(on({ call: { ...call, session: '' as MaskedCall['session'] } })).toBe('sat')
    expect([on({ expiresAt: issuedAt + 1 }), on({ expiresAt: issuedAt })]).toEqual(['unsat', 'sat'])
  })

  it('in the sets: an active one that was not judged by', async () => {
    const judged = await judgedBy(sets, maskedCall({}))
    expect(asked(judged, [...sets, setOf('forbid (principal, action, resource);', 'later')])).toBe('sat')
  })

  it('in the limits: nothing reserved what a permit asks for', async () => {
    const limited = [setOf('@rate("2/1m") permit (principal, action, resource);')]
    const judged = await judgedBy(limited, maskedCall({}))
    expect([judged.verdict, asked(judged, limited)]).toEqual(['allow', 'unsat'])
    expect(asked({ ...judged, findings: judged.findings.filter(({ control }) => control !== 'obligations') }, limited)).toBe('sat')
  })
})

describe('what was handed on', () => {
  const sets = [setOf('permit (principal, action, resource);')]
  const [person, agent, broker] = ['User::u', 'Agent::a', 'Agent::b'].map((id) => id as PrincipalId) as [
    PrincipalId,
    PrincipalId,
    PrincipalId,
  ]
  const call = maskedCall({
    principal: { id: agent, onBehalfOf: person, tenant: 't', roles: [], mfa: false },
    resource: '/pay/all',
    context: { taint: 'user' },
  })
  const at = Number(call.context['now'])
  const own: GrantOnFile = {
    id: 'own',
    tenant: 't' as TenantId,
    issuer: broker,
    holder: agent,
    parent: 'first',
    actions: ['read', 'pay'],
    resources: ['/else', '/pay/*'],
    issuedAt: at - 1_000,
    expiresAt: at + 1_000,
  }
  const { parent: _, ...root } = own
  const first: GrantOnFile = { ...root, id: 'first', issuer: person, holder: broker, resources: ['*'], actions: ['effect:pay'] }
  const under = async (chain: readonly GrantOnFile[], { bound = [agent], of = call }: { bound?: string[]; of?: MaskedCall } = {}) =>
    asked(await judgedBy(sets, of), sets, { basis: { grants: { bound, chains: [chain] } } })

  it('covers an allowed call where every link stands and covers it', async () => {
    expect(await under([own, first])).toBe('unsat')
    expect(await under([{ ...own, constraints: { taint: 'user' } }, first])).toBe('unsat')
    const cheap: MaskedCall = { ...call, tool: { ...call.tool, cost: 5 } }
    expect(await under([{ ...own, constraints: { maxCost: 5 } }, first], { of: cheap })).toBe('unsat')
    expect(await under([{ ...own, constraints: { maxCost: 4 } }, first], { of: cheap })).toBe('sat')
  })

  it.each<[string, readonly GrantOnFile[]]>([
    ['is missing', []],
    ['is over', [{ ...own, expiresAt: at }, first]],
    ['is over above', [own, { ...first, expiresAt: at }]],
    ['was revoked', [{ ...own, revokedAt: at - 1 }, first]],
    ['was revoked above', [own, { ...first, revokedAt: at - 1 }]],
    ['is yet to come', [{ ...own, issuedAt: at + 1 }, first]],
    ['is of another tool', [{ ...own, actions: ['read', 'effect:read', 'pa'] }, first]],
    ['is of another tool above', [own, { ...first, actions: ['effect:send'] }]],
    ['is of another resource', [{ ...own, resources: ['/pays/*', '/pay', '/pay/', '/pay/al'] }, first]],
    ['is of another resource above', [own, { ...first, resources: ['/pay/all/*'] }]],
    ['is of nothing', [{ ...own, resources: [] }, first]],
    ['does nothing', [{ ...own, actions: [] }, first]],
    ['was handed on by somebody else', [own, { ...first, holder: person }]],
    ['was handed on from another', [own, { ...first, id: 'second' }]],
    ['goes back to nothing', [own]],
    ['is of another tenant above', [own, { ...first, tenant: 'u' as TenantId }]],
    ['covers no tool without a price', [{ ...own, constraints: { maxCost: 1 } }, first]],
    ['covers no such content', [own, { ...first, constraints: { taint: 'none' } }]],
    ['wants a person', [own, { ...first, obligations: ['approval'] }]],
    ['was never signed', [{ ...own, unsigned: true }, first]],
    ['was never signed above', [own, { ...first, unsigned: true }]],
  ])('lets nothing pass when it %s', async (_, chain) => expect(await under(chain)).toBe('sat'))

  it('is asked of the agent and of the person, each by its own', async () => {
    const judged = await judgedBy(sets, call)
    const persons: GrantOnFile = { ...root, id: 'persons', issuer: 'User::admin' as PrincipalId, holder: person }
    const both = (chains: readonly (readonly GrantOnFile[])[]) =>
      asked(judged, sets, { basis: { grants: { bound: [agent, person], chains } } })
    expect(both([[own, first], [persons]])).toBe('unsat')
    expect(both([[own, first]])).toBe('sat')
    expect(both([[persons]])).toBe('sat')
    expect(both([[own, first], [{ ...persons, actions: ['read'] }]])).toBe('sat')
    expect(await under([], { bound: [] })).toBe('unsat')
  })

  it('reaches nothing below a path that somebody reads otherwise', async () => {
    for (const resource of ['/pay/../x', '/pay//x', '/pay/%2e', '/pay/x/', '/pay/a\\b', '/pay/.', '/pay/ /x', '/pay/a;b', '/pay/'])
      expect(await under([own, first], { of: { ...call, resource } }), resource).toBe('sat')
    for (const resource of ['/pay/für alle', '/pay/a.b/c', '/else'])
      expect(await under([own, first], { of: { ...call, resource } }), resource).toBe('unsat')
  })

  it('is read as the control reads it, whatever the rows say', async () => {
    const judged = await judgedBy(sets, call)
    const id = fc.constantFrom('own', 'first', 'second')
    const who = fc.constantFrom(person, agent, broker)
    const link = fc.record(
      {
        id,
        tenant: fc.constantFrom('t', 't', 't', 'u').map((name) => name as TenantId),
        issuer: who,
        holder: who,
        parent: id,
        actions: fc.subarray(['pay', 'effect:pay', 'read']),
        resources: fc.subarray(['*', '/pay/*', '/pay/all', '/pay/all/*', '/pa*', '/*']),
        constraints: fc.record({ maxCost: fc.nat(6), taint: fc.constantFrom<('none' | 'user')[]>('none', 'user') }, { requiredKeys: [] }),
        issuedAt: fc.constantFrom(at - 1, at, at + 1),
        expiresAt: fc.constantFrom(at, at + 1, at + 2),
        revokedAt: fc.constant(at - 1),
        unsigned: fc.constant(true as const),
      },
      { requiredKeys: ['id', 'tenant', 'issuer', 'holder', 'actions', 'resources', 'issuedAt', 'expiresAt'] },
    )
    const likely = fc.constantFrom<GrantOnFile[]>(own, first, { ...first, holder: agent }, { ...own, resources: ['/*'] })
    const resource = fc.constantFrom('/pay/all', '/pay/all/x', '/pay/all/../x', '/pay', '/pay/', 'pay', '*', '/*')
    const cost = fc.option(fc.nat(6), { nil: undefined })
    let covered = 0
    fc.assert(
      fc.property(fc.array(fc.oneof(link, likely), { maxLength: 3 }), resource, cost, (chain, resource, cost) => {
        const of: MaskedCall = { ...call, resource, tool: { ...call.tool, ...(cost !== undefined && { cost }) } }
        const { predicates } = theoremOf(
          { ...judged, call: of },
          basisOf(sets, { grants: { bound: [agent], chains: [chain] } }),
          read(sets),
        )
        const holds = refusedUnder(chain, agent, of, at) === undefined
        if (holds) covered++
        expect(predicates.find(({ name }) => name === 'LineageValid')?.holds).toBe(holds)
      }),
      { numRuns: 3_000 },
    )
    expect(covered).toBeGreaterThan(20)
  })

  it('may be eight links long, and no longer', async () => {
    const links = (count: number) =>
      Array.from({ length: count }, (_, n): GrantOnFile => {
        const link = {
          ...own,
          id: `g${n}`,
          issuer: `Agent::${n + 1}` as PrincipalId,
          holder: `Agent::${n}` as PrincipalId,
          parent: `g${n + 1}`,
        }
        const { parent: _above, ...last } = link
        return { ...(n === count - 1 ? last : link), ...(n === 0 && { holder: agent }) }
      })
    expect(await under(links(8))).toBe('unsat')
    expect(await under(links(9))).toBe('sat')
  })
})
