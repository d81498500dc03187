import { memoryLedger, memoryTools, register, type TenantId } from '@agentgate/core'
import { describe, expect, it } from 'vitest'
import { rememberingLedger, rememberingTools } from './remembering.ts'

const tenant = 'a' as TenantId
const tool = (name: string, description: string) =>
  register({ name, description, input: { type: 'object' }, effect: 'read' }, () => description)

describe('remembered tools', () => {
  it('are asked for once, and again after a change', async () => {
    const stored = memoryTools()
    let asked = 0
    const tools = rememberingTools({ ...stored, find: (...which) => (asked++, stored.find(...which)) })
    expect(await tools.find(tenant, 'x')).toBeUndefined()
    await tools.put(tenant, tool('x', 'one'))
    expect((await tools.find(tenant, 'x'))?.facts.digest).toBe('one')
    expect((await tools.find(tenant, 'x'))?.facts.digest).toBe('one')
    expect(asked).toBe(2)
    await tools.remove(tenant, 'x')
    expect(await tools.find(tenant, 'x')).toBeUndefined()
  })

  it('are never those that a change overtook while they were read', async () => {
    const stored = memoryTools()
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const tools = rememberingTools({
      ...stored,
      async find(...which) {
        const found = await stored.find(...which)
        await late
        return found
      },
    })
    const before = tools.find(tenant, 'x')
    await tools.put(tenant, tool('x', 'one'))
    resolve()
    expect(await before).toBeUndefined()
    expect((await tools.find(tenant, 'x'))?.facts.digest).toBe('one')
  })

  it('are asked for again when asking failed', async () => {
    const stored = memoryTools()
    let fails = true
    const tools = rememberingTools({
      ...stored,
      find: async (...which) => (fails ? Promise.reject(new Error('no')) : stored.find(...which)),
    })
    await expect(tools.find(tenant, 'x')).rejects.toThrow('no')
    fails = false
    expect(await tools.find(tenant, 'x')).toBeUndefined()
  })
})

describe('a remembered ledger', () => {
  it('knows its head without asking, and never an older one', async () => {
    const stored = memoryLedger()
    let asked = 0
    const ledger = rememberingLedger({ ...stored, head: (of) => (asked++, stored.head(of)) })
    expect((await ledger.head(tenant)).size).toBe(0)
    await Promise.all([1, 2, 3].map((n) => ledger.append(tenant, [{ type: 'audit', body: `${n}`, moves: true }])))
    expect(await ledger.head(tenant)).toEqual(await stored.head(tenant))
    expect((await ledger.head(tenant)).epoch).toBe(3)
    expect(asked).toBe(1)
  })

  it('asks again after an append that nobody can tell of', async () => {
    const stored = memoryLedger()
    const ledger = rememberingLedger({
      ...stored,
      async append(...given) {
        await stored.append(...given)
        throw new Error('cannot tell')
      },
    })
    expect((await ledger.head(tenant)).size).toBe(0)
    await expect(ledger.append(tenant, [{ type: 'audit', body: '1' }])).rejects.toThrow('cannot tell')
    expect((await ledger.head(tenant)).size).toBe(1)
  })
})
