import { randomBytes } from 'node:crypto'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PrincipalId, TenantId } from '@agentgate/core'
import { approvalsContract } from '@agentgate/core/contracts'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { z } from 'zod'
import { Agent, ApprovalDenied, type CallOptions, fileApprovals, humanApproval, piiVault } from './index.ts'

const key = randomBytes(32)
const patience = { timeout: 20_000 }

function folderOf() {
  const folder = mkdtempSync(join(tmpdir(), 'agentgate-approvals-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

approvalsContract('file', () => fileApprovals({ folder: folderOf(), key }))

/** An agent as a process starts it: what it had in memory is gone, its folder is not. */
function started(
  folder: string,
  options: { readonly amount?: number; readonly timeout?: string | number; readonly agentId?: string; readonly proved?: boolean } = {},
) {
  const { timeout = '1h', agentId = 'a', proved = false } = options
  const ran: unknown[] = []
  const agent = new Agent({
    agentId,
    formalVerification: proved,
    approvals: fileApprovals({ folder, key }),
    controls: [piiVault(), humanApproval({ tools: ['pay'], timeout: timeout as '1h' })],
  })
  const pay = agent.tool({
    name: 'pay',
    input: z.object({ to: z.string(), amount: z.number() }),
    execute: (input) => {
      ran.push(input)
      return 'paid'
    },
  })
  const call = (as: CallOptions = {}, amount = 5) => pay({ to: 'ada@example.com', amount }, as).catch((error: unknown) => error)
  const pending = () => vi.waitUntil(async () => (await agent.approvals.pending())[0], patience)
  const count = async () => (await agent.approvals.pending()).length
  return { agent, call, pending, count, ran }
}

/** A call that waits when its process ends. */
async function asked(folder: string, as: CallOptions = {}) {
  const { call, pending } = started(folder)
  void call(as)
  return pending()
}

describe('approvals kept in a folder', () => {
  it('give the one that was answered, where the same call was asked for twice', async () => {
    const folder = folderOf()
    const { agent, call, count } = started(folder)
    void call()
    void call()
    await vi.waitUntil(async () => (await count()) === 2, patience)
    // Another process has no callers who wait, and would take the answer up.
    const first = (await agent.approvals.pending()).at(-1)
    const kept = fileApprovals({ folder, key })
    const by = { by: 'User::bob' as PrincipalId, approved: true, reason: '', at: Date.now(), roles: ['approver'] }
    expect(await kept.answer('local' as TenantId, first?.id ?? '', by)).toBe(true)
    const again = started(folder)
    expect(await again.call()).toBe('paid')
    expect(again.ran).toHaveLength(1)
  })

  it('let a call that is made again after a restart pick up an answer that was given before it', async () => {
    const folder = folderOf()
    const { agent, call, pending } = started(folder)
    const signal = new AbortController()
    const left = call({ signal: signal.signal })
    const { id } = await pending()
    signal.abort(new Error('the process ends'))
    await left
    expect(await agent.approvals.approve(id, { by: 'User::bob' })).toBe(true)
    const next = started(folder)
    expect(await next.call()).toBe('paid')
    expect(next.agent.lastDecision?.approval).toBe(id)
    expect(next.ran).toEqual([{ to: '<EMAIL_1>', amount: 5 }])
  })

  it('let a call go on after a restart also where each decision is proved', async () => {
    const folder = folderOf()
    const { call, pending } = started(folder, { proved: true })
    void call()
    const { id } = await pending()
    // Another process has no callers who wait, and would take the answer up.
    const by = { by: 'User::bob' as PrincipalId, approved: true, reason: '', at: Date.now(), roles: ['approver'] }
    expect(await fileApprovals({ folder, key }).answer('local' as TenantId, id, by)).toBe(true)
    const next = started(folder, { proved: true })
    expect(await next.call()).toBe('paid')
    expect(next.agent.lastDecision?.approval).toBe(id)
  })

  it('let people answer after the restart, before the call is made again or while it waits', async () => {
    for (const early of [true, false]) {
      const folder = folderOf()
      const { id } = await asked(folder)
      const next = started(folder)
      const again = early ? undefined : next.call()
      expect((await next.pending()).id).toBe(id)
      if (again) await vi.waitUntil(() => next.agent.traces.length === 1, patience)
      expect(await next.agent.approvals.approve(id, { by: 'User::bob' })).toBe(true)
      expect(await (again ?? next.call())).toBe('paid')
    }
  })

  it('let a no outlive it as well', async () => {
    const folder = folderOf()
    const { id } = await asked(folder)
    const next = started(folder)
    await next.agent.approvals.deny(id, { by: 'User::bob', reason: 'not today' })
    const last = started(folder)
    const denied = await last.call()
    expect(denied).toBeInstanceOf(ApprovalDenied)
    expect(denied).toMatchObject({ deniedBy: 'User::bob', reason: { message: 'not today' } })
    expect(last.ran).toEqual([])
  })

  it.each([
    ['another argument', {}, 6, 'a'],
    ['another user', { user: 'eve' }, 5, 'a'],
    ['another conversation', { session: 's' }, 5, 'a'],
    ['another agent', {}, 5, 'b'],
  ])('serve no call with %s', async (_, as, amount, agentId) => {
    const folder = folderOf()
    const { id } = await asked(folder)
    const next = started(folder, { agentId })
    await next.agent.approvals.approve(id, { by: 'User::bob' })
    void next.call(as, amount)
    const other = await next.pending()
    expect(other.id).not.toBe(id)
    expect(next.ran).toEqual([])
  })

  it('serve one call, of those that ask at once', async () => {
    const folder = folderOf()
    const { id } = await asked(folder, { user: 'u', session: 's' })
    const next = started(folder)
    await next.agent.approvals.approve(id, { by: 'User::bob' })
    const calls = [1, 2, 3].map(() => next.call({ user: 'u', session: 's' }))
    expect(await Promise.race(calls)).toBe('paid')
    await vi.waitUntil(async () => (await next.count()) === 2, patience)
    expect(next.ran).toHaveLength(1)
  })

  it('serve no call of a later process, once they served one', async () => {
    const folder = folderOf()
    const { id } = await asked(folder)
    const next = started(folder)
    await next.agent.approvals.approve(id, { by: 'User::bob' })
    expect(await next.call()).toBe('paid')
    const last = started(folder)
    const again = last.call()
    const { id: anew } = await Promise.race([last.pending(), again.then(() => ({ id: 'ran' }))])
    expect(anew).not.toBe(id)
    expect(last.ran).toEqual([])
  })

  it('forget what nobody answered in time', async () => {
    const folder = folderOf()
    const first = started(folder, { timeout: 40 })
    await first.call()
    expect(await started(folder).count()).toBe(0)
  })

  it('hold no personal data and no reason in the open, survive a torn line, and open under no other key', async () => {
    const folder = folderOf()
    const { id } = await asked(folder)
    const path = join(folder, 'approvals')
    appendFileSync(path, 'torn by a cra')
    const next = started(folder)
    expect(await next.agent.approvals.approve(id, { by: 'User::bob', reason: 'Ada is fine' })).toBe(true)
    const text = readFileSync(path, 'utf8')
    expect(text.split('\n')).toHaveLength(3)
    // With a sign each that no base64 has.
    for (const word of ['ada@', 'Ada ', '[EMAIL', '"pay"', '::bob']) expect(text).not.toContain(word)
    expect(await started(folder).call()).toBe('paid')
    writeFileSync(path, text.split('\n').toReversed().join('\n').trimStart().concat('\n'))
    await expect(fileApprovals({ folder, key }).find('local' as never, id)).rejects.toThrow('changed')
    writeFileSync(path, text)
    await expect(fileApprovals({ folder, key: randomBytes(32) }).list('local' as never, { limit: 1 })).rejects.toThrow('another key')
    expect(() => fileApprovals({ folder, key: randomBytes(16) })).toThrow(RangeError)
    expect(() => fileApprovals({ folder } as never)).toThrow('give 32 random ones')
  })
})
