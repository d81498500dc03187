import { memoryLedger, memoryPolicies, memoryTools, register, type TenantId } from '@agentgate/core'
import { describe, expect, it } from 'vitest'
import { rememberingLedger, rememberingPolicies, rememberingTools } from './remembering.ts'

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

describe('remembered policies', () => {
  const set = (id: string) => ({ id, text: id, digest: id, publishedAt: 0, publishedBy: 'User::u' as never })

  it('are asked for once, and again after a change of what is active', async () => {
    const stored = memoryPolicies()
    let asked = 0
    const policies = rememberingPolicies({ ...stored, active: (of) => (asked++, stored.active(of)) })
    await policies.publish(tenant, set('a'))
    expect(await policies.active(tenant)).toEqual([])
    const { generation } = await policies.standings(tenant)
    expect(await policies.move(tenant, generation, { id: 'a', active: 1, locked: false, deleted: false, trail: [] })).toBe(true)
    for (let n = 0; n < 3; n++) expect((await policies.active(tenant)).map(({ id }) => id)).toEqual(['a'])
    expect(asked).toBe(2)
    await policies.move(tenant, generation, { id: 'a', locked: false, deleted: false, trail: [] })
    expect(await policies.active(tenant)).toHaveLength(1)
    expect(asked).toBe(3)
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
