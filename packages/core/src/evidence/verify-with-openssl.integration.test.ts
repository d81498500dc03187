import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundle } from './bundle.ts'
import { fromBase64, toBase64, utf8, utf8Text } from './bytes.ts'
import { canonical } from './canonical.ts'
import { sha256 } from './digest.ts'
import { localSigner } from './keys.ts'
import { spki } from './public-key.ts'
import { sampleDecision, samplePolicy, sampleRoom, sampleSeed, sampleTenant } from './sample.ts'
import { parseTrust } from './trust.ts'
import { verifyBundle } from './verify.ts'

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

  async function verify(file: string, key = pinned, ...more: readonly string[]): Promise<{ code: number; output: string }> {
    const [bundlePath, keyPath] = [join(folder, 'b.agentgate.json'), join(folder, 'key.pem')]
    await Promise.all([writeFile(bundlePath, file), writeFile(keyPath, key)])
    return run('bash', [script, bundlePath, ...(more.length > 0 ? more : [keyPath])]).then(
      ({ stdout }) => ({ code: 0, output: stdout }),
      (error: { code: number; stdout: string; stderr: string }) => ({ code: error.code, output: error.stdout + error.stderr }),
    )
  }

  it('rejects a denied call without its outcome, and a policy set enclosed twice', async () => {
    const parts = JSON.parse(files[0] ?? '')
    expect(await verify(canonical({ ...parts, outcome: null }))).toMatchObject({
      code: 1,
      output: expect.stringContaining('FAILED  outcome'),
    })
    const doubled = canonical({ ...parts, policies: [...parts.policies, ...parts.policies] })
    expect(await verify(doubled)).toMatchObject({ code: 1, output: expect.stringContaining('FAILED  policies') })
  })

  it('accepts the bundle of every entry, with and without an outcome', async () => {
    for (const file of files) {
      const { code, output } = await verify(file)
      expect(output).toMatch(
        /ok {6}inclusion.*\nok {6}facts.*\nok {6}policies.*\n(ok {6}outcome.*\n)?(".*\n)*VALID \(.*; NOT CHECKED: .*\)/,
      )
      expect(code).toBe(0)
    }
  })

  it('believes a key that was replaced only for what is of an earlier date, beside the one that replaced it', async () => {
    const room = sampleRoom('first')
    const decision = sampleDecision('allow')
    await room.recorder.decided(decision, { epoch: 0, keys: [] })
    const issued = Date.UTC(2026, 4, 3, 10, 20, 30, 405)
    await room.recorder.concluded(decision, { status: 'succeeded', output: 1 }, issued + 1)
    const next = localSigner(sampleSeed('next'))
    const [nextPath, keyPath] = [join(folder, 'next.pem'), join(folder, 'key.pem')]
    await writeFile(nextPath, pem(next.key.raw))
    const until = (at: number) => `${keyPath}@${new Date(at).toISOString()}`
    const [old, anew] = await Promise.all([room, { ...room, signer: next }].map((each) => bundle(each, room.record(decision.id))))
    const said = async (file = '', ...keys: readonly string[]) =>
      /VALID|FAILED {2}[a-z-]+/.exec((await verify(file, pinned, ...keys)).output)?.[0]
    expect(await said(old, until(issued + 1))).toBe('VALID')
    expect(await said(old, until(issued))).toBe('FAILED  checkpoint-signature')
    expect(await said(old, until(issued - 1))).toBe('FAILED  certificate-signature')
    expect(await said(anew, until(issued), nextPath)).toBe('VALID')
    expect(await said(anew, nextPath, until(issued - 1))).toBe('FAILED  certificate-signature')
    expect(await said(anew, nextPath)).toBe('FAILED  trusted-key')
    expect(await said(anew, keyPath)).toBe('FAILED  checkpoint-signature')
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

  it('rejects what verifiers of ours reject: an amendment for the outcome, forged policies, facts and outputs', async () => {
    const room = sampleRoom('first')
    const decision = sampleDecision('allow')
    await room.recorder.decided(decision, { epoch: 0, keys: [] })
    await room.recorder.concluded(decision, { status: 'lost' } as never, 5)
    await room.recorder.amended(decision, { status: 'succeeded', output: { text: 'ä "quoted" \\ text' } }, 6)
    const policies = [{ digest: sha256(samplePolicy), text: samplePolicy }]
    const whole = JSON.parse(await bundle(room, room.record(decision.id), { policies }))
    expect((await verify(canonical(whole))).output).toMatch(/ok {6}amendment: succeeded.*\n(.*\n)*VALID \(/)

    const base64 = (text: string) => toBase64(utf8(text))
    const opened = JSON.parse(utf8Text(fromBase64(whole.opened)))
    const forgedOpened = (name: string) => base64(canonical({ ...opened, [name]: { ...opened[name], value: base64('"forged"') } }))
    const openedOutput = JSON.parse(utf8Text(fromBase64(whole.amendment.opened)))
    const trust = await parseTrust(pinned)
    const forgeries: [string, object][] = [
      ['outcome', { ...whole, outcome: whole.amendment, amendment: null }],
      ['amendment', { ...whole, amendment: whole.outcome }],
      ['amendment', { ...whole, outcome: null }],
      ['policies', { ...whole, policies: [{ ...policies[0], text: base64('permit (principal, action, resource);') }] }],
      ['policies', { ...whole, policies: [{ digest: sha256('other'), text: base64('other') }] }],
      ['facts', { ...whole, opened: forgedOpened('input') }],
      ['facts', { ...whole, opened: forgedOpened('context/phone') }],
      ['facts', { ...whole, opened: base64(canonical({ more: opened.input })) }],
      ['facts', { ...whole, opened: base64(canonical({ 'context/phone': opened.input })) }],
      ['facts', { ...whole, opened: base64('{') }],
      ['amendment', { ...whole, amendment: { ...whole.amendment, opened: whole.opened } }],
      [
        'amendment',
        {
          ...whole,
          amendment: { ...whole.amendment, opened: base64(canonical({ output: { ...openedOutput.output, value: base64('"forged"') } })) },
        },
      ],
      ['key-hints', { ...whole, keys: [{ ...whole.keys[0], keyid: '0'.repeat(64) }] }],
      ['theorem', { ...whole, theorem: base64('a theorem') }],
    ]
    for (const [name, forged] of forgeries) {
      const file = canonical(forged as never)
      const { code, output } = await verify(file)
      expect(output).toContain(`FAILED  ${name}`)
      expect([code, (await verifyBundle(file, trust)).valid]).toEqual([1, false])
    }
  })

  it('rejects what stands beside the bundle or its facts on lines of its own, and a fact that is opened twice', async () => {
    const [file = ''] = files
    const { opened } = JSON.parse(file)
    const facts = utf8Text(fromBase64(opened))
    const [input = ''] = /"input":\{[^}]*\}/.exec(facts) ?? []
    const among = (text: string) => file.replace(`"opened":"${opened}"`, `"opened":"${toBase64(utf8(text))}"`)
    const odd: [string, string][] = [
      ['canonical-form', `{"verdict":"allow"}\n${file}`],
      ['canonical-form', `${file}\n{"verdict":"allow"}`],
      ['canonical-form', `\n${file}`],
      ['facts', among(`{"amount":1}\n${facts}`)],
      ['facts', among(`${facts}\n{"amount":1}`)],
      ['facts', among(facts.replace(input, `${input},${input}`))],
    ]
    for (const [name, forged] of odd) {
      const { code, output } = await verify(forged)
      expect(output).toContain(`FAILED  ${name}`)
      expect([code, (await verifyBundle(forged, await parseTrust(pinned))).valid]).toEqual([1, false])
    }
  })

  it('rejects every byte that was changed anywhere', async () => {
    const [file = ''] = files
    await fc.assert(
      fc.asyncProperty(fc.nat(file.length - 1), fc.integer({ min: 33, max: 126 }), async (at, byte) => {
        const char = String.fromCharCode(byte)
        fc.pre(char !== file[at])
        expect((await verify(file.slice(0, at) + char + file.slice(at + 1))).code).toBe(1)
      }),
      { numRuns: 60 },
    )
  })

  it('says so when a proof failed', async () => {
    const room = sampleRoom('first')
    const denied = sampleDecision('deny')
    const decision = { ...denied, proof: { ...denied.proof, predicates: [] } }
    const refused = { status: 'refused', reason: { code: 'threat-found', message: 'No.' } } as const
    await room.recorder.decided(decision, { epoch: 0, keys: [], refused })
    const file = await bundle(room, room.record(decision.id))
    expect((await verify(file)).output).toContain('no predicates: the proof failed')
    const { checks } = await verifyBundle(file, await parseTrust(pinned))
    expect(checks.find(({ name }) => name === 'verdict')?.detail).toContain('no predicates: the proof failed')
  })

  it('says how it is used', async () => {
    const { code, stderr } = await run('bash', [script]).then(
      () => ({ code: 0, stderr: '' }),
      (error: { code: number; stderr: string }) => error,
    )
    expect([code, stderr]).toEqual([2, 'Usage: verify-with-openssl.sh BUNDLE TRUST_KEY_FILE[@UNTIL] ...\n'])
  })
})
