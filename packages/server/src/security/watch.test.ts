import { type AuditLog, memoryBlocklist, memoryCounter, memoryThreats, type PrincipalId, type TenantId } from '@agentgate/core'
import { describe, expect, it } from 'vitest'
import { createWatch } from './watch.ts'

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
  return { servers: [one(), one()] as const, told, events, pass: (ms: number) => void (now += ms) }
}

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
