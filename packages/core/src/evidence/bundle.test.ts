import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { TenantId } from '../call.ts'
import { bundle, checkpointNow } from './bundle.ts'
import { parseBundle, parseOpened } from './bundle-file.ts'
import { fromBase64, toBase64, utf8, utf8Text } from './bytes.ts'
import { canonical } from './canonical.ts'
import { sha256 } from './digest.ts'
import { sign } from './envelope.ts'
import { localSigner } from './keys.ts'
import { createRecorder, type Recorded } from './recorder.ts'
import { sampleClock, sampleDecision, samplePolicy, sampleRoom, sampleSeed, sampleTenant } from './sample.ts'
import { type CheckName, type Verified, verifyBundle } from './verify.ts'

const policies = [{ digest: sha256(samplePolicy), text: samplePolicy }]
const refused = { status: 'refused', reason: { code: 'threat-found', message: 'No.' } } as const
const lost = { status: 'lost', reason: { code: 'lost', message: 'Nobody reported.' } } as const

const failed = ({ checks }: Verified) => checks.flatMap(({ name, ok }) => (ok ? [] : name))

describe('an evidence bundle', () => {
  let room: ReturnType<typeof sampleRoom>
  let trust: { id: string; raw: Uint8Array<ArrayBuffer> }[]
  let denied: string
  let amended: string

  beforeAll(async () => {
    room = sampleRoom()
    trust = [room.signer.key]
    for (let index = 0; index < 5; index++) await room.recorder.decided(sampleDecision('hold'), { epoch: 0, keys: [] })
    const [deny, allow] = [sampleDecision('deny'), sampleDecision('allow')]
    await room.recorder.decided(deny, { epoch: 0, keys: [], refused })
    await room.recorder.decided(allow, { epoch: 0, keys: [] })
    await room.recorder.concluded(allow, lost, 5)
    await room.audit.record(sampleTenant, { type: 'login' })
    await room.recorder.amended(allow, { status: 'succeeded', output: { rows: [1, 'ä'] } }, 6)
    denied = await bundle(room, room.record(deny.id), { policies })
    amended = await bundle(room, room.record(allow.id), { policies, keys: [localSigner(sampleSeed('older')).key] })
  })

  it('is valid for whoever pinned the key, or its fingerprint', async () => {
    for (const file of [denied, amended]) {
      const verified = await verifyBundle(file, trust)
      expect(failed(verified)).toEqual([])
      expect(verified).toMatchObject({
        code: 'valid',
        valid: true,
        certificate: { tenant: 'acme' },
        checkpoint: { origin: 'agentgate/acme', audit: { count: 1 } },
      })
      expect(await verifyBundle(utf8(file), [{ id: room.signer.key.id }])).toMatchObject({ valid: true })
    }
    expect((await verifyBundle(denied, trust)).outcome).toMatchObject({ status: 'refused', reason: 'threat-found' })
    expect((await verifyBundle(denied, trust)).checks.map(({ name }) => name)).toHaveLength(16)
  })

  it('fails when the outcome of a denied call, or one policy too many, is the difference', async () => {
    const parts = parseBundle(denied)
    const without = await verifyBundle(canonical({ ...parts, outcome: null } as never), trust)
    expect(failed(without)).toEqual(['outcome'])
    const doubled = await verifyBundle(canonical({ ...parts, policies: [...parts.policies, ...parts.policies] } as never), trust)
    expect(failed(doubled)).toEqual(['policies'])
  })

  it('is worth nothing without a pin, whatever keys it carries', async () => {
    const verified = await verifyBundle(denied, [])
    expect(verified).toMatchObject({ code: 'untrusted-key', valid: false })
    expect(failed(verified)).toEqual(['trusted-key', 'certificate-signature', 'checkpoint-signature'])
    expect(await verifyBundle(denied, [{ id: 'a'.repeat(64) }])).toMatchObject({ code: 'untrusted-key', valid: false })
    expect(await verifyBundle(denied, [localSigner(sampleSeed('other')).key])).toMatchObject({ code: 'untrusted-key' })
  })

  it('believes no pin whose bytes are another key', async () => {
    const other = localSigner(sampleSeed('second')).key
    expect(await verifyBundle(denied, [{ id: other.id, raw: room.signer.key.raw }])).toMatchObject({ valid: false })
  })

  it('is rejected when all of it is signed again with another key', async () => {
    const forger = sampleRoom('forger')
    const decision = sampleDecision('allow')
    await forger.recorder.decided(decision, { epoch: 0, keys: [] })
    const forged = await bundle(forger, forger.record(decision.id), { policies })
    expect(await verifyBundle(forged, [forger.signer.key])).toMatchObject({ valid: true })
    expect(await verifyBundle(forged, trust)).toMatchObject({ code: 'untrusted-key', valid: false })
    const hinted = forged.replaceAll(forger.signer.key.id, room.signer.key.id)
    expect(failed(await verifyBundle(hinted, trust))).toContain('key-hints')
    // The forger claims the trusted key's id inside the envelope as well.
    const pretending = { ...forger, signer: { ...forger.signer, key: room.signer.key } }
    const claim = sampleDecision('allow')
    await createRecorder({ ...pretending, clock: sampleClock }).decided(claim, { epoch: 0, keys: [] })
    const verified = await verifyBundle(await bundle(pretending, forger.record(claim.id)), trust)
    expect(failed(verified)).toEqual(['certificate-signature', 'checkpoint-signature'])
    expect(verified.code).toBe('invalid')
  })

  it('fails a named check, or is refused, when any single byte is flipped', async () => {
    for (const file of [denied, amended]) {
      const bytes = utf8(file)
      await fc.assert(
        fc.asyncProperty(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 0, max: 7 }), async (at, bit) => {
          const flipped = bytes.slice()
          flipped[at] = (flipped[at] ?? 0) ^ (1 << bit)
          const verified = await verifyBundle(flipped, trust)
          expect(verified.valid).toBe(false)
          expect(failed(verified).length).toBeGreaterThan(0)
        }),
        { numRuns: 250 },
      )
    }
  })

  it('fails a named check, or is refused, when any single byte is removed or doubled', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: denied.length - 1 }), async (at) => {
        expect((await verifyBundle(denied.slice(0, at) + denied.slice(at + 1), trust)).valid).toBe(false)
        expect((await verifyBundle(denied.slice(0, at) + denied.slice(at - 1), trust)).valid && at > 0).toBe(false)
      }),
      { numRuns: 200 },
    )
  })

  it('names the check that each part fails', async () => {
    const older = toBase64(utf8((await checkpointNow(room, sampleTenant)).note.replace('\n', 'x\n')))
    const edit = (change: (parts: { [name: string]: object }) => object, file = amended) =>
      canonical({ ...JSON.parse(file), ...change(JSON.parse(file)) })
    const swapped = JSON.parse(denied)
    const cases: [CheckName[], string][] = [
      [['canonical-form'], `${amended}\n`],
      [['canonical-form'], `\ufeff${amended}`],
      [['canonical-form'], edit(() => ({ more: 1 }))],
      [['canonical-form'], edit(() => ({ format: 'agentgate-evidence/2' }))],
      [['key-hints'], edit(() => ({ keys: [{ keyid: 'a'.repeat(64), x: toBase64(room.signer.key.raw) }] }))],
      [['key-hints'], edit(() => ({ keys: [{ keyid: 'a'.repeat(64), x: 'AA' }] }))],
      [['policies'], edit(() => ({ policies: [{ digest: policies[0]?.digest, text: toBase64(utf8('permit(any)')) }] }))],
      [['policies'], edit(() => ({ policies: [{ digest: sha256('other'), text: toBase64(utf8('other')) }] }))],
      [['theorem'], edit(() => ({ theorem: toBase64(utf8('(assert true)')) }))],
      [['facts'], edit(() => ({ opened: toBase64(utf8(canonical({ input: { salt: 'a'.repeat(64), value: toBase64(utf8('{}')) } }))) }))],
      [['facts'], edit(() => ({ opened: toBase64(utf8(canonical({ 'context/mfa': { salt: 'a'.repeat(64), value: 'e30=' } }))) }))],
      [['facts'], edit(() => ({ opened: toBase64(utf8('{"input":1}')) }))],
      [['outcome'], edit(() => ({ outcome: swapped.outcome }))],
      [['outcome'], edit((parts) => ({ outcome: parts['amendment'] }))],
      [['outcome'], edit((parts) => ({ outcome: { ...parts['outcome'], body: toBase64(utf8('{}')) } }))],
      [['amendment'], edit((parts) => ({ amendment: { ...parts['amendment'], index: 1 } }))],
      [['amendment'], edit((parts) => ({ amendment: { ...parts['amendment'], opened: swapped.opened } }))],
      [['inclusion'], edit((parts) => ({ inclusion: { ...parts['inclusion'], index: 0 } }))],
      [['inclusion'], edit(() => ({ inclusion: swapped.inclusion }))],
      [['checkpoint-signature', 'checkpoint-origin'], edit(() => ({ checkpoint: older }))],
      [['trusted-key', 'certificate-signature', 'certificate-form', 'inclusion'], edit(() => ({ envelope: toBase64(utf8('{}')) }))],
      [['checkpoint-signature', 'checkpoint-origin', 'inclusion', 'outcome', 'amendment'], edit(() => ({ checkpoint: 'AAAA' }))],
    ]
    for (const [names, file] of cases) expect(failed(await verifyBundle(file, trust))).toEqual(expect.arrayContaining(names))
    expect((await verifyBundle('x'.repeat((64 << 20) + 1), trust)).checks[0]?.detail).toContain('larger')
    expect(await verifyBundle('not json', trust)).toMatchObject({ code: 'refused', valid: false })
    expect(await verifyBundle(Uint8Array.of(0xff), trust)).toMatchObject({ code: 'refused' })
  })

  it('fails when the trusted key signed a certificate that lies about itself', async () => {
    const payload = utf8Text(fromBase64(JSON.parse(utf8Text(fromBase64(parseBundle(denied).envelope))).payload))
    const lie = async (change: (text: string) => string) => {
      const envelope = toBase64(utf8(await sign(room.signer, change(payload))))
      return failed(await verifyBundle(canonical({ ...parseBundle(denied), envelope }), trust))
    }
    expect(await lie((text) => text)).toEqual([])
    expect(await lie((text) => text.replace('INADMISSIBLE', 'ADMISSIBLE'))).toContain('verdict')
    expect(await lie((text) => text.replace('"resource":"customers/7"', '"resource":"customers/8"'))).toContain('alpha-hash')
    expect(await lie((text) => text.replace('"roles":["clerk"]', '"roles":["admin"]'))).toContain('gamma-hash')
    expect(await lie((text) => text.replace('"tenant":"acme"', '"tenant":"acmo"'))).toContain('checkpoint-origin')
    expect(await lie((text) => text.replace('"shared":[]', '"shared":[],"zzz":1'))).toContain('certificate-form')
    expect(await lie((text) => text.replace(/"sha256":"[0-9a-f]{64}"/, `"sha256":"${'0'.repeat(64)}"`))).toContain('certificate-form')
    expect(await lie((text) => text.replace(/"subject":\[(.*?)\]/, '"subject":[$1,$1]'))).toContain('certificate-form')
    expect(await lie((text) => text.replace('"verdict":"deny"}', '"verdict":"deny" }'))).toContain('certificate-form')
    expect(
      await lie((text) =>
        text.replace('"result":"INADMISSIBLE"', '"result":"ADMISSIBLE"').replace(/"verdict":"deny"}$/, '"verdict":"allow"}'),
      ),
    ).toContain('verdict')
  })

  it('encloses exactly the theorem that the certificate names, or none', async () => {
    const parts = parseBundle(denied)
    const payload = utf8Text(fromBase64(JSON.parse(utf8Text(fromBase64(parts.envelope))).payload))
    const theorem = utf8('(assert (not admissible))')
    const signed = await sign(room.signer, payload.replace('"theorem_hash":null', `"theorem_hash":"${sha256(theorem)}"`))
    const about = async (theorem: string | null) => {
      const verified = await verifyBundle(canonical({ ...parts, envelope: toBase64(utf8(signed)), theorem }), trust)
      return verified.checks.find(({ name }) => name === 'theorem')
    }
    expect(await about(toBase64(theorem))).toMatchObject({ ok: true })
    expect(await about(null)).toMatchObject({ ok: true, detail: 'The theorem is not enclosed.' })
    expect(await about(toBase64(utf8('(assert true)')))).toMatchObject({ ok: false })
  })

  it('is refused a kind of payload that is not ours, though the key signed it', async () => {
    const parts = parseBundle(denied)
    const envelope = JSON.parse(utf8Text(fromBase64(parts.envelope)))
    const other = toBase64(utf8(canonical({ ...envelope, payloadType: 'text/plain' })))
    expect(failed(await verifyBundle(canonical({ ...parts, envelope: other }), trust))).toEqual(
      expect.arrayContaining(['certificate-signature', 'certificate-form', 'inclusion']),
    )
  })

  it('fails when a denied call is shown to have run', async () => {
    const own = sampleRoom()
    const deny = sampleDecision('deny')
    await own.recorder.decided(deny, { epoch: 0, keys: [] })
    await own.recorder.concluded(deny, { status: 'succeeded', output: 1 }, 2)
    expect(failed(await verifyBundle(await bundle(own, own.record(deny.id)), trust))).toEqual(['outcome'])
  })

  it('is checked against any pinned key, so that certificates outlive the key that signed them', async () => {
    const own = sampleRoom()
    const decision = sampleDecision()
    await own.recorder.decided(decision, { epoch: 0, keys: [] })
    const next = localSigner(sampleSeed('next'))
    const file = await bundle({ ...own, signer: next }, own.record(decision.id), { keys: [own.signer.key] })
    expect(await verifyBundle(file, [next.key, own.signer.key])).toMatchObject({ valid: true })
    expect(await verifyBundle(file, [{ id: next.key.id }, { id: own.signer.key.id }])).toMatchObject({ valid: true })
    expect(await verifyBundle(file, [next.key])).toMatchObject({ code: 'untrusted-key' })
    expect(failed(await verifyBundle(file, [own.signer.key]))).toEqual(['checkpoint-signature'])
  })

  it('is worth nothing where its date is later than the end of the key that signed it, or its checkpoint', async () => {
    const issued = sampleClock.now()
    const ended = (until: number) => [{ ...room.signer.key, until }]
    for (const file of [denied, amended]) {
      expect(await verifyBundle(file, ended(issued))).toMatchObject({ valid: true })
      const late = await verifyBundle(file, ended(issued - 1))
      expect([late.code, failed(late)]).toEqual(['invalid', ['certificate-signature', 'checkpoint-signature']])
    }
    const own = sampleRoom()
    const decision = sampleDecision()
    await own.recorder.decided(decision, { epoch: 0, keys: [] })
    await own.recorder.concluded(decision, { status: 'succeeded', output: 1 }, issued + 1)
    const file = await bundle(own, own.record(decision.id))
    expect(failed(await verifyBundle(file, ended(issued)))).toEqual(['checkpoint-signature'])
    expect(failed(await verifyBundle(file, ended(issued + 1)))).toEqual([])
    const next = localSigner(sampleSeed('next'))
    const anew = await bundle({ ...own, signer: next }, own.record(decision.id))
    expect(failed(await verifyBundle(anew, [next.key, ...ended(issued)]))).toEqual([])
  })

  it('shows only the facts that its reader may see, and stays valid', async () => {
    const decision = sampleDecision()
    await room.recorder.decided(decision, { epoch: 0, keys: [] })
    const file = await bundle(room, room.record(decision.id), { see: (fact) => fact === 'context/source_ip' })
    expect(Object.keys(parseOpened(parseBundle(file).opened))).toEqual(['context/source_ip'])
    const verified = await verifyBundle(file, trust)
    expect(verified).toMatchObject({ valid: true })
    expect(verified.checks.find(({ name }) => name === 'facts')?.detail).toContain('1 of 3')
    expect(verified).not.toHaveProperty('outcome')
  })

  it('holds inputs that are as deep as inputs may be, of tenants with any name', async () => {
    let deep: never[] | object = []
    for (let level = 0; level < 62; level++) deep = [deep]
    const own = sampleRoom()
    const decision = sampleDecision('allow', { input: { deep } as never, tenant: 'a b/ü' as TenantId })
    await own.recorder.decided(decision, { epoch: 0, keys: [] })
    expect(await verifyBundle(await bundle(own, own.record(decision.id)), trust)).toMatchObject({ valid: true })
  })

  it('encloses a policy set by the exact text that its digest is of', async () => {
    const decision = { ...sampleDecision(), policy: { digests: [sha256(canonical(samplePolicy))], determining: [] } }
    await room.recorder.decided(decision, { epoch: 0, keys: [] })
    const file = await bundle(room, room.record(decision.id), {
      policies: [{ digest: sha256(canonical(samplePolicy)), text: samplePolicy }],
    })
    expect(await verifyBundle(file, trust)).toMatchObject({ valid: true })
    await expect(bundle(room, room.record(decision.id), { policies: [{ digest: sha256('x'), text: samplePolicy }] })).rejects.toThrow(
      RangeError,
    )
  })

  it('is not made when the ledger has lost an entry', async () => {
    const decision = sampleDecision()
    await room.recorder.decided(decision, { epoch: 0, keys: [] })
    const record: Recorded = { ...room.record(decision.id), outcomeEntry: 1 }
    await expect(bundle({ ...room, ledger: { ...room.ledger, read: async () => [] } }, record)).rejects.toThrow('missing')
  })
})
