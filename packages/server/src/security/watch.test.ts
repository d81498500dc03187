import { type AuditLog, memoryBlocklist, memoryCounter, memoryThreats, type PrincipalId, type TenantId } from '@agentgate/core'
import { describe, expect, it } from 'vitest'
import { many, mostNetworks } from './networks.ts'
import { createWatch, mostBlocks, mostFailures } from './watch.ts'

const tenant = 'default' as TenantId
const seen = { kind: 'sql_injection', severity: 'critical', subject: 'Agent::1' } as const

/** Two servers of one store, each with its own memory. */
function pair() {
  const [threats, blocklist, counter] = [memoryThreats(), memoryBlocklist(), memoryCounter()]
  const told: number[] = []
  const events: string[] = []
  const audit: Pick<AuditLog, 'record'> = {
    async record(_, { type }) {
      events.push(type)
      return { taken: '' }
    },
  }
  let now = 1_000_000
  let ids = 0
  const one = () =>
    createWatch({
      threats,
      blocklist,
      counter,
      audit: audit as AuditLog,
      alerts: { tell: ({ count }) => void told.push(count) },
      clock: { now: () => now },
      newId: () => `t${++ids}`,
    })
  return { servers: [one(), one()] as const, threats, blocklist, counter, told, events, pass: (ms: number) => void (now += ms) }
}

describe('blocks that nobody asked for', () => {
  it('all hold, and fill no record: those by hand are on record each', async () => {
    const { servers, events, pass } = pair()
    const block = (n: number, by?: 'User::1') =>
      servers[0].block({
        tenant,
        subject: `network:2001:db8:${n.toString(16)}`,
        until: 9_000_000,
        why: 'brute_force',
        ...(by && { by: by as PrincipalId }),
      })
    for (let n = 0; n < mostBlocks + 50; n++) await block(n)
    expect(events).toHaveLength(mostBlocks)
    await block(9_999, 'User::1')
    expect(events).toHaveLength(mostBlocks + 1)
    expect(await servers[0].blockedPrincipal(tenant, `network:2001:db8:${(mostBlocks + 40).toString(16)}` as PrincipalId)).toBe(true)
    pass(3_600_000)
    await block(10_000)
    expect(events).toHaveLength(mostBlocks + 2)
  })
})

describe('two servers of one store', () => {
  it('tell each sighting of a threat once between them, and put it on record once', async () => {
    const { servers, told, events } = pair()
    await Promise.all(Array.from({ length: 30 }, async (_, n) => servers[n % 2 === 0 ? 0 : 1].raise(tenant, seen)))
    expect(told.toSorted((one, other) => one - other)).toEqual(Array.from({ length: 30 }, (_, n) => n + 1))
    expect(events).toEqual(['threat.raised'])
  })

  it('tell nobody of what is raised quietly, and keep it all the same', async () => {
    const { servers, told, events } = pair()
    await servers[0].raise(tenant, seen, 'quietly')
    expect([told, events]).toEqual([[], ['threat.raised']])
  })

  it('both refuse a principal within a second of its block, and answer it when the block is over', async () => {
    const { servers, pass } = pair()
    const principal = 'Agent::1' as PrincipalId
    const blocked = async () => Promise.all(servers.map(async (server) => server.blockedPrincipal(tenant, principal)))
    expect(await blocked()).toEqual([false, false])
    await servers[0].block({ tenant, subject: principal, until: 1_010_000, why: 'by-hand' })
    expect(await servers[0].blockedPrincipal(tenant, principal)).toBe(true)
    pass(1_000)
    expect(await blocked()).toEqual([true, true])
    expect(await servers[1].blocked(tenant, '203.0.113.9')).toBe(false)
    pass(9_000)
    expect(await blocked()).toEqual([false, false])
  })
})

describe('failed sign-ins', () => {
  it('name so many networks, and all others as one, but block each', async () => {
    const { servers, threats, blocklist, pass } = pair()
    const guess = async (network: number) => {
      for (let n = 0; n < 20; n++)
        await servers[0].signInFailed(tenant, {
          address: `203.0.${network >> 8}.${network & 255}`,
          account: 'ann@example.com',
          silent: true,
        })
    }
    for (let network = 0; network < mostNetworks + 30; network++) await guess(network)
    const subjects = async () => (await threats.list(tenant, { limit: 1_000 })).map(({ subject }) => subject)
    expect(await subjects()).toHaveLength(mostNetworks + 1)
    expect((await subjects()).filter((subject) => subject === many)).toHaveLength(1)
    expect(await blocklist.list(tenant, 1_000_000)).toHaveLength(mostNetworks + 30)
    pass(3_600_000)
    await guess(4_000)
    expect(await subjects()).toContain('network:203.0.15.160')
  })

  it('are on record one by one, up to so many an hour: then there is a threat', async () => {
    const { servers, events, threats, pass } = pair()
    const fail = async (n: number, silent = false) =>
      servers[0].signInFailed(tenant, { address: `203.0.${n >> 8}.${n & 255}`, account: 'ann@example.com', silent })
    const failures = () => events.filter((type) => type === 'login.failed').length
    for (let n = 0; n < 10; n++) await fail(n, true)
    expect(failures()).toBe(0)
    for (let n = 0; n < mostFailures; n++) await fail(n)
    expect([failures(), (await threats.list(tenant)).map(({ subject }) => subject)]).toEqual([mostFailures, [many]])
    for (let n = 0; n < 100; n++) await fail(n)
    expect(failures()).toBe(mostFailures)
    pass(3_600_000)
    await fail(0)
    expect(failures()).toBe(mostFailures + 1)
  })

  it('are counted no further than matters, however many there are', async () => {
    const { servers, counter } = pair()
    const ids = new Set<string>()
    const reserve = counter.reserve
    Object.assign(counter, {
      reserve: async (...asked: Parameters<typeof reserve>) => {
        const answer = await reserve(...asked)
        if (answer.ok) ids.add(asked[0].id)
        return answer
      },
    })
    for (let n = 0; n < 300; n++)
      await servers[n % 2 === 0 ? 0 : 1].signInFailed(tenant, { address: '127.0.0.1', account: `user${n}@example.com` })
    expect(ids.size).toBe(30)
  })
})
