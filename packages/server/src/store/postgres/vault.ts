import type { Owner } from '@agentgate/core'
import {
  createSeal,
  type DamagedKey,
  type Destroyed,
  keyName,
  keysNamed,
  lifetimeOf,
  nothingDestroyed,
  recordsPrefix,
  type Reached,
  type Retention,
  type Rewrapped,
  type SessionKeys,
  type Terms,
} from '@agentgate/core/storing'
import { damagedKey } from '../damaged-key.ts'
import type { VaultSecrets } from '../sqlite/vault.ts'
import type { Database, Sql } from './database.ts'
import { vaultKeys } from './vault-keys.ts'

interface SessionRow {
  readonly number: number
  readonly tenant: string
  readonly principal: string
  readonly session: string
  readonly wrapped: Buffer
  readonly under: string
  readonly about: string
  readonly opened_at: number
  readonly expires_at: number
  readonly lifetime: number | null
  readonly until: number | null
}

interface Living {
  readonly row: SessionRow
  readonly keys: SessionKeys
}

/**
 * The rows of the vault: plain values are neither written nor kept. Who changes one session holds its lock and a share of its
 * tenant's; who changes the keys of a tenant holds that alone. What is destroyed is deleted: dead rows, the write-ahead log,
 * standbys and backups still hold the wrapped key until PostgreSQL and whoever keeps them reuse that space.
 */
export function vaultRows(db: Database, { secret, replaced = [], lifetime }: VaultSecrets) {
  const seal = createSeal(secret, replaced)
  const keys = vaultKeys(seal)

  async function keysOf(sql: Sql, row: SessionRow): Promise<SessionKeys> {
    return seal.unwrap(ownerOf(row), row.wrapped, await keys.find(sql, row.tenant, row.under))
  }

  async function open(sql: Sql, owner: Owner, { lifetime: own, until, about = {} }: Terms, now: number): Promise<Living> {
    const { tenant, principal, session, subject } = owner
    const under = subject === undefined ? await keys.current(sql, tenant, now) : await keys.forSubject(sql, tenant, subject, now)
    const { keys: made, wrapped } = seal.newKeys(owner, under.key)
    const ends = Math.min(now + (own ?? lifetimeOf(session, lifetime)), until ?? Infinity)
    const [row] = await sql<SessionRow[]>`
      insert into vault_session (tenant, principal, session, wrapped, under, about, opened_at, lifetime, until, expires_at)
        values (${tenant}, ${principal}, ${session}, ${Buffer.from(wrapped)}, ${under.name}, ${JSON.stringify(about)}, ${now},
          ${own ?? null}, ${until ?? null}, ${ends}) returning *`
    if (!row) throw new Error('the session was not inserted')
    return { row, keys: made }
  }

  /** The living session; one whose time is over goes first. */
  async function alive(sql: Sql, owner: Owner, now: number): Promise<Living | undefined> {
    const row = await rowOf(sql, owner)
    if (row && row.expires_at > now) return { row, keys: await keysOf(sql, row) }
    if (row) await destroy(sql, [row])
    return undefined
  }

  /** Puts a session under the key of its subject as soon as that is known. */
  async function learnSubject(sql: Sql, row: SessionRow, owner: Owner, now: number): Promise<void> {
    if (owner.subject === undefined || (await keys.isSubjects(sql, row.tenant, row.under))) return
    const to = await keys.forSubject(sql, owner.tenant, owner.subject, now)
    const again = seal.rewrap(owner, row.wrapped, await keys.find(sql, owner.tenant, row.under), to.key)
    if (again) await wrapAgain(sql, row, again, to.name)
  }

  async function destroy(sql: Sql, rows: readonly SessionRow[]): Promise<Destroyed> {
    if (rows.length === 0) return nothingDestroyed
    const names: string[] = []
    // What nothing opens any more has no name to tell.
    for (const row of rows)
      names.push(
        ...(await keysOf(sql, row).then(
          (own) => [keyName(own)],
          () => [],
        )),
      )
    const numbers = rows.map(({ number }) => number)
    const kinds = await sql<{ kind: string; count: number }[]>`
      with gone as (delete from vault_pair where number = any(${numbers}::bigint[]) returning kind)
      select kind, count(*) as count from gone group by kind order by kind`
    await sql`delete from vault_session where number = any(${numbers}::bigint[])`
    return { keys: names, sessions: rows.length, kinds: countsOf(kinds) }
  }

  const ofSession = <T>(owner: Owner, change: Database['change'], work: (sql: Sql) => Promise<T>): Promise<T> =>
    change(async (sql) => {
      await sql`select pg_advisory_xact_lock_shared(hashtextextended(${`vault ${owner.tenant}`}, 0))`
      await sql`select pg_advisory_xact_lock(hashtextextended(${JSON.stringify(['vault', owner.tenant, owner.principal, owner.session])}, 0))`
      return work(sql)
    })
  const ofTenant = <T>(tenant: string, work: (sql: Sql) => Promise<T>): Promise<T> =>
    db.change(async (sql) => {
      await sql`select pg_advisory_xact_lock(hashtextextended(${`vault ${tenant}`}, 0))`
      return work(sql)
    })

  return {
    open: async (owner: Owner, terms: Terms, now: number): Promise<boolean> =>
      ofSession(owner, db.lightly, async (sql) => {
        if (await alive(sql, owner, now)) return false
        await open(sql, owner, terms, now)
        return true
      }),
    keep: async (owner: Owner, values: readonly { readonly kind: string; readonly value: string }[], now: number): Promise<string[]> => {
      if (values.length === 0) return []
      return ofSession(owner, db.lightly, async (sql) => {
        const { tenant, principal, session } = owner
        const { row, keys: own } = (await alive(sql, owner, now)) ?? (await open(sql, owner, {}, now))
        const { number } = row
        await learnSubject(sql, row, owner, now)
        const ends = Math.min(now + (row.lifetime ?? lifetimeOf(session, lifetime)), row.until ?? Infinity)
        await sql`update vault_session set expires_at = ${ends} where number = ${number}`
        const wanted = values.map(({ kind, value }) => ({ kind, value, identity: seal.identity(own, kind, value) }))
        const known = await sql<{ identity: string; token: string; kept_at: number }[]>`
          select wanted.identity, token, kept_at from unnest(${[...new Set(wanted.map(({ identity }) => identity))]}::text[]) as wanted (identity)
            cross join lateral (select token, kept_at from vault_pair where number = ${number} and identity = wanted.identity offset 0) as pair`
        const stale = known.filter(({ kept_at }) => kept_at + 60_000 <= now).map(({ token }) => token)
        if (stale.length > 0) await sql`update vault_pair set kept_at = ${now} where number = ${number} and token = any(${stale})`
        const tokens = new Map(known.map(({ identity, token }) => [identity, token]))
        const fresh = [...new Map(wanted.filter(({ identity }) => !tokens.has(identity)).map((each) => [each.identity, each])).values()]
        const next = new Map<string, number>()
        for (const [kind, { length }] of Map.groupBy(fresh, (each) => each.kind)) {
          const [counted] = await sql<{ last: number }[]>`
            insert into vault_number (tenant, principal, session, kind, last) values (${tenant}, ${principal}, ${session}, ${kind}, ${length})
              on conflict (tenant, principal, session, kind) do update set last = vault_number.last + excluded.last returning last`
          next.set(kind, (counted?.last ?? length) - length + 1)
        }
        const pairs = fresh.map(({ kind, value, identity }) => {
          const at = next.get(kind) ?? 1
          next.set(kind, at + 1)
          const token = `<${kind}_${at}>`
          tokens.set(identity, token)
          return { token, kind, identity, sealed: Buffer.from(seal.seal(own, { tenant, session, token, kind }, value)).toString('base64') }
        })
        if (pairs.length > 0)
          await sql`
            insert into vault_pair (tenant, number, token, kind, identity, sealed, kept_at)
              select ${tenant}, ${number}, token, kind, identity, decode(sealed, 'base64'), ${now} from unnest(
                ${pairs.map(({ token }) => token)}::text[], ${pairs.map(({ kind }) => kind)}::text[],
                ${pairs.map(({ identity }) => identity)}::text[], ${pairs.map(({ sealed }) => sealed)}::text[]) as new (token, kind, identity, sealed)`
        return wanted.map(({ identity }) => tokens.get(identity) ?? '')
      })
    },
    /** Of one moment: a key that is wrapped anew meanwhile is found under the one or the other. */
    recall: async (owner: Owner, tokens: readonly string[], now: number): Promise<(string | undefined)[]> => {
      if (tokens.length === 0) return []
      return db.moment(async (sql) => {
        const { tenant, session } = owner
        const row = await rowOf(sql, owner)
        if (!row || row.expires_at <= now) return tokens.map(() => undefined)
        const own = await keysOf(sql, row)
        const pairs = await sql<{ token: string; kind: string; sealed: Buffer }[]>`
          select wanted.token, kind, sealed from unnest(${[...new Set(tokens)]}::text[]) as wanted (token)
            cross join lateral (select kind, sealed from vault_pair where number = ${row.number} and token = wanted.token offset 0) as pair`
        const byToken = new Map(pairs.map((pair) => [pair.token, pair]))
        return tokens.map((token) => {
          const pair = byToken.get(token)
          return pair && seal.open(own, { tenant, session, token, kind: pair.kind }, pair.sealed)
        })
      })
    },
    forget: async (owner: Owner): Promise<Destroyed> =>
      ofSession(owner, db.change, async (sql) => {
        const row = await rowOf(sql, owner)
        return row ? destroy(sql, [row]) : nothingDestroyed
      }),
    sessions: async (tenant: string, query: { principal?: string; session?: string; before?: number; limit: number }, now: number) =>
      db.read(async (sql) => {
        const { principal, session, before = Number.MAX_SAFE_INTEGER, limit } = query
        const rows = await sql<(SessionRow & { top: string; subjects: boolean; kinds: string | null })[]>`
          select s.*, coalesce(nullif(k.under, ''), s.under) as top, coalesce(k.purpose = 'subject', false) as subjects,
              (select json_object_agg(kind, n) from (
                select kind, count(*) as n from vault_pair p where p.number = s.number group by kind) as each)::text as kinds
            from vault_session s left join vault_key k on k.tenant = s.tenant and k.name = s.under
            where s.tenant = ${tenant} and s.expires_at > ${now} and s.number < ${before} and not starts_with(s.session, ${recordsPrefix})
              ${principal === undefined ? sql`` : sql`and s.principal = ${principal}`} ${session === undefined ? sql`` : sql`and s.session = ${session}`}
            order by s.number desc limit ${Math.min(limit, 200)}`
        return rows.map((row) => ({
          number: row.number,
          principal: row.principal,
          session: row.session,
          about: row.about,
          openedAt: row.opened_at,
          expiresAt: row.expires_at,
          subject: row.subjects,
          key: row.top,
          kinds: row.kinds ?? '{}',
        }))
      }),
    holdings: async (tenant: string, now: number) =>
      db.moment(async (sql) => {
        const current = await keys.newestName(sql, tenant)
        const [all] = await sql<{ sessions: number; subjects: number }[]>`
          select (select count(*) from vault_session where tenant = ${tenant} and expires_at > ${now} and not starts_with(session, ${recordsPrefix})) as sessions,
            (select count(*) from vault_key where tenant = ${tenant} and purpose = 'subject') as subjects`
        const kinds = await sql<{ kind: string; count: number; oldest: number }[]>`
          select kind, count(*) as count, min(kept_at) as oldest from vault_pair
            where tenant = ${tenant} and number in (select number from vault_session where tenant = ${tenant} and expires_at > ${now})
            group by kind order by kind`
        const held = await sql<{ name: string; made_at: number; wraps: number }[]>`
          select name, made_at, (select count(*) from vault_session s where s.tenant = k.tenant and s.under = k.name)
              + (select count(*) from vault_key u where u.tenant = k.tenant and u.under = k.name) as wraps
            from vault_key k where tenant = ${tenant} and purpose = 'tenant' order by number`
        return {
          sessions: all?.sessions ?? 0,
          subjects: all?.subjects ?? 0,
          kinds: [...kinds],
          keys: held.map(({ name, made_at, wraps }) => ({ name, madeAt: made_at, wraps, current: name === current })),
        }
      }),
    present: async (tenant: string, wanted: readonly string[]): Promise<string[]> =>
      db.moment(async (sql) => {
        const wrapping = await sql<{ name: string }[]>`select name from vault_key where tenant = ${tenant} and name = any(${[...wanted]})`
        const sealing = await sql<{ sealed: Buffer }[]>`
          select sealed from vault_session s cross join lateral (select sealed from vault_pair where number = s.number limit 1) as pair
            where s.tenant = ${tenant}`
        const wraps = new Set(wrapping.map(({ name }) => name))
        const seals = keysNamed(sealing.map(({ sealed }) => sealed))
        return wanted.filter((name) => wraps.has(name) || seals.has(name))
      }),
    rotate: async (tenant: string, now: number): Promise<{ from?: string; to: string }> =>
      ofTenant(tenant, async (sql) => {
        const from = await keys.newestName(sql, tenant)
        return { ...(from !== undefined && { from }), to: (await keys.make(sql, tenant, now)).name }
      }),
    rewrap: async (tenant: string, limit: number, now: number, reached?: Reached): Promise<Rewrapped> =>
      ofTenant(tenant, async (sql) => {
        const rooted = reached ? [] : await keys.rewrapRooted(sql, tenant)
        const to = await keys.current(sql, tenant, now)
        const subjects = await keys.rewrap(sql, tenant, to, limit, reached?.key ?? 0)
        const rows = await sql<SessionRow[]>`
          select * from vault_session ${leftUnder(sql, tenant, to.name)} and number > ${reached?.session ?? 0}
            order by number limit ${limit - subjects.looked}`
        const damaged: DamagedKey[] = []
        for (const row of rows)
          try {
            const again = seal.rewrap(ownerOf(row), row.wrapped, await keys.find(sql, tenant, row.under), to.key)
            await wrapAgain(sql, row, again ?? row.wrapped, to.name)
          } catch (error) {
            damaged.push(damagedKey({ session: row.session }, error))
          }
        const [sum] = await sql<{ left: number }[]>`
          select (select count(*) from vault_session ${leftUnder(sql, tenant, to.name)})
            + (select count(*) from vault_key where tenant = ${tenant} and purpose = 'subject' and under <> ${to.name}) as left`
        const left = sum?.left ?? 0
        if (left === 0) await sql`delete from vault_key where tenant = ${tenant} and purpose = 'tenant' and name <> ${to.name}`
        return {
          rewrapped: subjects.looked - subjects.damaged.length + rows.length - damaged.length,
          left,
          damaged: [...rooted, ...subjects.damaged, ...damaged],
          reached: { key: subjects.last, session: rows.at(-1)?.number ?? reached?.session ?? 0 },
        }
      }),
    erase: async (tenant: string, subject: string, now: number): Promise<Destroyed> =>
      ofTenant(tenant, async (sql) => {
        const name = await keys.nameOf(sql, tenant, subject, now)
        if (name === undefined) return nothingDestroyed
        const gone = await destroy(sql, await sql<SessionRow[]>`select * from vault_session where tenant = ${tenant} and under = ${name}`)
        await keys.destroy(sql, tenant, name)
        return { ...gone, keys: [name, ...gone.keys] }
      }),
    /** At most 100 sessions, and 1,000 values of each kind. */
    purge: async (tenant: string, retention: Retention, now: number): Promise<Destroyed> =>
      ofTenant(tenant, async (sql) => {
        const over = await sql<
          SessionRow[]
        >`select * from vault_session where tenant = ${tenant} and expires_at <= ${now} order by number limit 100`
        const gone = await destroy(sql, over)
        const kinds = new Map(Object.entries(gone.kinds))
        for (const [kind, ms] of Object.entries(retention)) {
          const dropped = await sql`
            delete from vault_pair where (number, token) in (
              select number, token from vault_pair where tenant = ${tenant} and kind = ${kind} and kept_at <= ${now - ms} limit 1000)`
          if (dropped.count > 0) kinds.set(kind, (kinds.get(kind) ?? 0) + dropped.count)
        }
        return { ...gone, kinds: Object.fromEntries([...kinds].toSorted(([one], [other]) => (one < other ? -1 : 1))) }
      }),
  }
}

async function rowOf(sql: Sql, { tenant, principal, session }: Owner): Promise<SessionRow | undefined> {
  const [row] = await sql<SessionRow[]>`
    select * from vault_session where tenant = ${tenant} and principal = ${principal} and session = ${session}`
  return row
}

async function wrapAgain(sql: Sql, { number }: SessionRow, wrapped: Uint8Array, under: string): Promise<void> {
  await sql`update vault_session set wrapped = ${Buffer.from(wrapped)}, under = ${under} where number = ${number}`
}

/** Sessions that are neither under this key nor under that of a subject. */
function leftUnder(sql: Sql, tenant: string, name: string) {
  return sql`where tenant = ${tenant} and under <> ${name}
    and under not in (select name from vault_key where tenant = ${tenant} and purpose = 'subject')`
}

function countsOf(rows: readonly { readonly kind: string; readonly count: number }[]): { [kind: string]: number } {
  return Object.fromEntries(rows.map(({ kind, count }) => [kind, count]))
}

function ownerOf({ tenant, principal, session }: SessionRow): Owner {
  return { tenant, principal, session } as Owner
}
