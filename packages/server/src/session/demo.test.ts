import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TenantId } from '@agentgate/core'
import { afterEach, describe, expect, it } from 'vitest'
import { storedPrincipals } from '../store/principals.ts'
import { openStore, type Store } from '../store/store.ts'
import { claimStore, demoUsers } from './demo.ts'
import { createPasswords } from './passwords.ts'
import { createUsers } from './users.ts'

const tenant = 'default' as TenantId
const opened: { store: Store; data: string }[] = []

async function fresh() {
  const data = mkdtempSync(join(tmpdir(), 'agentgate-demo-'))
  const store = await openStore({ folder: data, vaultSecret: new Uint8Array(32).fill(5) })
  opened.push({ store, data })
  const passwords = createPasswords()
  const users = createUsers({ store, principals: storedPrincipals(store), passwords, clock: { now: () => 1_800_000_000_000 } })
  const fits = async (email: string, password: string) => (await passwords.check(password, (await users.byEmail(email))?.password)).ok
  return { store, data, users, fits }
}

afterEach(async () => {
  for (const { store, data } of opened.splice(0)) {
    await store.close()
    rmSync(data, { recursive: true })
  }
})

describe('a demo', () => {
  it('has one who asks and another who approves, the same each time it starts', async () => {
    const { data, users, fits } = await fresh()
    const first = await demoUsers(users, tenant, { data, demo: {} })
    expect(first.map(({ part, email }) => [part, email])).toEqual([
      ['requester', 'requester@demo.example'],
      ['approver', 'approver@demo.example'],
    ])
    expect((await users.list(tenant)).map(({ roles }) => roles)).toEqual(expect.arrayContaining([['admin'], ['approver']]))
    expect(new Set(first.map(({ password }) => password)).size).toBe(2)
    for (const { email, password } of first) expect(await fits(email, password)).toBe(true)
    expect(await demoUsers(users, tenant, { data, demo: {} })).toEqual(first)
    expect(await users.list(tenant)).toHaveLength(2)
    expect(statSync(join(data, 'demo-users.json')).mode & 0o777).toBe(0o600)
    expect(JSON.parse(readFileSync(join(data, 'demo-users.json'), 'utf8'))).toEqual(first)
  })

  it('takes the address and the password that were set, at any start', async () => {
    const { data, users, fits } = await fresh()
    await demoUsers(users, tenant, { data, demo: { email: 'approver@corp.example' } })
    const set = await demoUsers(users, tenant, { data, demo: { email: 'approver@corp.example', password: 'chosen by somebody' } })
    expect(set.map(({ email }) => email)).toEqual(['approver@corp.example', 'second-approver@corp.example'])
    for (const { email } of set) expect(await fits(email, 'chosen by somebody')).toBe(true)
  })

  it('never shares a folder with production', async () => {
    const [demo, real, development] = [await fresh(), await fresh(), await fresh()]
    await claimStore(demo.store, { mode: 'demo', data: demo.data })
    await claimStore(demo.store, { mode: 'demo', data: demo.data })
    await claimStore(demo.store, { mode: 'development', data: demo.data })
    await expect(claimStore(demo.store, { mode: 'production', data: demo.data })).rejects.toThrow('made by a demo')
    await claimStore(real.store, { mode: 'production', data: real.data })
    await claimStore(real.store, { mode: 'production', data: real.data })
    await expect(claimStore(real.store, { mode: 'demo', data: real.data })).rejects.toThrow('belongs to a server in production')
    await claimStore(development.store, { mode: 'development', data: development.data })
    await expect(claimStore(development.store, { mode: 'production', data: development.data })).rejects.toThrow('in development')
  })
})
