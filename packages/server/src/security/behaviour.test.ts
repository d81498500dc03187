import type { Decision, PrincipalId, TenantId } from '@agentgate/core'
import { describe, expect, it } from 'vitest'
import { type Answered, createBehaviour } from './behaviour.ts'
import { mostNetworks } from './networks.ts'
import type { Seen } from './watch.ts'

const limits = { anonymousRequests: 5, requests: 10, bytes: 1_000, refusals: 3 }
const ann = 'User::ann' as PrincipalId
const bob = 'Agent::bob' as PrincipalId

function watched() {
  const raised: Seen[] = []
  let now = 1_000_000
  const behaviour = createBehaviour({
    tenant: 'default' as TenantId,
    limits,
    watch: { raise: async (_, seen) => void raised.push(seen) },
    clock: { now: () => now },
    inBackground: (work) => void work,
  })
  const ask = (more: Partial<Answered> = {}, times = 1) => {
    for (let n = 0; n < times; n++) behaviour.answered({ address: '203.0.113.9', bytes: 10, notPermitted: false, ...more })
  }
  return { raised, ask, behaviour, pass: (ms: number) => void (now += ms) }
}

describe('behaviour', () => {
  it('raises a network of too many requests without a credential, once in a minute', () => {
    const { raised, ask, pass } = watched()
    ask({}, 4)
    pass(60_000)
    ask({}, 4)
    ask({ address: '203.0.113.10' }, 4)
    expect(raised).toEqual([])
    ask({}, 100)
    expect(raised).toEqual([{ kind: 'rate_anomaly', severity: 'medium', subject: 'network:203.0.113.9' }])
    pass(60_000)
    ask({}, 5)
    expect(raised).toHaveLength(2)
  })

  it('counts the addresses of one IPv6 network together', () => {
    const { raised, ask } = watched()
    for (let n = 1; n <= 5; n++) ask({ address: `2001:db8:0:1::${n}` })
    expect(raised.map(({ subject }) => subject)).toEqual(['network:2001:db8:0:1'])
  })

  it('raises a principal of too many requests, wherever they come from, and no network for them', () => {
    const { raised, ask } = watched()
    for (let n = 0; n < 9; n++) ask({ principal: ann, address: `203.0.113.${n}` })
    ask({ principal: bob }, 9)
    expect(raised).toEqual([])
    ask({ principal: ann }, 5)
    expect(raised).toEqual([{ kind: 'rate_anomaly', severity: 'medium', subject: ann }])
  })

  it('raises a principal that is answered too much within a minute, at once or bit by bit', () => {
    const { raised, ask, pass } = watched()
    ask({ principal: ann, bytes: 999 })
    pass(60_000)
    ask({ principal: ann, bytes: 999 })
    ask({ bytes: 100_000 })
    expect(raised).toEqual([])
    ask({ principal: ann, bytes: 1 })
    ask({ principal: bob, bytes: 5_000 })
    expect(raised.map(({ kind, subject }) => [kind, subject])).toEqual([
      ['data_exfiltration', ann],
      ['data_exfiltration', bob],
    ])
  })

  it('raises a principal that tries what it may not, requests and calls together, within an hour', async () => {
    const { raised, ask, behaviour, pass } = watched()
    const decided = async (code: string, verdict: 'deny' | 'hold' = 'deny') =>
      behaviour.observer.decided?.({
        id: 'd1',
        verdict,
        reason: { code, message: '' },
        call: { principal: { id: bob } },
      } as unknown as Decision)
    ask({ principal: bob, notPermitted: true }, 2)
    pass(3_600_000)
    ask({ principal: bob, notPermitted: true })
    await decided('no-permit')
    await decided('threat-found')
    await decided('policy-forbid', 'hold')
    expect(raised).toEqual([])
    await decided('policy-forbid')
    await decided('policy-forbid')
    expect(raised).toEqual([{ kind: 'privilege_escalation', severity: 'high', subject: bob, decision: 'd1' }])
  })

  it('writes no more, however many networks there are', () => {
    const { raised, ask, pass } = watched()
    for (let n = 0; n < 20_000; n++) ask({ address: `2001:db8:${(n >> 8).toString(16)}:${(n & 255).toString(16)}::1` }, 5)
    expect(raised).toHaveLength(mostNetworks + 1)
    expect(raised.at(-1)).toEqual({ kind: 'rate_anomaly', severity: 'high', subject: 'network:many' })
    pass(60_000)
    for (let n = 0; n < 1_000; n++) ask({ address: `2001:db8:ffff:${n.toString(16)}::1` }, 5)
    expect(raised).toHaveLength(mostNetworks + 2)
    pass(3_600_000)
    ask({}, 5)
    expect(raised.at(-1)?.subject).toBe('network:203.0.113.9')
  })
})
