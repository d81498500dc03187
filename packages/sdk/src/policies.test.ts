import { setImmediate } from 'node:timers/promises'
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

  const refund = {
    name: 'refund',
    input: z.object({ amount: z.int(), note: z.string().optional() }),
    execute: ({ amount }: { amount: number }) => amount,
  }

  it('may name a tool in Cedar before it is registered, and judge its input', async () => {
    const agent = new Agent({ policies: ['permit(principal, action == Action::"refund", resource) when { context.input.amount < 100 };'] })
    const pay = agent.tool(refund)
    expect(await pay({ amount: 99 })).toBe(99)
    await expect(pay({ amount: 100 })).rejects.toBeInstanceOf(PolicyDenied)
  })

  it('may name a tool that this agent never registers, which is said once as a warning', async () => {
    const warned: string[] = []
    const hear = ({ message }: Error) => void warned.push(message)
    process.on('warning', hear)
    try {
      const agent = new Agent({
        policies: ['permit(principal, action == Action::"refund", resource); permit(principal, action == Action::"read_data", resource);'],
      })
      const read = reader(agent)
      expect(await read({ resource: '/a' })).toBe('Data from /a')
      expect(await read({ resource: '/b' })).toBe('Data from /b')
      await setImmediate()
      expect(warned.filter((message) => message.includes('`refund`'))).toHaveLength(1)
      expect(warned.filter((message) => message.includes('`read_data`'))).toEqual([])
    } finally {
      process.off('warning', hear)
    }
  })

  it('may not misspell an argument: the tool is refused with the line and the column, and not registered', () => {
    for (const condition of ['context.input.amuont < 100', 'context.input has amuont && context.input.amuont > 100']) {
      const agent = new Agent({
        policies: [`permit(principal, action, resource);\nforbid(principal, action == Action::"refund", resource)\nwhen { ${condition} };`],
      })
      expect(() => agent.tool(refund)).toThrow(TypeError)
      expect(() => agent.tool(refund)).toThrow(/^The agent's policies are not valid:\n[23]:\d+ /)
      expect(agent.openaiTools()).toEqual([])
    }
    expect(() => new Agent({ policies: ['permit(principal, action, resource)\nwhen { context.input.amount < 100 };'] })).toThrow(/\n2:8 /)
  })

  it('may ask of any tool that has an argument; if none has it, the first call says so and does not run', async () => {
    const rule = (argument: string) =>
      `permit(principal, action, resource); forbid(principal, action, resource) when { context.input has ${argument} && context.input.${argument} > 9 };`
    const right = new Agent({ policies: [rule('amount')] })
    reader(right)
    const pay = right.tool(refund)
    expect(await pay({ amount: 9 })).toBe(9)
    await expect(pay({ amount: 10 })).rejects.toBeInstanceOf(PolicyDenied)

    let ran = 0
    const wrong = new Agent({ policies: ['permit(principal, action, resource);', rule('amuont')] })
    const never = wrong.tool({ ...refund, execute: () => ++ran })
    await expect(never({ amount: 1 })).rejects.toThrow(/^The agent's policies are not valid:\npolicies\[1\] 1:\d+ /)
    expect(ran).toBe(0)
    const typed = new Agent({ policies: [rule('note')] })
    expect(() => typed.tool(refund)).toThrow(/1:\d+ /)
  })

  it('are asked again as tools are added', async () => {
    const agent = new Agent({
      policies: [
        'permit(principal, action in [Action::"read_data", Action::"refund"], resource)\nwhen { context.input.resource == "/a" };',
      ],
    })
    const read = reader(agent)
    expect(await read({ resource: '/a' })).toBe('Data from /a')
    expect(() => agent.tool(refund)).toThrow(/2:8 .*Action::"refund"/)
    expect(await read({ resource: '/a' })).toBe('Data from /a')
  })

  it('see a number as the type that its schema gives it', async () => {
    const agent = new Agent({
      policies: ['permit(principal, action == Action::"price", resource) when { context.input.price.lessThan(decimal("10.5")) };'],
    })
    const price = agent.tool({ name: 'price', input: z.object({ price: z.number() }), execute: ({ price }) => price })
    expect(await price({ price: 10 })).toBe(10)
    await expect(price({ price: 11 })).rejects.toBeInstanceOf(PolicyDenied)
  })

  it('permit nothing when there are none', async () => {
    await expect(reader(new Agent({ policies: [] }))({ resource: '/a' })).rejects.toBeInstanceOf(PolicyDenied)
  })
})
