import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { consistencyProof, leafHash, type NewEntry, type Owner, type TenantId, verifyConsistency } from '@agentgate/core'
import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { postgresPrograms, startTestPostgres, type TestPostgres } from '../../test-postgres.ts'
import { eventually } from '../../test-server.ts'
import { storedApprovals } from '../approvals.ts'
import { storedCounter } from '../counter.ts'
import { storedLedger } from '../ledger.ts'
import { storedPolicies } from '../policies.ts'
import type { Store } from '../store.ts'
import { StoreError } from '../store-error.ts'
import { storedVault } from '../vault.ts'
import { openPostgres } from './open.ts'

const programs = postgresPrograms(process.env['PATH'])
const missing = 'PostgreSQL is not installed: nothing shows what the store does on it.'
if (!programs) {
  if (process.env['CI']) throw new Error(missing)
  console.warn(`SKIPPED: ${missing}`)
}

const acme = 'acme' as TenantId
const entry = (body: string, keys: readonly string[] = []): NewEntry => ({ type: 'decision', body: JSON.stringify(body), keys })

const ownerIn = (session: string, subject?: string) =>
  ({ tenant: acme, principal: 'User::u1', session, ...(subject !== undefined && { subject }) }) as Owner

const nth = <T>(all: readonly T[], n: number): T => all[n % all.length] as T

async function refusal(asking: Promise<unknown>): Promise<StoreError> {
  const error = await asking.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof StoreError)) throw new Error(`no store error, but ${String(error)}`)
  expect(error.message).toMatch(/^[^\n]*\.$/)
  return error
}

describe.skipIf(!programs)('a store in PostgreSQL', () => {
  const opened: Store[] = []
  let server: TestPostgres
  beforeAll(async () => {
    server = await startTestPostgres(programs ?? '')
  })
  afterAll(async () => server?.stop())
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close()
  })

  async function open(url: string, patience?: number): Promise<Store> {
    const store = await openPostgres({ url, vaultSecret: new Uint8Array(32).fill(9), ...(patience !== undefined && { patience }) })
    opened.push(store)
    return store
  }

  const openAll = (url: string, many = 3) => Promise.all(Array.from({ length: many }, () => open(url)))

  describe('of several servers', () => {
    it('is made by the first of those that start at once, and is the same to all', async () => {
      const stores = await openAll(await server.fresh(), 4)
      await stores[0]?.ask('marks', 'put', 'a', 'b')
      for (const store of stores) expect(await store.ask('marks', 'find', 'a')).toBe('b')
    })

    it('keeps one ledger without gap or fork, and every entry that it acknowledged to any of them', async () => {
      const stores = await openAll(await server.fresh())
      const acknowledged = new Map<number, string>()
      const heads: { size: number; root: string }[] = []
      await Promise.all(
        stores.map(async (store, at) => {
          const ledger = storedLedger(store)
          await Promise.all(
            Array.from({ length: 10 }, async (_, caller) => {
              for (let n = 0; n < 20; n++) {
                const names = [`${at}-${caller}-${n}a`, `${at}-${caller}-${n}b`]
                const appended = await ledger.append(
                  acme,
                  names.map((name) => entry(name, [name])),
                )
                if (!('first' in appended)) throw new Error('not appended')
                for (const [offset, name] of names.entries()) {
                  expect(acknowledged.has(appended.first + offset)).toBe(false)
                  acknowledged.set(appended.first + offset, name)
                }
                heads.push(appended.head)
              }
            }),
          )
        }),
      )
      const ledger = storedLedger(nth(stores, 1))
      const { size, root } = await ledger.head(acme)
      expect(size).toBe(3 * 10 * 20 * 2)
      const entries = [...(await ledger.read(acme, 0, 1000)), ...(await ledger.read(acme, 1000, 2000))]
      expect(entries.map(({ index, body }) => [index, body])).toEqual(
        entries.map((_, index) => [index, JSON.stringify(acknowledged.get(index))]),
      )
      const leaves = await ledger.nodes(
        acme,
        entries.map(({ index }) => ({ level: 0, index })),
      )
      expect(leaves).toEqual(entries.map(({ body }) => leafHash(body)))
      for (const head of heads.filter((_, index) => index % 20 === 0)) {
        const hashes = await consistencyProof(head.size, size, (at) => ledger.nodes(acme, at))
        expect(await verifyConsistency({ older: head.size, olderRoot: head.root, size, root }, hashes)).toBe(true)
      }
    })

    it('gives a key to one entry, and an epoch to one move, whoever asks', async () => {
      const ledgers = (await openAll(await server.fresh())).map((store) => storedLedger(store))
      const keyed = await Promise.all(
        Array.from({ length: 30 }, (_, n) => nth(ledgers, n).append(acme, [entry(`${n}`, [`approval/${n % 5}`])])),
      )
      expect(keyed.filter((each) => 'first' in each)).toHaveLength(5)
      expect(keyed.filter((each) => 'taken' in each)).toHaveLength(25)
      const moving = await Promise.all(
        Array.from({ length: 12 }, (_, n) => nth(ledgers, n).append(acme, [{ ...entry(`m${n}`), moves: true }], { epoch: 0 })),
      )
      expect(moving.filter((each) => 'first' in each)).toHaveLength(1)
      expect(moving.filter((each) => 'moved' in each && each.moved === 1)).toHaveLength(11)
      expect(await ledgers[2]?.append(acme, [entry('late')], { epoch: 0 })).toEqual({ moved: 1 })
    })

    it('refuses one of two takers of the last unit, and gives back what is released on any of them', async () => {
      const counters = (await openAll(await server.fresh())).map(storedCounter)
      const limit = { max: 50, window: 60_000 }
      const now = 1_800_000_000_000
      const asked = await Promise.all(
        Array.from({ length: 90 }, (_, n) => nth(counters, n).reserve({ id: `r${n}`, key: 'k', amount: 1 }, limit, now)),
      )
      const taken = asked.flatMap((each, n) => (each.ok ? [n] : []))
      expect(taken).toHaveLength(50)
      await Promise.all(taken.slice(0, 10).map((n) => nth(counters, n + 1).release(`r${n}`)))
      await Promise.all(taken.slice(10).map((n) => nth(counters, n + 2).commit(`r${n}`)))
      expect(await counters[0]?.reserve({ id: 'more', key: 'k', amount: 11 }, limit, now)).toMatchObject({ ok: false, used: 40 })
      expect(await counters[0]?.reserve({ id: 'more', key: 'k', amount: 10 }, limit, now)).toEqual({ ok: true, used: 50 })
    })

    it('takes one answer to a question, and one change of a standing', async () => {
      const stores = await openAll(await server.fresh())
      const approvals = stores.map(storedApprovals)
      const call = { id: 'c', principal: { id: 'Agent::a' } }
      const question = {
        id: 'q',
        tenant: acme,
        callId: 'c',
        binding: 'b',
        call,
        why: 'w',
        askedAt: 1,
        expiresAt: 9,
        quorum: 1,
        ways: [],
        roles: [],
        answers: [],
        state: 'pending',
      }
      await Promise.all(approvals.map((each, n) => each.ask({ ...question, id: `q${n}` } as never)))
      const [asked] = await nth(approvals, 0).list(acme, { limit: 9 })
      const by = (n: number) => ({ approved: n % 2 === 0, by: `User::${n}`, reason: '', at: 2, roles: [] }) as never
      const answers = await Promise.all(Array.from({ length: 9 }, (_, n) => nth(approvals, n).answer(acme, asked?.id as never, by(n))))
      expect(answers.filter(Boolean)).toHaveLength(1)
      const policies = stores.map(storedPolicies)
      await policies[0]?.publish(acme, { id: 'a', digest: 'd', text: 't', publishedAt: 0, publishedBy: 'User::u' as never })
      const standing = { id: 'a', active: 1, locked: false, deleted: false, trail: [] }
      const moved = await Promise.all(policies.map((each) => each.move(acme, 0, standing)))
      expect(moved.filter(Boolean)).toHaveLength(1)
      for (const each of policies) expect(await each.active(acme)).toHaveLength(1)
    })
  })

  describe('opening', () => {
    it('refuses a database of a newer AgentGate, and one of something else, unchanged', async () => {
      const [newer, theirs] = [await server.fresh(), await server.fresh()]
      await (await open(newer)).close()
      await server.edit(newer, 'update schema_version set version = 999')
      expect(await refusal(open(newer))).toMatchObject({
        code: 'unknown-schema',
        message: expect.stringContaining('has schema 999') as unknown,
      })
      await server.edit(theirs, 'create table orders (x integer)')
      expect(await refusal(open(theirs))).toMatchObject({ code: 'unknown-schema' })
      const sql = postgres(theirs, { max: 1 })
      expect(await sql`select tablename from pg_tables where schemaname = 'public'`).toEqual([{ tablename: 'orders' }])
      await sql.end()
    })

    it('refuses a database that acknowledges what is not on disk, wherever that was set', async () => {
      const url = await server.fresh()
      const name = new URL(url).pathname.slice(1)
      for (const [off, on] of [
        [`alter role agentgate set synchronous_commit = off`, `alter role agentgate reset synchronous_commit`],
        [`alter database ${name} set synchronous_commit = off`, `alter database ${name} reset synchronous_commit`],
        [
          `alter role agentgate in database ${name} set synchronous_commit = off`,
          `alter role agentgate in database ${name} reset synchronous_commit`,
        ],
      ] as const) {
        await server.edit(url, off)
        const error = await refusal(open(url))
        expect(error).toMatchObject({ code: 'not-durable', message: expect.stringContaining('synchronous_commit') as unknown })
        await server.edit(url, on)
      }
      expect(await refusal(open(`${url}?synchronous_commit=off`))).toMatchObject({ code: 'not-durable' })
      await (await open(url)).close()
    })

    it('says in one line that no database is there', async () => {
      expect(await refusal(open('postgres://agentgate@127.0.0.1:1/none'))).toMatchObject({ code: 'unavailable' })
      const unknown = await refusal(open((await server.fresh()).replace(/test_\d+$/, 'nowhere')))
      expect(unknown.message).toContain('3D000')
    })
  })

  describe('that is changed while it is open', () => {
    it('acknowledges no append after `fsync` was turned off', async () => {
      const url = await server.fresh()
      const ledger = storedLedger(await open(url))
      await ledger.append(acme, [entry('a')])
      await server.halt('stop')
      await server.start('fsync=off')
      expect(await refusal(ledger.append(acme, [entry('b')]).catch(async () => ledger.append(acme, [entry('b')])))).toMatchObject({
        code: 'not-durable',
      })
      expect((await ledger.head(acme)).size).toBe(1)
      expect(await refusal(open(url))).toMatchObject({ code: 'not-durable', message: expect.stringContaining('fsync') as unknown })
      await server.halt('stop')
      await server.start()
      expect(await eventually(async () => ledger.append(acme, [entry('c')]).catch(() => undefined))).toMatchObject({ first: 1 })
    })
  })

  describe('whose database goes away', () => {
    it('refuses at once, comes back by itself, and has lost nothing that it acknowledged', async () => {
      const store = await open(await server.fresh())
      const ledger = storedLedger(store)
      const acknowledged = new Map<number, string>()
      let stopped = false
      const load = Array.from({ length: 8 }, async (_, caller) => {
        for (let n = 0; !stopped; n++) {
          const name = `${caller}-${n}`
          const appended = await ledger.append(acme, [entry(name)]).catch(() => undefined)
          if (appended === undefined) return
          if ('first' in appended) acknowledged.set(appended.first, name)
        }
      })
      await eventually(async () => (acknowledged.size > 100 ? true : undefined))
      await server.halt('crash')
      await Promise.all(load)
      stopped = true
      const from = performance.now()
      expect(await refusal(store.ask('marks', 'put', 'x', 'y'))).toMatchObject({ code: 'unavailable' })
      expect(performance.now() - from).toBeLessThan(2_000)
      await server.start()
      const head = await eventually(async () => ledger.head(acme).catch(() => undefined))
      const entries = (await Promise.all([0, 1000, 2000, 3000, 4000].map((at) => ledger.read(acme, at, at + 1000)))).flat()
      expect(entries).toHaveLength(head.size)
      for (const [index, name] of acknowledged) expect(entries[index]?.body).toBe(JSON.stringify(name))
      expect(await ledger.append(acme, [entry('after')])).toMatchObject({ first: head.size })
    })

    it('gives up what a silent database does not answer, and asks again by new connections', async () => {
      const url = new URL(await server.fresh())
      const behind = Number(url.port)
      const ends: Socket[] = []
      let silent = false
      const proxy = createServer((near) => {
        const far = connect(behind, url.hostname)
        ends.push(near, far)
        for (const end of [near, far]) end.on('error', () => undefined)
        near.on('data', (bytes) => void (silent || far.write(bytes)))
        far.on('data', (bytes) => void (silent || near.write(bytes)))
      }).listen(0, '127.0.0.1')
      await once(proxy, 'listening')
      url.port = String((proxy.address() as AddressInfo).port)
      const store = await open(url.href, 1_000)
      const ledger = storedLedger(store)
      await ledger.append(acme, [entry('a')])
      silent = true
      const all = await Promise.all([1, 2, 3].map((n) => refusal(ledger.append(acme, [entry(`${n}`)]))))
      expect(all.map(({ code }) => code)).toEqual(['unavailable', 'unavailable', 'unavailable'])
      expect(await refusal(store.ask('marks', 'find', 'x'))).toMatchObject({ code: 'unavailable' })
      silent = false
      expect(await eventually(async () => ledger.append(acme, [entry('b')]).catch(() => undefined))).toHaveProperty('first')
      await store.close()
      for (const end of ends) end.destroy()
      proxy.close()
    })
  })

  it('re-wraps keys past those that are damaged, and keeps the old key while they are there', async () => {
    const url = await server.fresh()
    const vault = storedVault(await open(url))
    const inSession = (n: number) => ownerIn(`s${n}`, n > 5 ? `p${n}` : undefined)
    for (let n = 0; n < 10; n++) await vault.keep(inSession(n), [{ kind: 'SSN', value: 'a' }])
    const { from, to } = await vault.rotate(acme)
    await server.edit(url, "update vault_session set wrapped = '' where session in ('s0', 's1', 's2')")
    await server.edit(
      url,
      `update vault_key set wrapped = substring(wrapped from 1 for 20) where number in
        (select number from vault_key where purpose = 'subject' order by number limit 2)`,
    )
    const steps = [await vault.rewrap(acme, 2)]
    for (let last = steps[0]; last && last.rewrapped + last.damaged.length > 0; steps.push(last))
      last = await vault.rewrap(acme, 2, last.reached)
    expect(steps.flatMap(({ damaged }) => damaged).map(({ code }) => code)).toEqual(Array.from({ length: 5 }, () => 'not-authentic'))
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

  it('refuses a text that PostgreSQL cannot store, and only that', async () => {
    const ledger = storedLedger(await open(await server.fresh()))
    const all = await Promise.allSettled([
      ledger.append(acme, [entry('a')]),
      ledger.append(acme, [{ type: 'decision', body: 'a\0b' }]),
      ledger.append(acme, [entry('c')]),
    ])
    expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(all[1]).toMatchObject({ reason: { code: 'invalid-text' } })
    expect((await ledger.read(acme, 0, 9)).map(({ body }) => body)).toEqual(['"a"', '"c"'])
  })
})
