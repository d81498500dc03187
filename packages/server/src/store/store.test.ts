import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NewEntry, SessionId, TenantId } from '@agentgate/core'
import Sqlite from 'better-sqlite3'
import { afterEach, describe, expect, it } from 'vitest'
import { storedCounter } from './counter.ts'
import { storedLedger } from './ledger.ts'
import { openStore, type Store, type StoreOptions } from './store.ts'
import { StoreError } from './store-error.ts'
import { tidy } from './tidy.ts'
import { storedVault } from './vault.ts'

const acme = 'acme' as TenantId
const vaultSecret = new Uint8Array(32).fill(9)
const stores: Store[] = []
const folders: string[] = []

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'agentgate-store-'))
  folders.push(folder)
  return folder
}

async function open(folder: string, more: Partial<StoreOptions> = {}): Promise<Store> {
  const store = await openStore({ folder, vaultSecret, ...more })
  stores.push(store)
  return store
}

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

async function refusal(opening: Promise<unknown>): Promise<StoreError> {
  const error = await opening.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof StoreError)) throw new Error(`no store error, but ${String(error)}`)
  expect(error.message.split('\n')).toHaveLength(1)
  expect(error.message).toMatch(/: .*\.$/)
  return error
}

const entry = (body: string, keys: readonly string[] = []): NewEntry => ({ type: 'decision', body: JSON.stringify(body), keys })

describe('opening a folder', () => {
  it('makes it, for its owner only, and finds everything there again', async () => {
    const folder = join(newFolder(), 'a', 'b')
    const store = await open(folder)
    await storedLedger(store).append(acme, [entry('a')])
    await store.close()
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect((await storedLedger(await open(folder)).head(acme)).size).toBe(1)
  })

  it('keeps its files from other users, also in a folder that they may read', async () => {
    const folder = newFolder()
    chmodSync(folder, 0o755)
    await storedLedger(await open(folder)).append(acme, [entry('{}')])
    for (const name of readdirSync(folder)) expect([name, statSync(join(folder, name)).mode & 0o077]).toEqual([name, 0])
  })

  it('refuses a second opener, in this process or another, and lets it in once the first is gone', async () => {
    const folder = newFolder()
    const store = await open(folder)
    expect(await refusal(open(folder))).toMatchObject({ code: 'locked' })
    const script = `import { openStore } from ${JSON.stringify(new URL('store.ts', import.meta.url).href)}
      await openStore({ folder: process.argv[1], vaultSecret: new Uint8Array(32) }).catch((error) => console.log(error.code))
      process.exit()`
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script, folder], { encoding: 'utf8' })
    expect(child.stdout.trim()).toBe('locked')
    expect((await storedLedger(store).append(acme, [entry('a')])) as object).toHaveProperty('first')
    await store.close()
    await open(folder)
  })

  it('leaves a file that is no database as it is', async () => {
    const folder = newFolder()
    const garbage = `not a database${'.'.repeat(5000)}`
    writeFileSync(join(folder, 'agentgate.db'), garbage)
    expect(await refusal(open(folder))).toMatchObject({ code: 'corrupt' })
    expect(readFileSync(join(folder, 'agentgate.db'), 'utf8')).toBe(garbage)
  })

  it('says when pages of the database are damaged, and acknowledges nothing that it cannot keep', async () => {
    const folder = newFolder()
    const store = await open(folder)
    for (let index = 0; index < 20; index++) await storedLedger(store).append(acme, [entry('x'.repeat(3000))])
    await store.close()
    const file = join(folder, 'agentgate.db')
    const bytes = readFileSync(file)
    bytes.fill(0xff, 4096)
    writeFileSync(file, bytes)
    const again = open(folder).then((opened) => storedLedger(opened).append(acme, [entry('y')]))
    expect(await refusal(again)).toMatchObject({ code: 'corrupt' })
  })

  it('refuses a database of something else, and one of a newer AgentGate, unchanged', async () => {
    const [theirs, newer] = [newFolder(), newFolder()]
    const db = new Sqlite(join(theirs, 'agentgate.db'))
    db.exec('create table t (x)')
    db.close()
    expect(await refusal(open(theirs))).toMatchObject({ code: 'unknown-schema' })
    await (await open(newer)).close()
    const ours = new Sqlite(join(newer, 'agentgate.db'))
    ours.pragma('user_version = 999')
    ours.close()
    const error = await refusal(open(newer))
    expect(error).toMatchObject({ code: 'unknown-schema' })
    expect(error.message).toContain('has schema 999')
  })

  it('refuses a folder that is a file, or has a folder where the database should be', async () => {
    const folder = newFolder()
    writeFileSync(join(folder, 'file'), '')
    expect(await refusal(open(join(folder, 'file')))).toMatchObject({ code: 'not-writable' })
    expect(await refusal(open(join(folder, 'file', 'deeper')))).toMatchObject({ code: 'not-writable' })
    mkdirSync(join(folder, 'agentgate.db'))
    expect(await refusal(open(folder))).toMatchObject({ code: 'not-writable' })
  })

  it.skipIf(process.platform === 'win32')('refuses a folder that it may not write', async () => {
    const folder = newFolder()
    await (await open(folder)).close()
    chmodSync(folder, 0o555)
    for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o444)
    const script = `import { openDesk } from ${JSON.stringify(new URL('sqlite/desk.ts', import.meta.url).href)}
      if (process.getuid() === 0) process.setuid(65534)
      try { openDesk({ folder: process.argv[1], vault: { secret: new Uint8Array(32), lifetime: 1 } }) } catch (error) { console.log(error.code) }`
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script, folder], { encoding: 'utf8' })
    chmodSync(folder, 0o755)
    expect(child.stdout.trim()).toBe('not-writable')
  })
})

describe('a full disk', () => {
  it('refuses what does not fit, whole, and keeps what was acknowledged', async () => {
    const folder = newFolder()
    const store = await open(folder, { maxPages: 120 })
    expect(store.full()).toBe(false)
    const ledger = storedLedger(store)
    let kept = 0
    let error: unknown
    while (error === undefined) {
      const appending = ledger.append(acme, [entry('x'.repeat(20_000), [`k${kept}`]), entry('y'.repeat(20_000))])
      error = await appending.then(
        () => void kept++,
        (reason: unknown) => reason,
      )
    }
    expect(error).toMatchObject({ name: 'StoreError', code: 'full' })
    expect(store.full()).toBe(true)
    const before = await ledger.head(acme)
    expect(before.size).toBe(kept * 2)
    await refusal(ledger.append(acme, [entry('x'.repeat(60_000))]))
    expect(await ledger.head(acme)).toEqual(before)
    await store.close()

    const roomier = storedLedger(await open(folder))
    expect(await roomier.head(acme)).toEqual(before)
    expect(await roomier.append(acme, [entry('z', [`k${kept}`])])).toMatchObject({ first: before.size })
  })
})

describe('asking', () => {
  it('lets what fails fail alone, though it shares a transaction', async () => {
    const store = await open(newFolder())
    const ledger = storedLedger(store)
    await ledger.append(acme, [entry('a', ['k'])])
    const all = await Promise.allSettled([
      ledger.append(acme, [entry('b')]),
      ledger.append(acme, [entry('c'), entry('d', ['k'])]),
      ledger.nodes(acme, [{ level: 9, index: 9 }]),
      store.ask('policies', 'move', acme, 0, { id: 'none', active: 1, locked: 0, deleted: 0, trail: '[]' }, null),
      ledger.append(acme, [entry('e')]),
    ])
    expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected', 'fulfilled'])
    expect(all[1]).toMatchObject({ value: { taken: 'k' } })
    expect(all[2]).toMatchObject({ reason: expect.any(RangeError) as unknown })
    expect((await ledger.read(acme, 0, 9)).map(({ body }) => body)).toEqual(['"a"', '"b"', '"e"'])
    expect(await ledger.head(acme)).toMatchObject({ size: 3 })
  })

  it('undoes the first steps of what fails at a later one', async () => {
    const store = await open(newFolder())
    const ledger = storedLedger(store)
    const broken = store.ask(
      'ledger',
      'append',
      acme,
      [
        { type: 'decision', body: 'a', keys: ['k'], moves: true },
        { type: 'decision', body: null as unknown as string, keys: [], moves: false },
      ],
      undefined,
      1,
    )
    await expect(broken).rejects.toThrow()
    expect(await ledger.head(acme)).toMatchObject({ size: 0, epoch: 0 })
    expect(await ledger.append(acme, [entry('b', ['k'])])).toMatchObject({ first: 0, head: { size: 1, epoch: 0 } })
  })

  it('answers what was asked before closing, and nothing after', async () => {
    const store = await open(newFolder())
    const ledger = storedLedger(store)
    const asked = Array.from({ length: 2000 }, (_, index) => ledger.append(acme, [entry(`${index}`)]))
    const closing = store.close()
    expect(await refusal(ledger.append(acme, [entry('late')]))).toMatchObject({ code: 'unavailable' })
    await closing
    expect((await Promise.all(asked)).filter((appended) => 'first' in appended)).toHaveLength(2000)
    await store.close()
  })

  it('refuses more than it can queue rather than growing without end', async () => {
    const store = await open(newFolder())
    const asked = Array.from({ length: 50_010 }, () => store.ask('marks', 'find', 'x'))
    const settled = await Promise.allSettled(asked)
    const refused = settled.filter((each) => each.status === 'rejected')
    expect(refused).toHaveLength(10)
    expect(refused[0]?.reason).toMatchObject({ code: 'overloaded' })
    expect(await store.ask('marks', 'find', 'x')).toBeUndefined()
  })
})

describe('what is forgotten', () => {
  const owner = { tenant: acme, principal: 'User::u', session: 's' as SessionId }
  const bytesIn = (folder: string) => Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))))
  const wrappedIn = (folder: string) => {
    const db = new Sqlite(join(folder, 'agentgate.db'), { readonly: true })
    const rows = db.prepare<[], { wrapped: Buffer }>('select wrapped from vault_session where expires_at > 0').all()
    db.close()
    return rows.map(({ wrapped }) => wrapped)
  }

  it('leaves no copy of its key in the folder, write-ahead log included, and never a value in the clear', async () => {
    const folder = newFolder()
    const vault = storedVault(await open(folder))
    for (let index = 0; index < 300; index++)
      await vault.keep({ ...owner, session: `s${index}` as SessionId }, [{ kind: 'SSN', value: `secret-value-${index}` }])
    expect(bytesIn(folder).includes('secret-value-')).toBe(false)
    const wrapped = wrappedIn(folder)
    expect(wrapped).toHaveLength(300)
    for (let index = 0; index < 300; index += 2) await vault.forget({ ...owner, session: `s${index}` as SessionId })
    const left = bytesIn(folder)
    expect(wrapped.map((key) => left.includes(key))).toEqual(wrapped.map((_, index) => index % 2 === 1))
    expect(await vault.recall({ ...owner, session: 's1' as SessionId }, ['<SSN_1>'])).toEqual(['secret-value-1'])
    expect(await vault.recall({ ...owner, session: 's2' as SessionId }, ['<SSN_1>'])).toEqual([undefined])
  })

  it('is forgotten a day after a session last kept something, and its tokens stay its own', async () => {
    const folder = newFolder()
    const store = await open(folder)
    let now = 1_800_000_000_000
    const vault = storedVault(store, { now: () => now })
    await vault.keep(owner, [{ kind: 'SSN', value: 'a' }])
    now += 80_000_000
    await vault.keep(owner, [{ kind: 'SSN', value: 'b' }])
    now += 80_000_000
    expect(await vault.recall(owner, ['<SSN_1>', '<SSN_2>'])).toEqual(['a', 'b'])
    now += 6_400_000
    const [wrapped] = wrappedIn(folder)
    expect(await vault.purge(acme)).toMatchObject({ sessions: 1, kinds: { SSN: 2 } })
    expect(bytesIn(folder).includes(wrapped ?? '')).toBe(false)
    expect(await vault.recall(owner, ['<SSN_1>'])).toEqual([undefined])
    expect(await vault.keep(owner, [{ kind: 'SSN', value: 'a' }])).toEqual(['<SSN_3>'])
  })

  it('opens again under a new secret that knows the old one, and not without', async () => {
    const folder = newFolder()
    const first = await open(folder)
    await storedVault(first).keep(owner, [{ kind: 'SSN', value: 'a' }])
    await first.close()
    const fresh = new Uint8Array(32).fill(10)
    const second = await open(folder, { vaultSecret: fresh, replacedVaultSecrets: [vaultSecret] })
    expect(await storedVault(second).recall(owner, ['<SSN_1>'])).toEqual(['a'])
    await second.close()
    const third = await open(folder, { vaultSecret: fresh })
    await expect(storedVault(third).recall(owner, ['<SSN_1>'])).rejects.toMatchObject({ name: 'SealError', code: 'unknown-key' })
    await third.close()
    const fourth = await open(folder, { vaultSecret: fresh, replacedVaultSecrets: [vaultSecret] })
    await storedVault(fourth).rewrap(acme, 100)
    await fourth.close()
    expect(await storedVault(await open(folder, { vaultSecret: fresh })).recall(owner, ['<SSN_1>'])).toEqual(['a'])
  })

  it('by erasing a subject leaves no copy of any of its wrapped keys: not in the folder, nor its log, nor a backup', async () => {
    const folder = newFolder()
    const vault = storedVault(await open(folder))
    const hers = (n: number) => ({ ...owner, session: `s${n}` as SessionId, subject: 'jane.canary@example.com' })
    for (let n = 0; n < 50; n++) await vault.keep(hers(n), [{ kind: 'SSN', value: `secret-value-${n}` }])
    await vault.keep({ ...owner, session: 'other' as SessionId, subject: 'joe' }, [{ kind: 'SSN', value: 'joes' }])
    const db = new Sqlite(join(folder, 'agentgate.db'), { readonly: true })
    const wrapped = [
      ...db.prepare<[], { wrapped: Buffer }>("select wrapped from vault_session where session != 'other'").all(),
      ...db.prepare<[], { wrapped: Buffer }>("select wrapped from vault_key where purpose = 'subject' order by number limit 1").all(),
    ].map((row) => row.wrapped)
    expect(wrapped).toHaveLength(51)
    expect(wrapped.every((key) => bytesIn(folder).includes(key))).toBe(true)
    expect(await vault.erase(acme, 'jane.canary@example.com')).toMatchObject({ sessions: 50, kinds: { SSN: 50 } })
    const backup = newFolder()
    mkdirSync(backup, { recursive: true })
    await db.backup(join(backup, 'agentgate.db'))
    db.close()
    for (const each of [folder, backup]) {
      const bytes = bytesIn(each)
      expect(wrapped.filter((key) => bytes.includes(key))).toEqual([])
      expect(bytes.includes('jane.canary')).toBe(false)
      expect(bytes.includes('secret-value-')).toBe(false)
    }
    expect(await vault.recall({ ...owner, session: 'other' as SessionId }, ['<SSN_1>'])).toEqual(['joes'])
  })

  it('is re-wrapped to the end by whoever starts after a crash in the middle', async () => {
    const folder = newFolder()
    const first = await open(folder)
    for (let n = 0; n < 10; n++)
      await storedVault(first).keep({ ...owner, session: `s${n}` as SessionId, ...(n > 5 && { subject: `p${n}` }) }, [
        { kind: 'SSN', value: 'a' },
      ])
    const { from, to } = await storedVault(first).rotate(acme)
    expect((await storedVault(first).rewrap(acme, 3)).left).toBe(7)
    await first.close()
    const vault = storedVault(await open(folder))
    expect((await vault.holdings(acme)).keys.map(({ name }) => name)).toEqual([from, to])
    const db = new Sqlite(join(folder, 'agentgate.db'), { readonly: true })
    const old = db.prepare<[string], { wrapped: Buffer }>('select wrapped from vault_key where name = ?').get(String(from))?.wrapped ?? ''
    db.close()
    while ((await vault.rewrap(acme, 3)).left > 0);
    expect((await vault.holdings(acme)).keys).toMatchObject([{ name: to, current: true, wraps: 10 }])
    expect(bytesIn(folder).includes(old)).toBe(false)
    for (let n = 0; n < 10; n++) expect(await vault.recall({ ...owner, session: `s${n}` as SessionId }, ['<SSN_1>'])).toEqual(['a'])
  })

  it('is re-wrapped past keys that are damaged, more than a step looks at, and keeps the old key until they are gone', async () => {
    const folder = newFolder()
    const first = await open(folder)
    const inSession = (n: number) => ({ ...owner, session: `s${n}` as SessionId, ...(n > 5 && { subject: `p${n}` }) })
    for (let n = 0; n < 10; n++) await storedVault(first).keep(inSession(n), [{ kind: 'SSN', value: 'a' }])
    const { from, to } = await storedVault(first).rotate(acme)
    await first.close()
    const db = new Sqlite(join(folder, 'agentgate.db'))
    db.exec(`update vault_session set wrapped = x'01' where session in ('s0', 's1', 's2');
      update vault_key set wrapped = substr(wrapped, 1, 20) where number in
        (select number from vault_key where purpose = 'subject' order by number limit 2)`)
    const names = db.prepare("select name from vault_key where purpose = 'subject' order by number limit 2").pluck().all()
    db.close()
    const vault = storedVault(await open(folder))
    const steps = [await vault.rewrap(acme, 2)]
    for (let last = steps[0]; last && last.rewrapped + last.damaged.length > 0; steps.push(last))
      last = await vault.rewrap(acme, 2, last.reached)
    expect(steps.flatMap(({ damaged }) => damaged)).toEqual(
      [...names.map((key) => ({ key })), ...['s0', 's1', 's2'].map((session) => ({ session }))].map((each) => ({
        ...each,
        code: 'not-authentic',
      })),
    )
    expect(steps.at(-1)).toMatchObject({ rewrapped: 0, left: 5 })
    expect((await vault.holdings(acme)).keys).toMatchObject([
      { name: from, current: false, wraps: 5 },
      { name: to, current: true, wraps: 5 },
    ])
    for (const n of [3, 4, 5, 8, 9]) expect(await vault.recall(inSession(n), ['<SSN_1>'])).toEqual(['a'])
    for (const n of [0, 1, 2]) await vault.forget(inSession(n))
    for (const n of [6, 7]) await vault.erase(acme, `p${n}`)
    expect(await vault.rewrap(acme, 2)).toMatchObject({ left: 0, damaged: [] })
    expect((await vault.holdings(acme)).keys).toMatchObject([{ name: to, current: true }])
  })

  const damages: readonly (readonly [string, string, string])[] = [
    ['cut short', 'update vault_pair set sealed = substr(sealed, 1, length(sealed) - 1) where token = ?', 'not-authentic'],
    ['cut to nothing', "update vault_pair set sealed = x'' where token = ?", 'not-authentic'],
    [
      'swapped with another',
      "update vault_pair set sealed = (select sealed from vault_pair where token = '<SSN_2>') where token = ?",
      'not-authentic',
    ],
    ['called another kind', "update vault_pair set kind = 'EMAIL' where token = ?", 'not-authentic'],
  ]
  for (const [how, sql, code] of damages) {
    it(`is not answered when its value was ${how}: a named failure, and nothing of what was asked with it`, async () => {
      const folder = newFolder()
      const store = await open(folder)
      await storedVault(store).keep(owner, [
        { kind: 'SSN', value: 'a' },
        { kind: 'SSN', value: 'b' },
      ])
      await store.close()
      const db = new Sqlite(join(folder, 'agentgate.db'))
      expect(db.prepare(sql).run('<SSN_1>').changes).toBe(1)
      db.close()
      const vault = storedVault(await open(folder))
      await expect(vault.recall(owner, ['<SSN_2>', '<SSN_1>'])).rejects.toMatchObject({ name: 'SealError', code })
      expect(await vault.recall(owner, ['<SSN_2>'])).toEqual(['b'])
    })
  }

  it('is not answered when the keys of two sessions were swapped', async () => {
    const folder = newFolder()
    const store = await open(folder)
    for (const session of ['s1', 's2'])
      await storedVault(store).keep({ ...owner, session: session as SessionId }, [{ kind: 'SSN', value: session }])
    await store.close()
    const db = new Sqlite(join(folder, 'agentgate.db'))
    db.exec("update vault_session set wrapped = (select wrapped from vault_session where session = 's2') where session = 's1'")
    db.close()
    const vault = storedVault(await open(folder))
    expect(await vault.recall({ ...owner, session: 's2' as SessionId }, ['<SSN_1>'])).toEqual(['s2'])
    await expect(vault.recall({ ...owner, session: 's1' as SessionId }, ['<SSN_1>'])).rejects.toMatchObject({ code: 'not-authentic' })
    await expect(vault.keep({ ...owner, session: 's1' as SessionId }, [{ kind: 'SSN', value: 'x' }])).rejects.toMatchObject({
      name: 'SealError',
    })
  })

  it('drops counts whose windows have passed, and keeps the others', async () => {
    const folder = newFolder()
    const store = await open(folder)
    const counter = storedCounter(store)
    const now = 1_800_000_000_000
    await counter.reserve({ id: 'a', key: 'k', amount: 1 }, { max: 5, window: 1000 }, now)
    await counter.reserve({ id: 'b', key: 'k', amount: 1 }, { max: 5 }, now)
    await counter.reserve({ id: 'c', key: 'k', amount: 1 }, { max: 5 }, now)
    await counter.commit('c')
    await tidy(store, now + 8 * 86_400_000)
    const db = new Sqlite(join(folder, 'agentgate.db'), { readonly: true })
    expect(db.prepare('select count(*) from reservation').pluck().get()).toBe(0)
    expect(db.prepare('select place, used from counted').all()).toEqual([{ place: 'total/k', used: 1 }])
    db.close()
  })
})
