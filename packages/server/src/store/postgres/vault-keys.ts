import { type DamagedKey, keyName, type Seal, SealError, subjectIndex, type WrappingKey } from '@agentgate/core/storing'
import { damagedKey } from '../damaged-key.ts'
import type { Sql } from './database.ts'

interface KeyRow {
  readonly number: number
  readonly name: string
  readonly purpose: 'tenant' | 'subject' | 'index'
  readonly subject: string | null
  readonly wrapped: Buffer
  readonly under: string
}

/** A key that wraps the keys of sessions, with its name. */
export interface Wrapper {
  readonly name: string
  readonly key: WrappingKey
}

/** The keys that wrap the keys of sessions: one current key of each tenant, and one of each subject under it. */
export function vaultKeys(seal: Seal) {
  async function newest(sql: Sql, tenant: string, purpose: 'tenant' | 'index'): Promise<KeyRow | undefined> {
    const [row] = await sql<KeyRow[]>`
      select * from vault_key where tenant = ${tenant} and purpose = ${purpose} order by number desc limit 1`
    return row
  }

  async function named(sql: Sql, tenant: string, name: string): Promise<KeyRow | undefined> {
    const [row] = await sql<KeyRow[]>`select * from vault_key where tenant = ${tenant} and name = ${name}`
    return row
  }

  async function ofSubject(sql: Sql, tenant: string, index: string): Promise<KeyRow | undefined> {
    const [row] = await sql<KeyRow[]>`select * from vault_key where tenant = ${tenant} and subject = ${index}`
    return row
  }

  /** One process makes a key that is missing; another that found it missing too waits, and finds it. */
  async function makingAlone(sql: Sql, tenant: string): Promise<void> {
    await sql`select pg_advisory_xact_lock(hashtextextended(${`vault making ${tenant}`}, 0))`
  }

  async function insert(
    sql: Sql,
    row: Omit<KeyRow, 'number' | 'wrapped'> & { tenant: string; wrapped: Uint8Array; made_at: number },
  ): Promise<void> {
    await sql`insert into vault_key (tenant, name, purpose, subject, wrapped, under, made_at)
      values (${row.tenant}, ${row.name}, ${row.purpose}, ${row.subject}, ${Buffer.from(row.wrapped)}, ${row.under}, ${row.made_at})`
  }

  async function make(sql: Sql, tenant: string, purpose: 'tenant' | 'index', now: number): Promise<Wrapper> {
    const { key, wrapped } = seal.newKey({ tenant, purpose })
    const name = keyName(key)
    await insert(sql, { tenant, name, purpose, subject: null, wrapped, under: '', made_at: now })
    return { name, key }
  }

  /** A tenant's or index key, which the root wraps. */
  async function rootedKey(sql: Sql, tenant: string, purpose: 'tenant' | 'index', now: number): Promise<Wrapper> {
    let row = await newest(sql, tenant, purpose)
    if (!row) {
      await makingAlone(sql, tenant)
      row = await newest(sql, tenant, purpose)
    }
    return row ? { name: row.name, key: seal.unwrapKey({ tenant, purpose }, row.wrapped) } : make(sql, tenant, purpose, now)
  }

  async function find(sql: Sql, tenant: string, name: string): Promise<WrappingKey | undefined> {
    if (name === '') return undefined
    const row = await named(sql, tenant, name)
    if (!row) throw new SealError('unknown-key', 'The key that wraps the keys of the session is gone: it was destroyed.')
    const { purpose, subject, wrapped, under } = row
    if (purpose !== 'subject') return seal.unwrapKey({ tenant, purpose }, wrapped)
    return seal.unwrapKey({ tenant, purpose, subject: subject ?? '' }, wrapped, await find(sql, tenant, under))
  }

  async function replace(sql: Sql, tenant: string, name: string, wrapped: Uint8Array | undefined, under: string): Promise<void> {
    if (!wrapped) return
    await sql`update vault_key set wrapped = ${Buffer.from(wrapped)}, under = ${under} where tenant = ${tenant} and name = ${name}`
  }

  return {
    current: async (sql: Sql, tenant: string, now: number): Promise<Wrapper> => rootedKey(sql, tenant, 'tenant', now),
    /** The key by its name; the root for no name. Rejects with a `SealError` when it is gone. */
    find,
    /** The key of a subject, made when it has none. */
    async forSubject(sql: Sql, tenant: string, subject: string, now: number): Promise<Wrapper> {
      const index = subjectIndex((await rootedKey(sql, tenant, 'index', now)).key, subject)
      let row = await ofSubject(sql, tenant, index)
      if (!row) {
        await makingAlone(sql, tenant)
        row = await ofSubject(sql, tenant, index)
      }
      const place = { tenant, purpose: 'subject', subject: index } as const
      if (row) return { name: row.name, key: seal.unwrapKey(place, row.wrapped, await find(sql, tenant, row.under)) }
      const under = await rootedKey(sql, tenant, 'tenant', now)
      const { key, wrapped } = seal.newKey(place, under.key)
      const name = keyName(key)
      await insert(sql, { tenant, name, purpose: 'subject', subject: index, wrapped, under: under.name, made_at: now })
      return { name, key }
    },
    isSubjects: async (sql: Sql, tenant: string, name: string): Promise<boolean> => (await named(sql, tenant, name))?.purpose === 'subject',
    nameOf: async (sql: Sql, tenant: string, subject: string, now: number): Promise<string | undefined> =>
      (await ofSubject(sql, tenant, subjectIndex((await rootedKey(sql, tenant, 'index', now)).key, subject)))?.name,
    make: async (sql: Sql, tenant: string, now: number): Promise<Wrapper> => make(sql, tenant, 'tenant', now),
    newestName: async (sql: Sql, tenant: string): Promise<string | undefined> => (await newest(sql, tenant, 'tenant'))?.name,
    /** Wraps keys of the root under its newest secret; which of them do not open. */
    async rewrapRooted(sql: Sql, tenant: string): Promise<DamagedKey[]> {
      const rows = await sql<(KeyRow & { purpose: 'tenant' | 'index' })[]>`
        select * from vault_key where tenant = ${tenant} and purpose in ('tenant', 'index')`
      const damaged: DamagedKey[] = []
      for (const { name, purpose, wrapped } of rows)
        try {
          await replace(sql, tenant, name, seal.rewrapKey({ tenant, purpose }, wrapped), '')
        } catch (error) {
          damaged.push(damagedKey({ key: name }, error))
        }
      return damaged
    },
    /** Wraps keys of up to `limit` subjects under `to`, from the key after number `past` on. */
    async rewrap(sql: Sql, tenant: string, to: Wrapper, limit: number, past: number) {
      const rows = await sql<KeyRow[]>`
        select * from vault_key where tenant = ${tenant} and purpose = 'subject' and under <> ${to.name} and number > ${past}
          order by number limit ${limit}`
      const damaged: DamagedKey[] = []
      for (const { name, subject, wrapped, under } of rows)
        try {
          const place = { tenant, purpose: 'subject', subject: subject ?? '' } as const
          await replace(sql, tenant, name, seal.rewrapKey(place, wrapped, await find(sql, tenant, under), to.key), to.name)
        } catch (error) {
          damaged.push(damagedKey({ key: name }, error))
        }
      return { looked: rows.length, damaged, last: rows.at(-1)?.number ?? past }
    },
    async destroy(sql: Sql, tenant: string, name: string): Promise<void> {
      await sql`delete from vault_key where tenant = ${tenant} and name = ${name}`
    },
  }
}
