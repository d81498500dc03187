import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { bundle, signingKeys } from '@agentgate/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sampleDecision, sampleRoom, sampleSeed } from '../../core/src/evidence/sample.ts'
import { run } from './main.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentgate-cli-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function write(name: string, text: string): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, text)
  return file
}

/** What a person at the terminal gets. */
async function typed(...words: string[]) {
  const out: string[] = []
  const err: string[] = []
  const code = await run(
    words,
    {},
    (line) => out.push(line),
    (line) => err.push(line),
  )
  return { code, out: out.join('\n'), err: err.join('\n') }
}

async function evidence() {
  const room = sampleRoom()
  const decision = sampleDecision()
  await room.recorder.decided(decision, { epoch: 0, keys: [] })
  await room.recorder.concluded(decision, { status: 'succeeded', output: { ok: true } }, decision.issuedAt + 5)
  const text = await bundle(room, room.record(decision.id))
  return { text, decision, keys: JSON.stringify(signingKeys(sampleSeed('first')).jwks()), id: room.signer.key.id }
}

describe('agentgate evidence verify', () => {
  it('says valid, with each check by name, for evidence signed by a pinned key', async () => {
    const { text, decision, keys } = await evidence()
    const { code, out, err } = await typed('evidence', 'verify', await write('a.json', text), '--trust', await write('keys.json', keys))
    expect(err).toBe('')
    expect(code).toBe(0)
    for (const name of ['trusted-key', 'certificate-signature', 'inclusion', 'outcome'])
      expect(out).toMatch(new RegExp(`^pass  ${name} `, 'm'))
    expect(out).not.toMatch(/^FAIL/m)
    expect(out).toContain(decision.id)
    expect(out).toMatch(/^VALID:/m)
  })

  it('takes a fingerprint as well as a file', async () => {
    const { text, id } = await evidence()
    expect(await typed('evidence', 'verify', await write('f.json', text), '--trust', `sha256:${id}`)).toMatchObject({ code: 0 })
  })

  it('never calls evidence valid that another key signed', async () => {
    const { text } = await evidence()
    const other = JSON.stringify(signingKeys(sampleSeed('someone else')).jwks())
    const { code, out } = await typed('evidence', 'verify', await write('b.json', text), '--trust', await write('other.json', other))
    expect(code).toBe(1)
    expect(out).toMatch(/^FAIL  trusted-key /m)
    expect(out).toMatch(/^UNTRUSTED:/m)
    expect(out).not.toMatch(/^VALID/m)
  })

  it('names the check that a changed file fails', async () => {
    const { text, keys } = await evidence()
    const trust = await write('k.json', keys)
    const parts: { outcome: { body: string } } = JSON.parse(text)
    const body = Buffer.from(parts.outcome.body, 'base64').toString().replace('succeeded', 'failed')
    const changed = text.replace(parts.outcome.body, Buffer.from(body).toString('base64'))
    const { code, out } = await typed('evidence', 'verify', await write('c.json', changed), '--trust', trust)
    expect(code).toBe(1)
    expect(out).toMatch(/^FAIL  outcome /m)
    expect(await typed('evidence', 'verify', await write('d.json', `${text} `), '--trust', trust)).toMatchObject({ code: 1 })
  })

  it('says in one line what it cannot read, and exits with 2', async () => {
    const { keys, text } = await evidence()
    const trust = await write('t.json', keys)
    const file = await write('e.json', text)
    const missing = await typed('evidence', 'verify', join(folder, 'none.json'), '--trust', trust)
    expect(missing).toMatchObject({ code: 2, out: '' })
    expect(missing.err).toMatch(/^agentgate: .*none\.json.* there is no such file\.$/)
    const noKeys = await typed('evidence', 'verify', file, '--trust', file)
    expect(noKeys).toMatchObject({ code: 2, out: '' })
    expect(await typed('evidence', 'verify', file)).toMatchObject({ code: 2, out: '' })
    expect(await typed('evidense')).toMatchObject({ code: 2 })
  })

  it('works as a program, without any network or server', async () => {
    const { text, id } = await evidence()
    const file = await write('g.json', text)
    const program = fileURLToPath(new URL('../bin/agentgate', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, [program, 'evidence', 'verify', file, '--trust', id])
    expect(stdout).toMatch(/^VALID:/m)
    await expect(
      promisify(execFile)(process.execPath, [program, 'evidence', 'verify', file, '--trust', '0'.repeat(64)]),
    ).rejects.toMatchObject({ code: 1 })
  })
})
