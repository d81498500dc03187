import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { auditKey, auditLog, systemClock, type PrincipalId, readAudit, type TenantId } from '@agentgate/core'
import Sqlite from 'better-sqlite3'
import { afterEach, describe, expect, it } from 'vitest'
import { asEvent, tell } from '../policies/tell.ts'
import { storedLedger } from './ledger.ts'
import { storedPolicies } from './policies.ts'
import { openStore, type Store } from './store.ts'

const acme = 'acme' as TenantId
const saying = { hidden: async (_: TenantId, text: string) => text }
const folders: string[] = []
const stores: Store[] = []

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'agentgate-store-'))
  folders.push(folder)
  return folder
}

async function open(folder: string): Promise<Store> {
  const store = await openStore({ folder, vaultSecret: new Uint8Array(32).fill(7) })
  stores.push(store)
  return store
}

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

describe('policy sets of an older store', () => {
  it('keep their versions, their forms and which of them are active', async () => {
    const folder = newFolder()
    const db = new Sqlite(join(folder, 'agentgate.db'))
    db.exec(readFileSync(new URL('sqlite/0001-first.sql', import.meta.url), 'utf8'))
    const insert = db.prepare('insert into policy_set (tenant, id, version, digest, record, active) values (?, ?, ?, ?, ?, ?)')
    const record = (text: string, more = {}) =>
      JSON.stringify({ id: 'a', digest: text, text, publishedAt: 5, publishedBy: 'User::u', ...more })
    insert.run(acme, 'a', 1, 'one', record('one', { source: { form: 'quick', json: '{"pre_rules":[]}' } }), 1)
    insert.run(acme, 'a', 2, 'two', record('two'), 0)
    db.pragma(`application_id = ${0x41475445}`)
    db.pragma('user_version = 1')
    db.close()

    const policies = storedPolicies(await open(folder))
    expect(await policies.active(acme)).toEqual([
      {
        id: 'a',
        version: 1,
        digest: 'one',
        text: 'one',
        source: { form: 'quick', json: '{"pre_rules":[]}' },
        publishedAt: 5,
        publishedBy: 'User::u',
      },
    ])
    expect((await policies.versions(acme)).map(({ version, form }) => [version, form])).toEqual([
      [2, 'cedar'],
      [1, 'quick'],
    ])
    expect(await policies.standings(acme)).toEqual({
      generation: 0,
      sets: [{ id: 'a', active: 1, locked: false, deleted: false, trail: [] }],
    })
  })
})

describe('a crash after a set was activated and before the ledger knew', () => {
  it('leaves the set active, and the entry follows once, with the epoch', async () => {
    const folder = newFolder()
    const store = await open(folder)
    const policies = storedPolicies(store)
    const by = 'User::u' as PrincipalId
    await policies.publish(acme, { id: 'a', digest: 'd', text: 't', publishedAt: 0, publishedBy: by })
    const event = await asEvent(saying, acme, {
      type: 'policy.activated',
      principal: by,
      facts: { set: 'a', to: 1 },
      why: 'because',
      at: 1,
      moves: true,
    })
    await policies.move(acme, 0, { id: 'a', active: 1, locked: false, deleted: false, trail: [] }, event)
    await store.close()

    const again = await open(folder)
    const after = storedPolicies(again)
    expect((await after.active(acme)).map(({ id }) => id)).toEqual(['a'])
    const ledger = storedLedger(again)
    expect(await ledger.head(acme)).toMatchObject({ size: 0, epoch: 0 })
    const house = { policies: after, audit: auditLog({ ledger, key: auditKey(new Uint8Array(32)), clock: systemClock }) }
    await Promise.all([tell(house, acme), tell(house, acme)])
    await tell(house, acme)
    expect(await ledger.head(acme)).toMatchObject({ size: 1, epoch: 1 })
    const [entry] = await ledger.read(acme, 0, 9)
    expect(entry && readAudit(entry)).toMatchObject({ event: 'policy.activated', principal: by })
    expect(entry?.body).not.toContain('because')
    expect(await after.untold(acme)).toEqual([])
  })

  it('tells it once too when the crash came after the ledger knew', async () => {
    const store = await open(newFolder())
    const policies = storedPolicies(store)
    const ledger = storedLedger(store)
    const audit = auditLog({ ledger, key: auditKey(new Uint8Array(32)), clock: systemClock })
    const event = await asEvent(saying, acme, { type: 'policy.saved', facts: { set: 'a' }, at: 1 })
    const draft = { digest: 'd', text: 't', editedAt: 0, editedBy: 'User::u' as PrincipalId }
    await policies.saveDraft(acme, 'a', draft, { event })
    const forgetful = { policies: { ...policies, told: () => Promise.reject(new Error('the power went')) }, audit }
    await expect(tell(forgetful, acme)).rejects.toThrow('the power went')
    await tell({ policies, audit }, acme)
    expect(await ledger.head(acme)).toMatchObject({ size: 1 })
  })
})
