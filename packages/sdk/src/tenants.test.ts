import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { Agent } from './agent.ts'
import { piiVault } from './controls/pii-vault.ts'
import { rateLimiter } from './controls/rate-limiter.ts'
import { fileApprovals } from './file-approvals.ts'
import { memoryJournal } from './transaction/journal.ts'

const input = z.object({ text: z.string() })

describe('an agent that serves several tenants', () => {
  it('shares no limit, token or session between them, and verifies the evidence of each', async () => {
    const agent = new Agent({ controls: [piiVault(), rateLimiter({ maxCalls: 1, window: '1h' })] })
    const got: string[] = []
    const look = agent.tool({ name: 'look', input, execute: ({ text }) => void got.push(text) })
    await look({ text: 'of ada@example.com' }, { tenant: 'acme', session: 's1' })
    const acme = agent.lastDecision
    await look({ text: 'of bob@example.com' }, { tenant: 'globex', session: 's1' })
    await look({ text: 'tea' })
    // The second of each is one too many for that tenant.
    for (const tenant of ['acme', 'globex'])
      await expect(look({ text: 'tea' }, { tenant })).rejects.toMatchObject({ code: 'rate-exceeded' })
    expect(got).toEqual(['of <EMAIL_1>', 'of <EMAIL_1>', 'tea'])
    const tenants = agent.traces.map(({ decision }) => decision.call.tenant)
    expect(new Set(tenants).size).toBe(3)
    expect(tenants[0]).toBe(tenants[3])
    expect(JSON.stringify(agent.traces)).not.toMatch(/acme|globex/)
    expect(await agent.verifyLastCertificate()).toBe(true)
    if (!acme) throw new Error('no decision')
    expect(JSON.parse((await agent.evidence(acme.id)).bundle)).toBeTypeOf('object')
  })

  it('puts what waits in any of them before people, and takes the answer for that one alone', async () => {
    const agent = new Agent()
    const ran: string[] = []
    const remove = agent.tool({ name: 'remove', input, approval: true, execute: ({ text }) => void ran.push(text) })
    const calls = ['acme', 'globex'].map((tenant) => remove({ text: tenant }, { tenant }).catch((error: unknown) => error))
    await expect.poll(async () => (await agent.approvals.pending()).length).toBe(2)
    const pending = await agent.approvals.pending()
    const of = (tenant: string) => pending.find(({ call }) => call.input['text'] === tenant)?.id ?? ''
    expect(await agent.approvals.approve(of('acme'), { by: 'User::bob' })).toBe(true)
    expect(await agent.approvals.deny(of('globex'), { by: 'User::bob', reason: 'no' })).toBe(true)
    expect(await calls[0]).toBeNull()
    expect(await calls[1]).toMatchObject({ code: 'approval-denied', deniedBy: 'User::bob' })
    expect(ran).toEqual(['acme'])
  })

  it('lets people answer after a restart, before the call is made again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'agentgate-tenants-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const key = new Uint8Array(32).fill(7)
    const begin = () => {
      const agent = new Agent({ agentId: 'kept', approvals: fileApprovals({ folder, key }) })
      return { agent, remove: agent.tool({ name: 'remove', input, approval: true, execute: () => 'gone' }) }
    }
    const first = begin()
    void first.remove({ text: 'x' }, { tenant: 'acme' }).catch(() => undefined)
    await expect.poll(async () => (await first.agent.approvals.pending()).length).toBe(1)
    const next = begin()
    const [waiting] = await next.agent.approvals.pending()
    expect(await next.agent.approvals.approve(waiting?.id ?? '', { by: 'User::bob' })).toBe(true)
    expect(await next.remove({ text: 'x' }, { tenant: 'acme' })).toBe('gone')
  })

  it('undoes a step for whom it was done, after a crash as well', async () => {
    const journal = memoryJournal()
    const begin = () => {
      const agent = new Agent({ journal })
      const undone: string[] = []
      agent.tool({ name: 'add', input, execute: ({ text }) => text, compensation: ({ text }) => void undone.push(text) })
      return { agent, undone }
    }
    const { agent, undone } = begin()
    const work = async () => {
      await agent.call('add', { text: 'x' })
      throw new Error('stop')
    }
    await expect(agent.within({ tenant: 'acme' }, () => agent.transaction(work))).rejects.toThrow('stop')
    expect(undone).toEqual(['x'])
    const [added, compensated] = agent.traces.map(({ decision }) => decision.call)
    expect(compensated).toMatchObject({ tool: { name: 'compensate.add' }, tenant: added?.tenant })

    const id = crypto.randomUUID()
    await journal.append({ transaction: id, kind: 'started', step: 0, tool: 'add', input: { text: 'y' }, tenant: 'acme' })
    await journal.append({ transaction: id, kind: 'succeeded', step: 0, output: 'y' })
    const later = begin()
    await later.agent.recoverTransactions()
    expect(later.undone).toEqual(['y'])
    expect(later.agent.traces[0]?.decision.call.tenant).not.toBe('local')
  })

  it('is told by its key whose it is, where a server governs', async () => {
    const agent = new Agent({ url: 'http://127.0.0.1:9', apiKey: 'ag_x' })
    const look = agent.tool({ name: 'look', input, execute: () => 1 })
    await expect(look({ text: 'x' }, { tenant: 'acme' })).rejects.toThrow('leave `tenant` out')
  })
})
