import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { z } from 'zod'
import { Agent, auditLog, humanApproval, piiVault, validator } from '../index.ts'

it('writes one start and one end for every call, whatever becomes of it, by the time that it returns', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'agentgate-audit-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const output = join(folder, 'audit.jsonl')
  const agent = new Agent({
    controls: [
      piiVault(),
      auditLog({ output }),
      validator({ blockTools: ['blocked'] }),
      humanApproval({ tools: ['held', 'denied', 'late'], timeout: 300 }),
    ],
  })
  for (const name of ['fine', 'blocked', 'held', 'denied', 'late']) {
    agent.tool({ name, input: z.object({ text: z.string() }), execute: () => 'to ada@example.com' })
  }
  agent.tool({ name: 'broken', input: z.object({ text: z.string() }), execute: () => Promise.reject(new Error('not for ada@example.com')) })
  const records = () =>
    readFileSync(output, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; call: string; status?: string; reason?: string })

  const ends: Record<string, string> = {}
  for (const [name, input] of [
    ['fine', { text: 'ada@example.com' }],
    ['fine', { text: 1 }],
    ['blocked', { text: 'x' }],
    ['nowhere', { text: 'x' }],
    ['broken', { text: 'x' }],
    ['held', { text: 'x' }],
    ['denied', { text: 'x' }],
    ['late', { text: 'x' }],
  ] as const) {
    const call = agent.call(name, input).catch(() => undefined)
    if (name === 'held' || name === 'denied') {
      const { id } = await vi.waitUntil(async () => (await agent.approvals.pending())[0])
      await (name === 'held' ? agent.approvals.approve : agent.approvals.deny)(id, { by: 'User::bob' })
    }
    await call
    const own = records().filter((record) => record.call === agent.traces.at(-1)?.decision.call.id)
    expect(
      own.map(({ event }) => event),
      name,
    ).toEqual(['start', 'end'])
    ends[`${name} ${typeof input.text}`] = `${own[1]?.status} ${own[1]?.reason ?? ''}`.trim()
  }
  expect(ends).toEqual({
    'fine string': 'succeeded',
    'fine number': 'refused invalid-input',
    'blocked string': 'refused tool-blocked',
    'nowhere string': 'refused unknown-tool',
    'broken string': 'failed',
    'held string': 'succeeded',
    'denied string': 'refused approval-denied',
    'late string': 'refused approval-timeout',
  })
  await Promise.all(Array.from({ length: 50 }, () => agent.call('fine', { text: 'at once' })))
  expect(records()).toHaveLength(2 * (8 + 50))
  expect(readFileSync(output, 'utf8')).not.toContain('ada@')
})
