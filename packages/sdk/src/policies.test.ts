import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Agent } from './agent.ts'
import { PolicyDenied } from './errors.ts'

const reader = (agent: Agent) =>
  agent.tool({ name: 'read_data', input: z.object({ resource: z.string() }), execute: ({ resource }) => `Data from ${resource}` })

describe('the policies of an agent', () => {
  it('may be quick rules', async () => {
    const agent = new Agent({
      policies: [
        {
          policy_json: {
            pre_rules: [
              { type: 'permit', action: '*', resource: '/api/*' },
              { type: 'deny', action: '*', resource: '/api/secret/*' },
            ],
          },
        },
      ],
    })
    const read = reader(agent)
    expect(await read({ resource: '/api/users' })).toBe('Data from /api/users')
    await expect(read({ resource: '/api/secret/key' })).rejects.toBeInstanceOf(PolicyDenied)
    await expect(read({ resource: '/other' })).rejects.toBeInstanceOf(PolicyDenied)
  })

  it('may be conditioned rules, also on the input of a tool that is registered later', async () => {
    const rules = [{ rule_id: 'small', effect: 'allow', conditions: [{ field: 'input.amount', operator: 'lt', value: 100 }] }]
    const agent = new Agent({ policies: [{ policy_json: { policy_set_id: 'p', version: '1', default_effect: 'deny', rules } }] })
    const pay = agent.tool({ name: 'payout', input: z.object({ amount: z.int() }), execute: ({ amount }) => amount })
    expect(await pay({ amount: 99 })).toBe(99)
    await expect(pay({ amount: 100 })).rejects.toBeInstanceOf(PolicyDenied)
  })

  it('may be several, of which any that forbids decides', async () => {
    const agent = new Agent({
      policies: [
        'permit (principal, action, resource);',
        { text: '@id("no") forbid (principal, action, resource) when { context.resource like "/b*" };' },
      ],
    })
    const read = reader(agent)
    expect(await read({ resource: '/a' })).toBe('Data from /a')
    await expect(read({ resource: '/b' })).rejects.toThrow('agent-2/no')
  })

  it('are checked when the agent is made, each mistake with its place', () => {
    const quick = { pre_rules: [{ type: 'permitt', action: '*', resource: '*' }] }
    expect(() => new Agent({ policies: [{ policy_json: quick }] })).toThrow('/pre_rules/0')
    const rules = [{ rule_id: 'r', effect: 'allow', conditions: [{ field: 'action', operator: 'is', value: 'x' }] }]
    const conditioned = { policy_set_id: 'p', version: '1', default_effect: 'deny', rules }
    expect(() => new Agent({ policies: [{ policy_json: conditioned }] })).toThrow('/rules/0')
    expect(() => new Agent({ policies: [{ text: 'permit (principal, action);' }] })).toThrow(/1:\d+/)
  })

  it('permit nothing when there are none', async () => {
    await expect(reader(new Agent({ policies: [] }))({ resource: '/a' })).rejects.toBeInstanceOf(PolicyDenied)
  })
})
