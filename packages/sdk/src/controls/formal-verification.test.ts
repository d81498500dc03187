import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Agent, formalVerification, PolicyDenied, shadow, verifyPlan } from '../index.ts'

const policies = `
  permit (principal == Agent::"ops", action, resource) when { context.resource like "/api/*" };
  @id("no-prod") forbid (principal, action in Action::"delete", resource) when { context.resource like "/prod/*" };`

describe('formalVerification', () => {
  it('proves each decision by its own policies, for its own principal, and hands each on', async () => {
    const told: string[] = []
    const agent = new Agent({
      controls: [formalVerification({ principal: 'ops', policies, onCertificate: ({ id }) => void told.push(id) })],
    })
    const input = z.object({ resource: z.string() })
    const read = agent.tool({ name: 'read_data', input, execute: ({ resource }) => resource })
    const remove = agent.tool({ name: 'remove', effect: 'delete', input, execute: () => 'removed' })
    expect(await read({ resource: '/api/x' })).toBe('/api/x')
    expect(agent.lastDecision?.proof.solver).toMatchObject({ name: 'z3', mode: 'enforce' })
    await expect(remove({ resource: '/prod/x' })).rejects.toBeInstanceOf(PolicyDenied)
    expect(await agent.verifyLastCertificate()).toBe(true)
    expect(told).toEqual(agent.traces.map(({ decision }) => decision.id))
    expect(agent.policies).toBe(policies)
    const steps = [{ action: 'remove', resource: '/prod/x' }]
    expect(await verifyPlan({ principal: 'ops', controls: [formalVerification({ policies })], steps })).toMatchObject({ safe: false })
  })

  it('only says so in shadow', async () => {
    const agent = new Agent({ controls: [formalVerification({ mode: 'shadow' })] })
    await agent.tool({ name: 'look', input: z.object({}), execute: () => 1 })({})
    expect(agent.lastDecision?.proof.solver).toMatchObject({ name: 'z3', mode: 'shadow' })
  })

  it('is one of an agent, which has its policies in one place', () => {
    expect(() => new Agent({ controls: [formalVerification(), formalVerification()] })).toThrow('has one')
    expect(() => new Agent({ policies, controls: [formalVerification({ policies })] })).toThrow('in one place')
    expect(() => new Agent({ controls: [shadow(formalVerification())] })).toThrow("`mode: 'shadow'`")
    expect(() => new Agent({ url: 'http://127.0.0.1:9', apiKey: 'ag_x', controls: [formalVerification()] })).toThrow('the server proves')
  })
})
