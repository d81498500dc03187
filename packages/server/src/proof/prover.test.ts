import { createHash } from 'node:crypto'
import {
  type Approval,
  type AuditBody,
  auditKey,
  auditLog,
  type Control,
  createGate,
  createParse,
  createRecorder,
  type Decision,
  defaultGuardrails,
  type Found,
  type GrantOnFile,
  lineage,
  localSigner,
  type MaskedCall,
  memoryApprovals,
  memoryCalls,
  memoryGrants,
  memoryLedger,
  memoryPolicies,
  memoryTools,
  memoryVault,
  pii,
  policy,
  preparePolicySet,
  type PrincipalId,
  readAudit,
  register,
  type Solver,
  type RegisteredTool,
  type TenantId,
  uuidv7,
} from '@agentgate/core'
import { afterAll, describe, expect, it, vi } from 'vitest'
import type { SeededFault } from '../work/seeded-faults.sample.ts'
import { prover, type ProverOptions } from './prover.ts'

const tenant = 't' as TenantId
const discharging = { reserves: true, masks: new Set(['EMAIL']) }
const opened: { close: () => Promise<void> }[] = []
afterAll(() => Promise.all(opened.map(({ close }) => close())))

interface Given extends Partial<ProverOptions> {
  /** What becomes of the policies' finding: a fault in what evaluates. */
  readonly fault?: (found: Found) => Found
  /** Whether content from outside shaped the call, so that a forbid applies that an approval lifts. */
  readonly outside?: boolean
  /** Is told each call. */
  readonly called?: (call: MaskedCall) => void
  /** What the control that finds answers again binds each call to. */
  readonly binding?: string
  /** The policies, instead of the default guardrails and a permit of the role `free`. */
  readonly text?: string
  /** What `Agent::a` was handed, and what looks at it: as it should, unless told otherwise. */
  readonly handed?: readonly GrantOnFile[]
  readonly looking?: Control
  readonly meanwhile?: (room: { activate: (id: string, text: string) => Promise<void> }) => Promise<void>
}

/** A gate on memory twins whose decisions are proved by the real worker. */
async function room({
  fault = (found) => found,
  outside = false,
  called,
  text,
  meanwhile,
  handed = [],
  looking,
  binding,
  ...more
}: Given = {}) {
  const time = { now: Date.UTC(2026, 10, 22) }
  const clock = { now: () => time.now }
  const calls = memoryCalls()
  const ledger = memoryLedger({ clock, beside: (of, id, record) => calls.beside(of, id, record) })
  const audit = auditLog({ ledger, key: auditKey(crypto.getRandomValues(new Uint8Array(32))), clock })
  const [policies, tools, approvals] = [memoryPolicies(), memoryTools(), memoryApprovals()]
  const grants = memoryGrants()
  for (const grant of handed) {
    await grants.issue(grant)
    if (grant.revokedAt !== undefined) await grants.revoke(tenant, grant.id, grant.revokedAt)
  }
  const input = { type: 'object', properties: { text: { type: 'string' }, amount: { type: 'integer' } } }
  const registered = (properties: object) =>
    register({ name: 'pay', input: { ...input, properties: { ...input.properties, ...properties } }, effect: 'pay' }, (value) =>
      createHash('sha256').update(JSON.stringify(value)).digest('hex'),
    )
  await tools.put(tenant, registered({}))
  const activate = async (id: string, text: string) => {
    const prepared = preparePolicySet({ form: 'cedar', text }, { tools: [] })
    if (!prepared.ok) throw new Error(prepared.errors[0]?.message)
    const { version } = await policies.publish(tenant, { id, ...prepared.set, publishedAt: 0, publishedBy: 'User::p' as PrincipalId })
    const { generation } = await policies.standings(tenant)
    await policies.move(tenant, generation, { id, active: version, locked: false, deleted: false, trail: [] })
    await audit.record(tenant, { type: 'policy.activated', facts: { set: id }, moves: true })
  }
  await activate(
    'guards',
    text ?? `${defaultGuardrails} @id("free") permit (principal, action, resource) when { principal in Role::"free" };`,
  )
  const judging = policy({ active: (of) => policies.active(of), ...discharging })
  const faulty: Control = {
    ...judging,
    async evaluate(call, asking) {
      called?.(call)
      const found = fault({ ...(await judging.evaluate(call, asking)), control: 'policy', ms: 0 })
      await meanwhile?.({ activate })
      return found
    },
  }
  const logged: unknown[] = []
  const proving = prover({
    mode: 'enforce',
    policies,
    tool: async (of: TenantId, name: string) => asPolicyTool(await tools.find(of, name)),
    approvals,
    grants,
    discharging,
    audit,
    log: { error: (...said: unknown[]) => void logged.push(said) } as unknown as ProverOptions['log'],
    ...more,
  } as ProverOptions)
  opened.push(proving)
  const house = createGate({
    parse: createParse(tools, async (_, value) => ({ input: value as { [name: string]: string } })),
    detect: binding === undefined ? [] : [{ name: 'approval', evaluate: async () => ({ verdict: 'pass', held: { binding } }) }],
    mask: pii({ vault: memoryVault({ clock }) }),
    controls: [...(handed.length > 0 ? [looking ?? lineage({ grants })] : []), faulty],
    prove: proving.prove,
    recorder: createRecorder({ ledger, signer: localSigner(crypto.getRandomValues(new Uint8Array(32))), audit, clock }),
    calls,
    observe: [proving.observer],
    clock,
    newId: () => uuidv7(time.now),
  })
  const decide = (roles: readonly string[], asked: object = {}, id = 'Agent::a') =>
    house
      .as(async () => ({ principal: { id: id as PrincipalId, tenant, roles, mfa: false }, facts: {} }))
      .decide({ action: 'pay', input: { text: 'für 日本', amount: 3, ...asked }, ...(outside && { labels: ['untrusted'] }) })
  const events = async (type: string): Promise<readonly AuditBody[]> => {
    const entries = await ledger.read(tenant, 0, (await ledger.head(tenant)).size)
    return entries.flatMap((entry) => readAudit(entry) ?? []).filter(({ event }) => event === type)
  }
  const recorded = async ({ id }: Pick<Decision, 'id'>) => {
    const record = await calls.find(tenant, id)
    if (!record) throw new Error('not on record')
    return record.decision
  }
  return { decide, events, recorded, proving, logged, activate, tools, registered }
}

const asPolicyTool = (tool: RegisteredTool | undefined) =>
  tool && {
    name: tool.declaration.name,
    action: tool.declaration.name,
    effect: tool.declaration.effect,
    inputSchema: tool.declaration.input,
  }
const allowing = (found: Found): Found => {
  const { reason: _, ...rest } = found
  return { ...rest, verdict: 'allow' } as Found
}
const file = (body: string) =>
  new URL(`data:text/javascript,import { parentPort } from 'node:worker_threads'; parentPort.postMessage('ready'); ${body}`)

describe('decisions, proved before they are on record', () => {
  it('leave room for others, however many one principal asks for at once', async () => {
    const { decide } = await room({ share: 3 })
    await decide(['free'])
    const flood = Array.from({ length: 40 }, () => decide(['free']))
    const other = decide(['free'], {}, 'Agent::b')
    const verdicts = (await Promise.all(flood)).map(({ verdict }) => verdict)
    expect(verdicts).toContain('allow')
    expect(verdicts).toContain('deny')
    expect((await other).verdict).toBe('allow')
  })

  it('are what the solver finds too: allowed, held and refused ones', async () => {
    const { decide, recorded, events, proving } = await room()
    for (const [role, verdict] of [
      ['free', 'allow'],
      ['developer', 'hold'],
      ['viewer', 'deny'],
    ] as const) {
      const decision = await decide([role])
      expect(decision.verdict).toBe(verdict)
      expect(decision.proof.solver).toMatchObject({ name: 'z3', version: '5.1.0.0', mode: 'enforce' })
      expect(['simplified', 'unsat']).toContain(decision.proof.solver.answer)
      expect(decision.proof.predicates).toHaveLength(6)
      expect(decision.proof.theorem?.slice).toEqual({ read: 4, of: 6 })
      const kept = await recorded(decision)
      const script = await proving.theorem(kept)
      expect(
        createHash('sha256')
          .update(script?.script ?? '')
          .digest('hex'),
      ).toBe(kept.proof.theorem?.hash)
    }
    expect(await events('solver-drift')).toEqual([])
    expect(await proving.health()).toEqual({ ok: true, detail: 'enforce, Z3 5.1.0.0' })
  })

  it('are of a type that says what shows them, with six predicates and what each rests on', async () => {
    let failing = false
    const broken: Found = { control: 'policy', ms: 0, verdict: 'deny', reason: { code: 'control-failed', message: '' } }
    const { decide } = await room({ fault: (found) => (failing ? broken : found) })
    const digests = [expect.stringMatching(/^[0-9a-f]{64}$/u)]
    const common = { LineageValid: [true, []], ContextBound: [true, digests] }
    for (const [asked, type, predicates] of [
      [
        { role: 'free' },
        'CONSTRUCTIVE_TRACE',
        { PermitExists: [true, ['guards/free']], DenyExists: [false, []], ObligationsMet: [true, ['parse', 'pii']] },
      ],
      [{ role: 'developer' }, 'UNSAT_CORE', { PermitExists: [false, []], DenyExists: [false, []], ObligationsMet: [false, ['policy']] }],
      [
        { role: 'viewer' },
        'COUNTEREXAMPLE',
        { PermitExists: [false, []], DenyExists: [false, []], ObligationsMet: [true, ['parse', 'pii']] },
      ],
      [
        { role: 'free', fails: true },
        'UNSAT_CORE',
        { PermitExists: [false, []], DenyExists: [false, []], ObligationsMet: [false, ['policy']] },
      ],
    ] as const) {
      failing = 'fails' in asked
      const { proof } = await decide([asked.role])
      const found = Object.fromEntries(proof.predicates.map(({ name, holds, witness }) => [name, [holds, witness]]))
      expect({ type: proof.type, found }).toEqual({ type, found: { AuthValid: [true, ['Agent::a']], ...common, ...predicates } })
    }
  })

  it('name what the solver was told, and who the forbid was', async () => {
    const { decide } = await room({
      text: `@id("no-rm") forbid (principal, action, resource) when { context.matched.contains("input.text matches ^rm ") };
        @id("few") @mask("EMAIL") permit (principal, action, resource);`,
    })
    const allowed = await decide([])
    expect(allowed.proof.theorem?.attested).toEqual(['context/matched', 'obligation/mask EMAIL'])
    const { verdict, proof } = await decide([], { text: 'rm -r /' })
    expect({ verdict, type: proof.type }).toEqual({ verdict: 'deny', type: 'COUNTEREXAMPLE' })
    expect(proof.predicates.find(({ name }) => name === 'DenyExists')).toMatchObject({ holds: true, witness: ['guards/no-rm'] })
  })

  it('have a theorem that is written again when the tool and the policies have changed', async () => {
    const { decide, recorded, proving, activate, tools, registered } = await room()
    const kept = await recorded(await decide(['free']))
    await activate('guards', 'forbid (principal, action, resource);')
    await tools.put(tenant, registered({ text: { type: 'integer' } }))
    expect((await proving.theorem(kept))?.hash).toBe(kept.proof.theorem?.hash)
  })

  it('are decided again, and are no drift, when policies change meanwhile', async () => {
    let times = 0
    const { decide, events, logged } = await room({
      meanwhile: async ({ activate }) => {
        if (times++ === 0) await activate('more', 'forbid (principal, action == Action::"model.call", resource);')
      },
    })
    const { verdict } = await decide(['free'])
    expect({ verdict, logged: logged.length }).toEqual({ verdict: 'allow', logged: 1 })
    expect(times).toBe(2)
    expect(await events('solver-drift')).toEqual([])
  })
})

describe('what the evaluator gets wrong', () => {
  const faults: readonly (readonly [name: string, role: string, said: string, demanded: string, fault: (found: Found) => Found])[] = [
    ['a refusal turned to a yes', 'viewer', 'allow', 'deny', allowing],
    ['a hold turned to a yes', 'developer', 'allow', 'hold', allowing],
    [
      'a yes turned to a no',
      'free',
      'deny',
      'allow',
      (found) => ({ ...found, verdict: 'deny', reason: { code: 'policy-forbid', message: '' } }),
    ],
    ['a set that it passed over', 'free', 'allow', 'deny', (found) => ({ ...found, policy: { digests: [], determining: [] } })],
  ]

  it.each(faults)('%s: is denied, and told', async (_, role, said, demanded, fault) => {
    const { decide, events, logged, recorded } = await room({ fault })
    const decision = await decide([role])
    expect(decision).toMatchObject({ verdict: 'deny' })
    expect(decision.findings.at(-1)).toMatchObject({ control: 'proof', verdict: 'deny', reason: { code: 'control-failed' } })
    expect((await recorded(decision)).verdict).toBe('deny')
    expect(decision.proof.solver).toMatchObject({ name: 'z3', mode: 'enforce', answer: 'sat' })
    const told = await events('solver-drift')
    expect(told.map(({ facts }) => facts)).toEqual([
      {
        decision: { value: decision.id },
        call: { value: decision.call.id },
        said: { value: said },
        demanded: { value: demanded },
        theorem: { value: expect.stringMatching(/^[0-9a-f]{64}$/u) },
        mode: { value: 'enforce' },
      },
    ])
    expect(JSON.stringify(logged)).toContain('solver-drift')
  })

  it('a forbid that it dropped: is denied, and told', async () => {
    const dropping = (found: Found): Found => ({
      ...allowing(found),
      policy: { digests: found.policy?.digests ?? [], determining: ['guards/free'] },
    })
    const { decide, events } = await room({ fault: dropping, outside: true })
    const decision = await decide(['free'])
    expect(decision).toMatchObject({ verdict: 'deny', proof: { solver: { answer: 'sat' } } })
    expect((await events('solver-drift')).map(({ facts }) => facts['demanded'])).toEqual([{ value: 'hold' }])
  })

  const now = Date.UTC(2026, 10, 22)
  const elsewhere = { principal: { id: 'Agent::other' } } as MaskedCall
  const taken: readonly (readonly [what: string, verdict: string, filed: object])[] = [
    ['that lasts', 'allow', {}],
    ['that has run out', 'deny', { expiresAt: now }],
    ['of another input', 'deny', { binding: 'another' }],
    ['of another asker', 'deny', { call: elsewhere }],
  ]
  it.each(taken)('an approval %s that it takes: %s, and told where it is wrong', async (_, verdict, filed) => {
    const brought = { id: 'i', by: 'User::b', quorum: 1, given: { approver: 1 } }
    const taking = (found: Found): Found => ({ ...allowing(found), facts: { approval: brought } })
    const asked: MaskedCall[] = []
    const find = async (_: unknown, id: string) => {
      const [call] = asked
      const answers = [{ by: 'User::b', approved: true, roles: ['approver'] }]
      const approval = { id, callId: call?.id, call, binding: 'bound', state: 'approved', expiresAt: now + 1, answers }
      return { ...approval, ...filed, ...('call' in filed && { call: { ...call, ...elsewhere } }) } as unknown as Approval
    }
    const called = (call: MaskedCall) => void asked.push(call)
    const { decide, events } = await room({ fault: taking, approvals: { find }, called, binding: 'bound' })
    expect((await decide(['developer'])).verdict).toBe(verdict)
    expect(await events('solver-drift')).toHaveLength(verdict === 'deny' ? 1 : 0)
  })

  it('changes nothing in shadow, and is told all the same', async () => {
    const { decide, events } = await room({ mode: 'shadow', fault: allowing })
    const decision = await decide(['viewer'])
    expect(decision.verdict).toBe('allow')
    expect(decision.proof.solver).toMatchObject({ mode: 'shadow', answer: 'sat' })
    expect((await events('solver-drift')).map(({ facts }) => facts['demanded'])).toEqual([{ value: 'deny' }])
  })

  it('is proved in shadow as it is otherwise, where there is no fault', async () => {
    const { decide } = await room({ mode: 'shadow' })
    const { proof } = await decide(['free'])
    expect(proof.solver.mode).toBe('shadow')
    expect(['simplified', 'unsat']).toContain(proof.solver.answer)
  })

  it('is nobody’s business when the solver is off: nothing is claimed to be proved', async () => {
    const { decide, events, proving } = await room({ mode: 'off', fault: allowing })
    expect(await decide(['viewer'])).toMatchObject({ verdict: 'allow', proof: { solver: { mode: 'off', answer: 'not-asked' } } })
    expect(await events('solver-drift')).toEqual([])
    expect(await proving.health()).toMatchObject({ ok: true, detail: expect.stringContaining('off') })
  })
})

describe('what the solver is told wrong', () => {
  const at = (file: string) => new URL(file, import.meta.url).href
  const worker = (fault: SeededFault) =>
    new URL(`data:text/javascript,import { parentPort } from 'node:worker_threads';
      import { proofAnswers } from '${at('../work/proof-answers.ts')}';
      import { seededFaults } from '${at('../work/seeded-faults.sample.ts')}';
      await proofAnswers(parentPort, seededFaults['${fault}'])`)
  const none = (found: Found) => found
  const outside: readonly SeededFault[] = ['a fact turned round', 'a forbid dropped by the encoder']

  it.each([
    // The evaluator is deceived as well, or right: neither passes.
    ['a role made up', 'viewer', allowing],
    ['a role made up', 'viewer', none],
    ['a fact turned round', 'free', allowing],
    ['a fact turned round', 'free', none],
    ['one policy too many left out', 'free', none],
    ['a forbid dropped by the encoder', 'free', none],
    ['a condition dropped by the encoder', 'free', none],
  ] as const)('%s: a call of a %s is denied, and it is told', async (fault, role, evaluating) => {
    const { decide, events } = await room({ file: worker(fault), fault: evaluating, outside: outside.includes(fault) })
    const decision = await decide([role])
    expect(decision).toMatchObject({ verdict: 'deny', proof: { solver: { answer: 'sat' } } })
    expect(decision.findings.at(-1)).toMatchObject({ control: 'proof', verdict: 'deny', reason: { code: 'control-failed' } })
    expect(await events('solver-drift')).toHaveLength(1)
  })

  it('is nothing where there is no fault', async () => {
    const { decide, events } = await room({ outside: true })
    expect([(await decide(['free'])).verdict, (await decide(['viewer'])).verdict]).toEqual(['hold', 'deny'])
    expect(await events('solver-drift')).toEqual([])
  })
})

describe('a theorem that is also checked as written', () => {
  const answering = (answer: 'sat' | 'unsat' | 'unknown') => {
    const scripts: string[] = []
    const check: Solver['check'] = async (script) => {
      scripts.push(script)
      return answer === 'sat' ? { answer, model: '' } : answer === 'unsat' ? { answer } : { answer, why: '' }
    }
    return { scripts, check, close: async () => undefined }
  }

  it('agrees with the simplified one, for calls that are allowed, held and refused', async () => {
    const { decide, proving, events } = await room({ sampled: 1 })
    for (const role of ['free', 'developer', 'viewer']) expect((await decide([role])).proof.solver.answer).toBe('simplified')
    await vi.waitFor(() => expect(proving.checked()).toEqual({ pending: 0, agreed: 3, disagreed: 0, undecided: 0 }), 20_000)
    expect(await events('solver-drift')).toEqual([])
    expect((await proving.health()).ok).toBe(true)
  })

  it('is the script that the decision’s hash is of', async () => {
    const checker = answering('unsat')
    const { decide } = await room({ sampled: 1, checker })
    const { proof } = await decide(['free'])
    expect(checker.scripts.map((script) => createHash('sha256').update(script).digest('hex'))).toEqual([proof.theorem?.hash])
  })

  it('is told when it does not hold: nothing is simplified any more, and the server is not ready', async () => {
    const { decide, proving, events, logged } = await room({ sampled: 1, checker: answering('sat') })
    const decision = await decide(['free'])
    expect(decision).toMatchObject({ verdict: 'allow', proof: { solver: { answer: 'simplified' } } })
    await vi.waitFor(async () => expect(await events('solver-drift')).toHaveLength(1))
    const [told] = await events('solver-drift')
    expect(told?.facts).toMatchObject({ decision: { value: decision.id }, theorem: { value: decision.proof.theorem?.hash } })
    expect(JSON.stringify(logged)).toContain('solver-drift')
    expect(await proving.health()).toMatchObject({ ok: false, detail: expect.stringContaining('contradicted') })
    expect(await decide(['free'])).toMatchObject({ verdict: 'allow', proof: { solver: { answer: 'unsat' } } })
  })

  it('decides nothing when the solver cannot tell', async () => {
    const { decide, proving } = await room({ sampled: 1, checker: answering('unknown') })
    await decide(['free'])
    await vi.waitFor(() => expect(proving.checked()).toEqual({ pending: 0, agreed: 0, disagreed: 0, undecided: 1 }))
    expect((await proving.health()).ok).toBe(true)
  })
})

describe('what was handed on', () => {
  const at = Date.UTC(2026, 10, 22)
  const [admin, broker, agent] = (['User::admin', 'Agent::broker', 'Agent::a'] as const).map((id) => id as PrincipalId)
  const grant = (id: string, more: Partial<GrantOnFile>): GrantOnFile => ({
    id,
    tenant,
    issuer: broker ?? admin ?? ('' as PrincipalId),
    holder: agent ?? ('' as PrincipalId),
    parent: 'first',
    actions: ['pay'],
    resources: ['*'],
    issuedAt: at - 1_000,
    expiresAt: at + 1_000,
    ...more,
  })
  const { parent: _own, ...first } = grant('first', { ...(admin && { issuer: admin }), ...(broker && { holder: broker }) })
  const careless: Control = {
    name: 'lineage',
    stage: 'evaluate',
    evaluate: async () => ({ verdict: 'pass', facts: { grants: ['own'] } }),
  }
  const lineageIn = ({ proof }: Decision) => proof.predicates.find(({ name }) => name === 'LineageValid')

  it('is proved to cover a call, link by link', async () => {
    const { decide, proving } = await room({ handed: [first, grant('own', { resources: ['tool:pay', '/pay/*'] })] })
    const decision = await decide(['free'])
    expect(decision.verdict).toBe('allow')
    expect(lineageIn(decision)).toEqual({ name: 'LineageValid', holds: true, witness: ['own', 'first'] })
    expect(decision.proof.theorem?.attested).toContain('grants/signatures')
    const again = await proving.theorem(decision)
    expect(again?.hash).toBe(decision.proof.theorem?.hash)
    expect(again?.script).toContain('grant.agent.1.expires_at')
  })

  it('is proved not to, and the call is refused by its name', async () => {
    const { decide, events } = await room({ handed: [first, grant('own', { actions: ['read'] })] })
    const decision = await decide(['free'])
    expect(decision).toMatchObject({ verdict: 'deny', reason: { code: 'grant-exceeded' }, proof: { type: 'UNSAT_CORE' } })
    expect(lineageIn(decision)?.holds).toBe(false)
    expect(await events('solver-drift')).toEqual([])
  })

  it('says nothing of who was handed nothing', async () => {
    const { decide } = await room({ handed: [first] })
    const decision = await decide(['free'])
    expect([decision.verdict, lineageIn(decision)]).toEqual(['allow', { name: 'LineageValid', holds: true, witness: [] }])
  })

  it('lets a person approve where a link says so', async () => {
    const { decide } = await room({ handed: [{ ...first, obligations: ['approval'] }, grant('own', {})] })
    expect(await decide(['free'])).toMatchObject({ verdict: 'hold', reason: { code: 'approval-required' } })
  })

  it('is asked again by the solver: a control that lets pass what is over above is found out', async () => {
    const { decide, events } = await room({ handed: [{ ...first, expiresAt: at }, grant('own', {})], looking: careless })
    expect(await decide(['free'])).toMatchObject({ verdict: 'deny' })
    expect(await events('solver-drift')).toHaveLength(1)
  })
})

describe('a solver that cannot be relied on', () => {
  const denied = { verdict: 'deny', findings: [{}, {}, {}, { control: 'proof', reason: { code: 'control-failed' } }] }

  it.each([
    ['is stuck', "parentPort.on('message', () => { for (;;); })"],
    ['dies', "parentPort.on('message', () => process.exit(1))"],
    ['is never there', "throw new Error('no')"],
    [
      'answers what nobody asked',
      "parentPort.on('message', ({ id }) => parentPort.postMessage({ id, memory: 1, answer: { said: 'alive', version: '' } }))",
    ],
    ['complains', "parentPort.on('message', ({ id }) => parentPort.postMessage({ id, memory: 1, error: 'broken' }))"],
  ])('denies when it %s, within its time', async (_, body) => {
    const { decide, events } = await room({ file: file(body), limit: 300 })
    expect(await decide(['free'])).toMatchObject(denied)
    expect(await events('solver-drift')).toEqual([])
  })

  it.each([
    ['is stuck', "parentPort.on('message', () => { for (;;); })"],
    ['dies', "parentPort.on('message', () => process.exit(1))"],
  ])('is not ready when it %s', async (_, body) => {
    const { proving } = await room({ file: file(body), limit: 300 })
    expect(await proving.health()).toMatchObject({ ok: false })
  })

  it('denies when too many wait already, and goes on with the others', async () => {
    const { decide } = await room({ waiting: 1 })
    const decisions = await Promise.all(Array.from({ length: 40 }, () => decide(['free'])))
    const verdicts = decisions.map(({ verdict }) => verdict)
    expect(new Set(verdicts)).toEqual(new Set(['allow', 'deny']))
    expect((await decide(['free'])).verdict).toBe('allow')
  })

  it('changes nothing in shadow', async () => {
    const { decide } = await room({ mode: 'shadow', file: file("parentPort.on('message', () => process.exit(1))"), limit: 300 })
    expect(await decide(['free'])).toMatchObject({ verdict: 'allow', proof: { solver: { mode: 'shadow', answer: 'unknown' } } })
  })
})
