import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Agent, costTracker, humanApproval, piiVault, PolicyDenied, rateLimiter, verifyPlan } from '../index.ts'
import { prover } from './prover.ts'

const policies = `
  permit (principal, action, resource) when { context.resource like "/api/*" };
  @id("no-prod") forbid (principal, action in Action::"delete", resource) when { context.resource like "/prod/*" };`

describe('an agent that proves its decisions', () => {
  it('has Z3 prove allows and refusals, and hands each to `onCertificate`', async () => {
    const told: string[] = []
    const agent = new Agent({
      policies,
      formalVerification: true,
      controls: [piiVault(), rateLimiter({ maxCalls: 2, window: '1h' })],
      onCertificate: ({ id, proof }) => void told.push(`${id} ${proof.solver.mode} ${proof.solver.name}`),
    })
    const read = agent.tool({ name: 'read_data', input: z.object({ resource: z.string() }), execute: ({ resource }) => resource })
    const remove = agent.tool({ name: 'remove', effect: 'delete', input: z.object({ resource: z.string() }), execute: () => 'removed' })
    expect(await read({ resource: '/api/x' })).toBe('/api/x')
    await expect(remove({ resource: '/prod/x' })).rejects.toBeInstanceOf(PolicyDenied)
    await expect(read({ resource: '/elsewhere' })).rejects.toMatchObject({ code: 'no-permit' })
    expect(await agent.verifyLastCertificate()).toBe(true)
    expect(told).toEqual(agent.traces.map(({ decision }) => `${decision.id} enforce z3`))
    for (const { decision } of agent.traces) expect(['simplified', 'unsat']).toContain(decision.proof.solver.answer)
  })

  it('denies what the solver contradicts when it enforces, and says so in shadow', async () => {
    const agent = new Agent({ policies })
    const read = agent.tool({ name: 'read_data', input: z.object({ resource: z.string() }), execute: () => 1 })
    await read({ resource: '/api/x' })
    const draft = agent.lastDecision
    if (!draft) throw new Error('no decision')
    // The sets that it reads for itself permit nothing, so the allow does not follow.
    const options = { sets: async () => [], tool: () => undefined, approvals: {} as never, masks: new Set<string>() }
    await expect(prover({ ...options, mode: 'enforce' })(draft)).rejects.toMatchObject({
      name: 'Unproved',
      solver: { answer: expect.stringMatching(/sat|unknown/) },
    })
    expect((await prover({ ...options, mode: 'shadow' })(draft)).solver).toMatchObject({
      name: 'z3',
      mode: 'shadow',
      answer: expect.stringMatching(/sat|unknown/),
    })
  })

  it('denies when the solver does not answer in time', async () => {
    const agent = new Agent({ policies })
    const read = agent.tool({ name: 'read_data', input: z.object({ resource: z.string() }), execute: () => 1 })
    await read({ resource: '/api/x' })
    const options = { sets: async () => [], tool: () => undefined, approvals: {} as never, masks: new Set<string>(), limit: 1 }
    await expect(prover({ ...options, mode: 'enforce' })(agent.lastDecision as never)).rejects.toMatchObject({ solver: { answer: 'none' } })
  })
})

describe('verifyPlan', () => {
  const steps = (count: number) => Array.from({ length: count }, (_, n) => ({ action: 'read', resource: `/api/${n}` }))
  const plan = { principal: 'agent:ops', policies }

  it('names the first step that a policy refuses, and why', async () => {
    const answer = await verifyPlan({ ...plan, steps: [...steps(2), { action: 'delete', resource: '/prod/db' }, ...steps(1)] })
    expect(answer).toMatchObject({
      safe: false,
      inconclusive: false,
      evaluatedSteps: 3,
      blockedStepIndex: 2,
      counterexample: { action: 'delete', resource: '/prod/db' },
    })
    expect(answer.blockedReason).toContain('no-prod')
    expect(answer.trace.map(({ verdict, solver }) => [verdict, solver])).toEqual([
      ['allow', 'off'],
      ['allow', 'off'],
      ['deny', 'off'],
    ])
  })

  it.each([
    ['low', 5],
    ['medium', 10],
    ['high', 20],
    ['critical', 30],
  ] as const)('looks at no more steps than %s risk has: %i', async (risk, bound) => {
    expect(await verifyPlan({ ...plan, risk, steps: steps(bound) })).toMatchObject({
      safe: true,
      inconclusive: false,
      evaluatedSteps: bound,
      bound,
    })
    expect(await verifyPlan({ ...plan, risk, steps: steps(bound + 1) })).toMatchObject({
      safe: false,
      inconclusive: true,
      evaluatedSteps: bound,
    })
  })

  it('counts what the steps before would have done, and executes nothing', async () => {
    let ran = 0
    const tool = { name: 'pay_bill', input: z.object({ resource: z.string() }), cost: 0.4, effect: 'pay', execute: () => ran++ } as const
    const pay = { action: 'pay_bill', resource: '/api/bill' }
    const answer = await verifyPlan({ ...plan, tools: [tool as never], controls: [costTracker({ budget: 1 })], steps: [pay, pay, pay] })
    expect(answer).toMatchObject({ safe: false, blockedStepIndex: 2, trace: [{}, {}, { code: 'budget-exceeded' }] })
    expect(ran).toBe(0)
    const again = await verifyPlan({ ...plan, tools: [tool as never], controls: [costTracker({ budget: 1 })], steps: [pay, pay] })
    expect(again.safe).toBe(true)
  })

  it('takes a step that waits for a person for one that would not run', async () => {
    const answer = await verifyPlan({
      ...plan,
      controls: [humanApproval({ tools: ['deploy'] })],
      steps: [{ action: 'deploy', resource: '/api/x' }],
    })
    expect(answer).toMatchObject({ safe: false, blockedStepIndex: 0, trace: [{ verdict: 'hold', code: 'approval-required' }] })
  })

  it('permits no action that is no tool where there are no policies', async () => {
    expect(await verifyPlan({ principal: 'agent:ops', steps: steps(1) })).toMatchObject({ safe: false, trace: [{ code: 'unknown-tool' }] })
  })

  it('has each step proved where that is asked for', async () => {
    const answer = await verifyPlan({ ...plan, formalVerification: true, steps: steps(2) })
    expect(answer.trace.map(({ solver }) => solver)).toEqual(['simplified', 'simplified'])
  })
})
