import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundle } from './bundle.ts'
import { fromBase64, toBase64, utf8, utf8Text } from './bytes.ts'
import { sha256 } from './digest.ts'
import { localSigner } from './keys.ts'
import { spki } from './public-key.ts'
import { sampleDecision, samplePolicy, sampleRoom, sampleSeed, sampleTenant } from './sample.ts'

const script = fileURLToPath(new URL('../../../../scripts/verify-with-openssl.sh', import.meta.url))
const run = promisify(execFile)

const pem = (raw: Uint8Array) => `-----BEGIN PUBLIC KEY-----\n${toBase64(spki(raw))}\n-----END PUBLIC KEY-----\n`

describe('verifying with openssl alone', () => {
  let folder: string
  let files: string[]
  const pinned = pem(localSigner(sampleSeed('first')).key.raw)

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'agentgate-openssl-'))
    const room = sampleRoom('first')
    const decisions = Array.from({ length: 11 }, (_, index) => sampleDecision(index % 3 === 0 ? 'deny' : 'allow'))
    for (const [index, decision] of decisions.entries()) {
      const refused = { status: 'refused', reason: { code: 'threat-found', message: 'No.' } } as const
      await room.recorder.decided(decision, { epoch: 0, keys: [], ...(decision.verdict === 'deny' && { refused }) })
      if (decision.verdict === 'allow' && index % 2 === 0)
        await room.recorder.concluded(decision, { status: 'succeeded', output: { index } }, index)
    }
    await room.audit.record(sampleTenant, { type: 'login' })
    const policies = [{ digest: sha256(samplePolicy), text: samplePolicy }]
    files = await Promise.all(decisions.map(({ id }) => bundle(room, room.record(id), { policies })))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  async function verify(file: string, key = pinned): Promise<{ code: number; output: string }> {
    const [bundlePath, keyPath] = [join(folder, 'b.agentgate.json'), join(folder, 'key.pem')]
    await Promise.all([writeFile(bundlePath, file), writeFile(keyPath, key)])
    return run('bash', [script, bundlePath, keyPath]).then(
      ({ stdout }) => ({ code: 0, output: stdout }),
      (error: { code: number; stdout: string; stderr: string }) => ({ code: error.code, output: error.stdout + error.stderr }),
    )
  }

  it('accepts the bundle of every entry, with and without an outcome', async () => {
    for (const file of files) {
      const { code, output } = await verify(file)
      expect(output).toMatch(/ok {6}inclusion.*\n(ok {6}outcome.*\n)?(".*\n)*VALID/)
      expect(code).toBe(0)
    }
  })

  it('rejects another key, and says whose it is', async () => {
    const other = localSigner(sampleSeed('other'))
    const { code, output } = await verify(files[1] ?? '', pem(other.key.raw))
    expect(code).toBe(1)
    expect(output).toContain(`FAILED  trusted-key: the certificate was signed by`)
    expect((await verify(files[1] ?? '', 'not a key')).output).toContain('FAILED  trusted-key')
  })

  it('rejects what was changed, naming the check', async () => {
    const [file = ''] = files
    const parts = JSON.parse(file)
    const change = (name: string, edit: (text: string) => string) => {
      const old: string = parts[name]
      return file.replace(old, toBase64(utf8(edit(utf8Text(fromBase64(old))))))
    }
    const swap = (a: string) => (a === 'A' ? 'B' : 'A')
    const changed: [string, string][] = [
      ['canonical-form', `${file}\n`],
      ['canonical-form', ` ${file}`],
      ['canonical-form', file.replace('"keys":', '"more":1,"keys":')],
      ['certificate-form', change('envelope', (text) => text.replace('in-toto', 'in-tote'))],
      ['certificate-signature', change('envelope', (text) => text.replace(/"sig":"(.)/, (_, char) => `"sig":"${swap(char)}`))],
      ['checkpoint-signature', change('checkpoint', (text) => text.replace('agentgate/acme\n', 'agentgate/acmo\n'))],
      ['checkpoint-signature', change('checkpoint', (text) => text.replace('audit 1', 'audit 2'))],
      ['checkpoint-signature', change('checkpoint', (text) => text.replace(/^\d+$/m, (size) => `${Number(size) + 1}`))],
      ['inclusion', file.replace('"inclusion":{"index":0', '"inclusion":{"index":1')],
      ['inclusion', file.replace(parts.inclusion.proof[0], parts.inclusion.proof[1])],
      ['inclusion', file.replace(`"${parts.inclusion.proof[0]}",`, '')],
      ['outcome', file.replace('"outcome":{"body":"', '"outcome":{"body":"AAAA')],
      ['outcome', file.replace(parts.outcome.proof[0], parts.outcome.proof[1])],
    ]
    for (const [name, broken] of changed) {
      const { code, output } = await verify(broken)
      expect(output).toContain(`FAILED  ${name}`)
      expect(code).toBe(1)
    }
  })

  it('says how it is used', async () => {
    const { code, stderr } = await run('bash', [script]).then(
      () => ({ code: 0, stderr: '' }),
      (error: { code: number; stderr: string }) => error,
    )
    expect([code, stderr]).toEqual([2, 'Usage: verify-with-openssl.sh BUNDLE TRUST_KEY_FILE\n'])
  })
})
