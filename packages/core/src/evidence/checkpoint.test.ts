import { describe, expect, it } from 'vitest'
import { noAudit, originOf, parseCheckpoint, signCheckpoint, verifyCheckpoint } from './checkpoint.ts'
import { localSigner } from './keys.ts'
import { sampleSeed } from './sample.ts'

const signer = localSigner(sampleSeed('log'))
const checkpoint = { origin: originOf('acme'), size: 42, root: 'ab'.repeat(32), audit: { count: 7, hash: 'cd'.repeat(32) } }

describe('a checkpoint', () => {
  it('is a signed note with the head of the audit chain', async () => {
    const note = await signCheckpoint(signer, checkpoint)
    const lines = note.split('\n')
    expect(lines.slice(0, 5)).toEqual([
      'agentgate/acme',
      '42',
      'q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=',
      `audit 7 ${'cd'.repeat(32)}`,
      '',
    ])
    expect(lines[5]).toMatch(/^— agentgate\/acme [A-Za-z0-9+/]{91}=$/)
    expect(lines.slice(6)).toEqual([''])
    const parsed = parseCheckpoint(note)
    expect(parsed.checkpoint).toEqual(checkpoint)
    expect(await verifyCheckpoint(parsed, signer.key)).toBe(true)
    expect(await verifyCheckpoint(parsed, localSigner(sampleSeed('other')).key)).toBe(false)
  })

  it('of an empty log says so', async () => {
    const empty = { ...checkpoint, size: 0, audit: noAudit }
    expect(parseCheckpoint(await signCheckpoint(signer, empty)).checkpoint).toEqual(empty)
  })

  it('names tenants so that no name can be another line', () => {
    expect(originOf('a b\n+/ü')).toBe('agentgate/a%20b%0A%2B%2F%C3%BC')
    expect(originOf('t', 'log.example')).toBe('log.example/t')
  })

  it('fails when any byte of it is changed', async () => {
    const note = await signCheckpoint(signer, checkpoint)
    const bytes = Buffer.from(note)
    for (let at = 0; at < bytes.length; at++) {
      for (const bit of [1, 0x80]) {
        const changed = Buffer.from(bytes)
        changed[at] = (changed[at] ?? 0) ^ bit
        const verified = await (async () => verifyCheckpoint(parseCheckpoint(changed.toString('utf8')), signer.key))().catch(() => false)
        expect([at, verified]).toEqual([at, false])
      }
    }
  })

  it('is believed with one signature only, in the name of its own log', async () => {
    const note = await signCheckpoint(signer, checkpoint)
    const more = `${note}— witness.example ${note.split(' ').at(-1)}`
    expect(parseCheckpoint(more).signatures).toHaveLength(2)
    expect(await verifyCheckpoint(parseCheckpoint(more), signer.key)).toBe(false)
    expect(await verifyCheckpoint(parseCheckpoint(note.replace('— agentgate/acme', '— agentgate/other')), signer.key)).toBe(false)
  })

  it.each([
    ['no signature', (note: string) => note.slice(0, note.indexOf('—'))],
    ['no audit line', (note: string) => note.replace(/audit.*\n/, '')],
    ['a leading zero', (note: string) => note.replace('\n42\n', '\n042\n')],
    ['a short root', (note: string) => note.replace('6s=', '==')],
    ['stray bits in the root', (note: string) => note.replace('6s=', '6t=')],
    ['a root of 33 bytes', (note: string) => note.replace('6s=', '6ur')],
    ['another end of lines', (note: string) => note.replaceAll('\n', '\r\n')],
    ['more at its end', (note: string) => `${note}\n`],
    ['a size past 2^53', (note: string) => note.replace('\n42\n', '\n9999999999999999\n')],
  ])('is not read with %s', async (_, change) => {
    const note = await signCheckpoint(signer, checkpoint)
    expect(() => parseCheckpoint(change(note))).toThrow(TypeError)
  })
})
