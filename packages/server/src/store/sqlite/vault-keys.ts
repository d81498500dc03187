import { type DamagedKey, keyName, type Seal, SealError, subjectIndex, type WrappingKey } from '@agentgate/core/storing'
import type { Database } from 'better-sqlite3'
import { damagedKey } from '../damaged-key.ts'

interface KeyRow {
  readonly number: number
  readonly name: string
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
export function vaultKeys(db: Database, seal: Seal) {
  const newest = db.prepare<[string, string], KeyRow>(
    'select * from vault_key where tenant = ? and purpose = ? order by number desc limit 1',
  )
  const named = db.prepare<[string, string], KeyRow & { purpose: 'tenant' | 'subject' | 'index' }>(
    'select * from vault_key where tenant = ? and name = ?',
  )
  const ofSubject = db.prepare<[string, string], KeyRow>('select * from vault_key where tenant = ? and subject = ?')
  const insert = db.prepare('insert into vault_key (tenant, name, purpose, subject, wrapped, under, made_at) values (?, ?, ?, ?, ?, ?, ?)')
  const overwrite = db.prepare('update vault_key set wrapped = zeroblob(length(wrapped)), subject = null where tenant = ? and name = ?')
  const drop = db.prepare('delete from vault_key where tenant = ? and name = ?')
  const subjectsNotUnder = db.prepare<[string, string, number, number], KeyRow>(
    `select * from vault_key where tenant = ? and purpose = 'subject' and under != ? and subject is not null and number > ?
       order by number limit ?`,
  )
  const rooted = db.prepare<[string], KeyRow & { purpose: 'tenant' | 'index' }>(
    `select * from vault_key where tenant = ? and purpose in ('tenant', 'index')`,
  )
  const replace = db.prepare('update vault_key set wrapped = ?, under = ? where tenant = ? and name = ?')
  const known = new Map<string, WrappingKey>()

  /** A tenant's or index key, which the root wraps. */
  function opened(tenant: string, purpose: 'tenant' | 'index', { name, wrapped }: KeyRow): WrappingKey {
    const at = `${tenant}\0${name}`
    const key = known.get(at) ?? seal.unwrapKey({ tenant, purpose }, wrapped)
    if (known.size > 1000) known.clear()
    known.set(at, key)
    return key
  }

  function make(tenant: string, purpose: 'tenant' | 'index', now: number): Wrapper {
    const { key, wrapped } = seal.newKey({ tenant, purpose })
    const name = keyName(key)
    insert.run(tenant, name, purpose, null, Buffer.from(wrapped), '', now)
    return { name, key }
  }

  function indexOf(tenant: string, subject: string, now: number): string {
    const row = newest.get(tenant, 'index')
    return subjectIndex(row ? opened(tenant, 'index', row) : make(tenant, 'index', now).key, subject)
  }

  function current(tenant: string, now: number): Wrapper {
    const row = newest.get(tenant, 'tenant')
    return row ? { name: row.name, key: opened(tenant, 'tenant', row) } : make(tenant, 'tenant', now)
  }

  function find(tenant: string, name: string): WrappingKey | undefined {
    if (name === '') return undefined
    const row = named.get(tenant, name)
    if (!row) throw new SealError('unknown-key', 'The key that wraps the keys of the session is gone: it was destroyed.')
    if (row.purpose !== 'subject') return opened(tenant, row.purpose as 'tenant', row)
    if (row.subject === null) throw new SealError('unknown-key', "The subject's key is gone: it was erased.")
    return seal.unwrapKey({ tenant, purpose: 'subject', subject: row.subject }, row.wrapped, find(tenant, row.under))
  }

  return {
    current,
    /** The key by its name; the root for no name. Throws a `SealError` when it is gone. */
    find,
    /** The key of a subject, made when it has none. */
    forSubject(tenant: string, subject: string, now: number): Wrapper {
      const index = indexOf(tenant, subject, now)
      const row = ofSubject.get(tenant, index)
      const place = { tenant, purpose: 'subject', subject: index } as const
      if (row) return { name: row.name, key: seal.unwrapKey(place, row.wrapped, find(tenant, row.under)) }
      const under = current(tenant, now)
      const { key, wrapped } = seal.newKey(place, under.key)
      const name = keyName(key)
      insert.run(tenant, name, 'subject', index, Buffer.from(wrapped), under.name, now)
      return { name, key }
    },
    isSubjects: (tenant: string, name: string): boolean => named.get(tenant, name)?.purpose === 'subject',
    nameOf: (tenant: string, subject: string, now: number): string | undefined =>
      ofSubject.get(tenant, indexOf(tenant, subject, now))?.name,
    make: (tenant: string, now: number) => make(tenant, 'tenant', now),
    newestName: (tenant: string): string | undefined => newest.get(tenant, 'tenant')?.name,
    /** Wraps keys of the root under its newest secret; which of them do not open. */
    rewrapRooted(tenant: string): DamagedKey[] {
      const damaged: DamagedKey[] = []
      for (const { name, purpose, wrapped } of rooted.all(tenant))
        try {
          const again = seal.rewrapKey({ tenant, purpose }, wrapped)
          if (again) replace.run(Buffer.from(again), '', tenant, name)
        } catch (error) {
          damaged.push(damagedKey({ key: name }, error))
        }
      return damaged
    },
    /** Wraps keys of up to `limit` subjects under `to`, from the key after number `past` on. */
    rewrap(tenant: string, to: Wrapper, limit: number, past: number) {
      const rows = subjectsNotUnder.all(tenant, to.name, past, limit)
      const damaged: DamagedKey[] = []
      for (const { name, subject, wrapped, under } of rows)
        try {
          const place = { tenant, purpose: 'subject', subject: subject ?? '' } as const
          const again = seal.rewrapKey(place, wrapped, find(tenant, under), to.key)
          if (again) replace.run(Buffer.from(again), to.name, tenant, name)
        } catch (error) {
          damaged.push(damagedKey({ key: name }, error))
        }
      return { looked: rows.length, damaged, last: rows.at(-1)?.number ?? past }
    },
    destroy(tenant: string, name: string): void {
      overwrite.run(tenant, name)
      drop.run(tenant, name)
      known.delete(`${tenant}\0${name}`)
    },
  }
}
