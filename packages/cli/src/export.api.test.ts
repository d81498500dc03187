import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer, type TestUser } from '../../server/src/test-server.ts'
import { run } from './main.ts'

let server: TestServer
let auditor: TestUser
let keys: string
let folder: string
const root = mkdtempSync(join(tmpdir(), 'agentgate-export-'))
let n = 0

beforeAll(async () => {
  server = await startTestServer()
  auditor = await server.userWith('auditor')
  const admin = await server.userWith('admin')
  const input = { type: 'object', properties: { text: { type: 'string' } }, required: ['text'], additionalProperties: false }
  await admin.client.tools.put({ params: { name: 'look_up' }, query: {}, body: { input, effect: 'read' } })
  const agent = await server.agentOf('busy')
  for (const text of ['weather', 'SSN 123-45-6789', "x' OR '1'='1", 'more']) {
    const { id, verdict } = await agent.client.calls.decide({ body: { action: 'look_up', input: { text } } })
    if (verdict === 'allow') await agent.client.calls.outcome({ params: { id }, body: { status: 'succeeded', output: 'SSN 123-45-6789' } })
  }
  keys = join(root, 'pinned.json')
  writeFileSync(keys, JSON.stringify(await auditor.client.evidence.keys()))
})
afterAll(async () => {
  rmSync(root, { recursive: true, force: true })
  await server.stop()
})
beforeEach(() => {
  folder = join(root, `export-${n++}`)
})

async function typed(words: readonly string[], token = auditor.token) {
  const out: string[] = []
  const err: string[] = []
  const code = await run(
    ['evidence', ...words],
    { AGENTGATE_URL: server.url, AGENTGATE_TOKEN: token },
    (line) => out.push(line),
    (line) => err.push(line),
  )
  return { code, out: out.join('\n'), err: err.join('\n') }
}

const exported = (...more: string[]) => typed(['export', '--from', '2020-01-01', '--out', folder, ...more])
const verified = (trust = keys) => typed(['verify', folder, '--trust', trust])
const lines = () => readFileSync(join(folder, 'entries.ndjson'), 'utf8').trimEnd().split('\n')

describe('agentgate evidence export', () => {
  it('writes every entry of a period and the bundle of each decision, valid for whoever pinned the key, without personal data', async () => {
    const { code, out } = await exported()
    expect(code).toBe(0)
    expect(out).toContain('Check them without us')
    expect(readdirSync(join(folder, 'bundles'))).toHaveLength(4)
    const found = await verified()
    expect([found.code, found.err]).toEqual([0, ''])
    expect(found.out).toMatch(/pass {2}range .*\n(.*\n)*pass {2}bundles +4 bundles, each valid by itself\.\n\nVALID/)
    const all = [join(folder, 'entries.ndjson'), ...readdirSync(join(folder, 'bundles')).map((name) => join(folder, 'bundles', name))]
    for (const file of all) {
      const text = readFileSync(file, 'utf8')
      expect(text).not.toContain('123-45-6789')
      expect(text).not.toContain(Buffer.from('123-45-6789').toString('base64').slice(0, 12))
    }
    // Each bundle is one like any other.
    const [first = ''] = readdirSync(join(folder, 'bundles'))
    expect((await typed(['verify', join(folder, 'bundles', first), '--trust', keys])).out).toContain('VALID')
    expect((await auditor.client.evidence.audit({ query: { type: 'evidence.exported' } })).items).toHaveLength(1)
  })

  it('goes on where it stopped, also in the middle of a line, and keeps the period that it began', async () => {
    await exported()
    const whole = lines()
    writeFileSync(join(folder, 'entries.ndjson'), `${whole.slice(0, 3).join('\n')}\n${whole[3]?.slice(0, 40)}`)
    for (const name of readdirSync(join(folder, 'bundles')).slice(1)) unlinkSync(join(folder, 'bundles', name))
    expect((await verified()).code).toBe(1)
    await auditor.client.evidence.verifyChain()
    expect((await exported()).code).toBe(0)
    expect(lines()).toEqual(whole)
    expect((await verified()).code).toBe(0)
    const other = await typed(['export', '--from', '2021-01-01', '--out', folder])
    expect([other.code, other.err]).toEqual([2, expect.stringContaining('name another folder')])
  })

  it('is found out when an entry or a bundle is changed, left out or added, and untrusted without the right key', async () => {
    await exported()
    const file = join(folder, 'entries.ndjson')
    const whole = lines()
    const breaks: [string, () => void, RegExp][] = [
      ['left out', () => writeFileSync(file, `${whole.toSpliced(2, 1).join('\n')}\n`), /FAIL {2}entries/],
      ['changed', () => writeFileSync(file, `${whole.join('\n').replace('"seq\\":1', '"seq\\":2')}\n`), /FAIL {2}(range|entries)/],
      ['added', () => appendFileSync(file, `${whole.at(-1)}\n`), /FAIL {2}entries/],
      ['cut', () => writeFileSync(file, `${whole.slice(0, -1).join('\n')}\n`), /FAIL {2}entries .*Only/],
    ]
    for (const [name, change, expected] of breaks) {
      change()
      const found = await verified()
      expect([name, found.code, expected.test(found.out)], found.out).toEqual([name, 1, true])
      writeFileSync(file, `${whole.join('\n')}\n`)
    }
    const [first = '', second = ''] = readdirSync(join(folder, 'bundles'))
    writeFileSync(join(folder, 'bundles', first), readFileSync(join(folder, 'bundles', second)))
    expect((await verified()).out).toMatch(/FAIL {2}bundles +1 of 4/)
    unlinkSync(join(folder, 'bundles', first))
    expect((await verified()).out).toMatch(/FAIL {2}bundles +1 of 4: .*missing/)
    const stranger = await verified('0'.repeat(64))
    expect([stranger.code, stranger.out]).toEqual([1, expect.stringContaining('UNTRUSTED')])
  })

  it('is for who may export, and says what is wrong with what it was told', async () => {
    const viewer = await server.userWith('viewer')
    const refused = await typed(['export', '--from', '2020-01-01', '--out', folder], viewer.token)
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('audit:export')])
    expect((await typed(['export', '--from', 'soon', '--out', folder])).err).toContain('`soon` is no time')
    const backwards = await typed(['export', '--from', '2026-01-02', '--to', '2026-01-01', '--out', folder])
    expect([backwards.code, backwards.err]).toEqual([2, expect.stringContaining('ends before it begins')])
    expect((await typed(['export', '--from', '2020-01-01', '--to', '2020-01-02', '--out', folder])).out).toContain('0 entries')
    expect((await verified()).code).toBe(0)
  })
})
