import type { Owner } from '@agentgate/core'
import {
  counted,
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
import type { Database } from 'better-sqlite3'
import { damagedKey } from '../damaged-key.ts'
import { vaultKeys, type Wrapper } from './vault-keys.ts'

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

/** What the vault is locked with. Secrets that were `replaced` still open what they sealed. */
export interface VaultSecrets {
  readonly secret: Uint8Array
  readonly replaced?: readonly Uint8Array[]
  /** Milliseconds after a session last kept something until it is forgotten. */
  readonly lifetime: number
}

/** How many sessions' keys are remembered unwrapped. */
const mostUnwrapped = 1_000

/** The rows of the vault. Sealing happens here, off the event loop: plain values are neither written nor kept. */
export function vaultRows(db: Database, { secret, replaced = [], lifetime }: VaultSecrets) {
  const seal = createSeal(secret, replaced)
  const keys = vaultKeys(db, seal)
  const unwrapped = new Map<string, SessionKeys>()
  const selectSession = db.prepare<[string, string, string], SessionRow>(
    'select * from vault_session where tenant = ? and principal = ? and session = ? and expires_at > 0',
  )
  const insertSession = db.prepare<unknown[], SessionRow>(
    `insert into vault_session (tenant, principal, session, wrapped, under, about, opened_at, lifetime, until, expires_at)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning *`,
  )
  const renew = db.prepare('update vault_session set expires_at = ? where tenant = ? and number = ?')
  const wrapAgain = db.prepare('update vault_session set wrapped = ?, under = ? where tenant = ? and number = ?')
  const overwrite = db.prepare(
    'update vault_session set wrapped = zeroblob(length(wrapped)), expires_at = 0 where tenant = ? and number = ?',
  )
  const dropPairs = db.prepare<[string, number], { kind: string }>('delete from vault_pair where tenant = ? and number = ? returning kind')
  const over = db.prepare<[string, number], SessionRow>(
    'select * from vault_session where tenant = ? and expires_at > 0 and expires_at <= ? limit 100',
  )
  const dropOld = db.prepare<[string, string, number], { kind: string }>(
    `delete from vault_pair where rowid in (select rowid from vault_pair where tenant = ? and kind = ? and kept_at <= ? limit 1000)
       returning kind`,
  )
  const nextNumber = db.prepare<unknown[], { last: number }>(
    `insert into vault_number (tenant, principal, session, kind, last) values (?, ?, ?, ?, 1)
       on conflict do update set last = last + 1 returning last`,
  )
  const selectToken = db.prepare<[string, number, string], { token: string; kept_at: number }>(
    'select token, kept_at from vault_pair where tenant = ? and number = ? and identity = ?',
  )
  const touch = db.prepare('update vault_pair set kept_at = ? where tenant = ? and number = ? and token = ?')
  const insertPair = db.prepare(
    'insert into vault_pair (tenant, number, token, kind, identity, sealed, kept_at) values (?, ?, ?, ?, ?, ?, ?)',
  )
  const selectPair = db.prepare<[string, number, string], { kind: string; sealed: Buffer }>(
    'select kind, sealed from vault_pair where tenant = ? and number = ? and token = ?',
  )
  const list = db.prepare<unknown[], SessionRow & { top: string; kinds: string | null }>(
    `select s.*, coalesce(nullif(k.under, ''), s.under) as top,
        (select json_group_object(kind, n) from (select kind, count(*) as n from vault_pair p where p.tenant = s.tenant and p.number = s.number group by kind)) as kinds
       from vault_session s left join vault_key k on k.tenant = s.tenant and k.name = s.under
       where s.tenant = @tenant and s.expires_at > @now and s.number < @before and substr(s.session, 1, @skip) != @records
         and (@principal is null or s.principal = @principal) and (@session is null or s.session = @session)
       order by s.number desc limit @limit`,
  )
  const underKey = db.prepare<[string, string], SessionRow>('select * from vault_session where tenant = ? and under = ? and expires_at > 0')
  const notUnder = db.prepare<[string, string, number, number], SessionRow>(
    `select * from vault_session where tenant = ? and expires_at > 0 and under != ? and number > ?
       and under not in (select name from vault_key k where k.tenant = vault_session.tenant and purpose = 'subject')
       order by number limit ?`,
  )
  const leftToWrap = db.prepare<{ tenant: string; to: string }, { n: number }>(
    `select (select count(*) from vault_session where tenant = @tenant and expires_at > 0 and under != @to
        and under not in (select name from vault_key k where k.tenant = @tenant and purpose = 'subject'))
      + (select count(*) from vault_key where tenant = @tenant and purpose = 'subject' and under != @to) as n`,
  )
  const counts = db.prepare<{ tenant: string; now: number; skip: number; records: string }, { sessions: number; subjects: number }>(
    `select (select count(*) from vault_session where tenant = @tenant and expires_at > @now and substr(session, 1, @skip) != @records) as sessions,
       (select count(*) from vault_key where tenant = @tenant and purpose = 'subject') as subjects`,
  )
  const kindCounts = db.prepare<[string], { kind: string; count: number; oldest: number }>(
    'select kind, count(*) as count, min(kept_at) as oldest from vault_pair where tenant = ? group by kind order by kind',
  )
  const tenantKeys = db.prepare<[string], { name: string; made_at: number; wraps: number }>(
    `select name, made_at, (select count(*) from vault_session s where s.tenant = k.tenant and s.under = k.name and s.expires_at > 0)
        + (select count(*) from vault_key u where u.tenant = k.tenant and u.under = k.name) as wraps
       from vault_key k where tenant = ? and purpose = 'tenant' order by number`,
  )

  const sealing = db.prepare<[string], { sealed: Buffer }>(
    `select (select sealed from vault_pair p where p.tenant = s.tenant and p.number = s.number limit 1) as sealed
       from vault_session s where s.tenant = ? and s.expires_at > 0 and sealed is not null`,
  )
  const wrapping = db.prepare<[string], { name: string }>('select name from vault_key where tenant = ?')

  /** The keys of a session, which are unwrapped once for each wrapping of them that is stored. */
  function keysOf(row: SessionRow): SessionKeys {
    const at = wrappingOf(row)
    const own = unwrapped.get(at) ?? seal.unwrap(ownerOf(row), row.wrapped, keys.find(row.tenant, row.under))
    if (unwrapped.size >= mostUnwrapped) unwrapped.clear()
    unwrapped.set(at, own)
    return own
  }

  /** The living session, under the key of its subject as soon as that is known. */
  function alive(owner: Owner, now: number): { readonly row: SessionRow; readonly keys: SessionKeys } | undefined {
    const row = selectSession.get(owner.tenant, owner.principal, owner.session)
    if (row && row.expires_at > now) return { row, keys: keysOf(row) }
    if (row) destroy([row])
    return undefined
  }

  function wrapperOf({ tenant, subject }: Owner, now: number): Wrapper {
    return subject === undefined ? keys.current(tenant, now) : keys.forSubject(tenant, subject, now)
  }

  function open(owner: Owner, { lifetime: own, until, about = {} }: Terms, now: number) {
    const under = wrapperOf(owner, now)
    const { keys: made, wrapped } = seal.newKeys(owner, under.key)
    const { tenant, principal, session } = owner
    const ends = Math.min(now + (own ?? lifetimeOf(session, lifetime)), until ?? Infinity)
    const terms = [own ?? null, until ?? null, ends] as const
    const row = insertSession.get(tenant, principal, session, Buffer.from(wrapped), under.name, JSON.stringify(about), now, ...terms)
    if (!row) throw new Error('the session was not inserted')
    return { row, keys: made }
  }

  function learnSubject(row: SessionRow, owner: Owner, now: number): void {
    if (owner.subject === undefined || isSubjects(row)) return
    const to = keys.forSubject(owner.tenant, owner.subject, now)
    const again = seal.rewrap(owner, row.wrapped, keys.find(owner.tenant, row.under), to.key)
    if (again) wrapAgain.run(Buffer.from(again), to.name, owner.tenant, row.number)
  }

  function isSubjects({ tenant, under }: Pick<SessionRow, 'tenant' | 'under'>): boolean {
    return under !== '' && keys.isSubjects(tenant, under)
  }

  function destroy(rows: readonly SessionRow[]): Destroyed {
    const kinds: string[] = []
    const names = rows.map((row) => nameOf(row))
    for (const row of rows) unwrapped.delete(wrappingOf(row))
    for (const { tenant, number } of rows) {
      overwrite.run(tenant, number)
      kinds.push(...dropPairs.all(tenant, number).map(({ kind }) => kind))
    }
    return { keys: names.flatMap((name) => name ?? []), sessions: rows.length, kinds: counted(kinds) }
  }

  /** The name of a session's own key, unless nothing opens it any more. */
  function nameOf(row: SessionRow): string | undefined {
    try {
      return keyName(keysOf(row))
    } catch {
      return undefined
    }
  }

  return {
    open(owner: Owner, terms: Terms, now: number): boolean {
      if (alive(owner, now)) return false
      open(owner, terms, now)
      return true
    },
    keep(owner: Owner, values: readonly { readonly kind: string; readonly value: string }[], now: number): string[] {
      if (values.length === 0) return []
      const { tenant, principal, session } = owner
      const { row, keys: own } = alive(owner, now) ?? open(owner, {}, now)
      const { number } = row
      learnSubject(row, owner, now)
      renew.run(Math.min(now + (row.lifetime ?? lifetimeOf(session, lifetime)), row.until ?? Infinity), tenant, number)
      return values.map(({ kind, value }) => {
        const identity = seal.identity(own, kind, value)
        const known = selectToken.get(tenant, number, identity)
        if (known && known.kept_at + 60_000 <= now) touch.run(now, tenant, number, known.token)
        if (known) return known.token
        const token = `<${kind}_${nextNumber.get(tenant, principal, session, kind)?.last}>`
        insertPair.run(tenant, number, token, kind, identity, Buffer.from(seal.seal(own, { tenant, session, token, kind }, value)), now)
        return token
      })
    },
    recall(owner: Owner, tokens: readonly string[], now: number): (string | undefined)[] {
      const { tenant, session } = owner
      const found = alive(owner, now)
      return tokens.map((token) => {
        const pair = found && selectPair.get(tenant, found.row.number, token)
        return found && pair && seal.open(found.keys, { tenant, session, token, kind: pair.kind }, pair.sealed)
      })
    },
    forget(owner: Owner): Destroyed {
      const row = selectSession.get(owner.tenant, owner.principal, owner.session)
      return row ? destroy([row]) : nothingDestroyed
    },
    sessions(tenant: string, query: { principal?: string; session?: string; before?: number; limit: number }, now: number) {
      const { principal = null, session = null, before = Number.MAX_SAFE_INTEGER, limit } = query
      const asked = {
        tenant,
        principal,
        session,
        before,
        limit: Math.min(limit, 200),
        now,
        skip: recordsPrefix.length,
        records: recordsPrefix,
      }
      return list.all(asked).map((row) => ({
        number: row.number,
        principal: row.principal,
        session: row.session,
        about: row.about,
        openedAt: row.opened_at,
        expiresAt: row.expires_at,
        subject: isSubjects(row),
        key: row.top,
        kinds: row.kinds ?? '{}',
      }))
    },
    holdings(tenant: string, now: number) {
      const current = keys.newestName(tenant)
      const all = counts.get({ tenant, now, skip: recordsPrefix.length, records: recordsPrefix })
      return {
        sessions: all?.sessions ?? 0,
        subjects: all?.subjects ?? 0,
        kinds: kindCounts.all(tenant),
        keys: tenantKeys.all(tenant).map(({ name, made_at, wraps }) => ({ name, madeAt: made_at, wraps, current: name === current })),
      }
    },
    present(tenant: string, wanted: readonly string[]): string[] {
      const wraps = new Set(wrapping.all(tenant).map(({ name }) => name))
      const seals = keysNamed(sealing.all(tenant).map(({ sealed }) => sealed))
      return wanted.filter((name) => wraps.has(name) || seals.has(name))
    },
    rotate(tenant: string, now: number): { from?: string; to: string } {
      const from = keys.newestName(tenant)
      return { ...(from !== undefined && { from }), to: keys.make(tenant, now).name }
    },
    rewrap(tenant: string, limit: number, now: number, reached?: Reached): Rewrapped {
      const rooted = reached ? [] : keys.rewrapRooted(tenant)
      const to = keys.current(tenant, now)
      const subjects = keys.rewrap(tenant, to, limit, reached?.key ?? 0)
      const rows = notUnder.all(tenant, to.name, reached?.session ?? 0, limit - subjects.looked)
      const damaged: DamagedKey[] = []
      for (const row of rows)
        try {
          const again = seal.rewrap(ownerOf(row), row.wrapped, keys.find(tenant, row.under), to.key)
          wrapAgain.run(Buffer.from(again ?? row.wrapped), to.name, tenant, row.number)
        } catch (error) {
          damaged.push(damagedKey({ session: row.session }, error))
        }
      const left = leftToWrap.get({ tenant, to: to.name })?.n ?? 0
      if (left === 0) for (const { name } of tenantKeys.all(tenant)) if (name !== to.name) keys.destroy(tenant, name)
      return {
        rewrapped: subjects.looked - subjects.damaged.length + rows.length - damaged.length,
        left,
        damaged: [...rooted, ...subjects.damaged, ...damaged],
        reached: { key: subjects.last, session: rows.at(-1)?.number ?? reached?.session ?? 0 },
      }
    },
    erase(tenant: string, subject: string, now: number): Destroyed {
      const name = keys.nameOf(tenant, subject, now)
      if (name === undefined) return nothingDestroyed
      const gone = destroy(underKey.all(tenant, name))
      keys.destroy(tenant, name)
      return { ...gone, keys: [name, ...gone.keys] }
    },
    /** At most 100 sessions, and 1,000 values of each kind. */
    purge(tenant: string, retention: Retention, now: number): Destroyed {
      const gone = destroy(over.all(tenant, now))
      const old = Object.entries(retention).flatMap(([kind, ms]) => dropOld.all(tenant, kind, now - ms).map((row) => row.kind))
      return {
        ...gone,
        kinds: counted([...old, ...Object.entries(gone.kinds).flatMap(([kind, n]) => Array.from({ length: n }, () => kind))]),
      }
    },
  }
}

/** A wrapping and whose it is: moved to another session it is another. */
function wrappingOf({ tenant, principal, session, wrapped }: SessionRow): string {
  return JSON.stringify([tenant, principal, session, wrapped.toString('base64')])
}

function ownerOf({ tenant, principal, session }: SessionRow): Owner {
  return { tenant, principal, session } as Owner
}
