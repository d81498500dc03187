import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Agent, costTracker, Refused, ToolFailed } from './index.ts'

describe('the certificate of a call', () => {
  it('goes with what the call throws, and with the last decision of this async context', async () => {
    const agent = new Agent({ controls: [costTracker({ budget: 0, defaultCost: 1 })] })
    const refused = agent.tool({ name: 'refused', input: z.object({}), execute: () => 'ran' })
    const failing = agent.tool({ name: 'failing', input: z.object({}), cost: 0, execute: () => Promise.reject(new Error('broken')) })
    const fine = agent.tool({ name: 'fine', input: z.object({}), cost: 0, execute: () => 'ran' })
    const of = async (work: () => Promise<unknown>) => {
      const thrown = await work().catch((error: unknown) => error)
      const own = thrown instanceof Refused || thrown instanceof ToolFailed ? thrown.certificate : undefined
      return { own, last: agent.lastCertificate, valid: await agent.verifyLastCertificate() }
    }
    expect(agent.lastCertificate).toBeUndefined()
    const all = await Promise.all([of(() => refused({})), of(() => failing({})), of(() => fine({}))])
    expect(new Set(all.map(({ last }) => last)).size).toBe(3)
    for (const { own, last, valid } of all) expect([own ?? last, valid]).toEqual([last, true])
    expect(all.map(({ own }) => own === undefined)).toEqual([false, false, true])
  })
})
