import type { Owner } from '@agentgate/core'
import { createSeal, type SessionKeys } from '@agentgate/core/storing'
import type { VaultSecrets } from '../sqlite/vault.ts'
import type { Database, Sql } from './database.ts'

interface Session {
  readonly number: number
  readonly keys: SessionKeys
}

/**
 * The rows of the vault: plain values are neither written nor kept. What is forgotten is deleted with the key that it was
 * sealed under; dead rows, the write-ahead log, standbys and backups hold that key, wrapped, until PostgreSQL reuses their space.
 */
export function vaultRows(db: Database, { secret, replaced = [], lifetime }: VaultSecrets) {
  const seal = createSeal(secret, replaced)

  async function alive(sql: Sql, owner: Owner, now: number): Promise<Session | undefined> {
    const { tenant, principal, session } = owner
    const [row] = await sql<{ number: number; wrapped: Buffer }[]>`
      select number, wrapped from vault_session
        where tenant = ${tenant} and principal = ${principal} and session = ${session} and expires_at > ${now}`
    return row && { number: row.number, keys: seal.unwrap(owner, row.wrapped) }
  }

  /** Whatever is left of an owner whose time is over goes first. */
  async function open(sql: Sql, owner: Owner): Promise<Session> {
    await destroy(sql, owner)
    const { keys, wrapped } = seal.newKeys(owner)
    const [row] = await sql<{ number: number }[]>`
      insert into vault_session (tenant, principal, session, wrapped, expires_at)
        values (${owner.tenant}, ${owner.principal}, ${owner.session}, ${Buffer.from(wrapped)}, 1) returning number`
    if (!row) throw new Error('the session was not inserted')
    return { number: row.number, keys }
  }

  return {
    keep: async (owner: Owner, values: readonly { readonly kind: string; readonly value: string }[], now: number): Promise<string[]> => {
      if (values.length === 0) return []
      return db.lightly(async (sql) => {
        const { tenant, principal, session } = owner
        await lock(sql, owner)
        const { number, keys } = (await alive(sql, owner, now)) ?? (await open(sql, owner))
        const wanted = values.map(({ kind, value }) => ({ kind, value, identity: seal.identity(keys, kind, value) }))
        const [known] = await Promise.all([
          sql<{ identity: string; token: string }[]>`
            select identity, token from vault_pair where number = ${number} and identity = any(${wanted.map(({ identity }) => identity)})`,
          sql`update vault_session set expires_at = ${now + lifetime} where tenant = ${tenant} and number = ${number}`,
        ])
        const tokens = new Map(known.map(({ identity, token }) => [identity, token]))
        const fresh = [...new Map(wanted.filter(({ identity }) => !tokens.has(identity)).map((each) => [each.identity, each])).values()]
        const next = new Map<string, number>()
        for (const [kind, { length }] of Map.groupBy(fresh, (each) => each.kind)) {
          const [row] = await sql<{ last: number }[]>`
            insert into vault_number (tenant, principal, session, kind, last) values (${tenant}, ${principal}, ${session}, ${kind}, ${length})
              on conflict (tenant, principal, session, kind) do update set last = vault_number.last + excluded.last returning last`
          next.set(kind, (row?.last ?? length) - length + 1)
        }
        const pairs = fresh.map(({ kind, value, identity }) => {
          const at = next.get(kind) ?? 1
          next.set(kind, at + 1)
          const token = `<${kind}_${at}>`
          tokens.set(identity, token)
          return { token, kind, identity, sealed: Buffer.from(seal.seal(keys, { tenant, session, token, kind }, value)).toString('base64') }
        })
        if (pairs.length > 0)
          await sql`
            insert into vault_pair (tenant, number, token, kind, identity, sealed)
              select ${tenant}, ${number}, token, kind, identity, decode(sealed, 'base64') from unnest(
                ${pairs.map(({ token }) => token)}::text[], ${pairs.map(({ kind }) => kind)}::text[],
                ${pairs.map(({ identity }) => identity)}::text[], ${pairs.map(({ sealed }) => sealed)}::text[]) as new (token, kind, identity, sealed)`
        return wanted.map(({ identity }) => tokens.get(identity) ?? '')
      })
    },
    recall: async (owner: Owner, tokens: readonly string[], now: number): Promise<(string | undefined)[]> => {
      if (tokens.length === 0) return []
      return db.read(async (sql) => {
        const { tenant, session } = owner
        const found = await alive(sql, owner, now)
        if (!found) return tokens.map(() => undefined)
        const pairs = await sql<{ token: string; kind: string; sealed: Buffer }[]>`
          select token, kind, sealed from vault_pair where tenant = ${tenant} and number = ${found.number} and token = any(${[...new Set(tokens)]})`
        const byToken = new Map(pairs.map((pair) => [pair.token, pair]))
        return tokens.map((token) => {
          const pair = byToken.get(token)
          return pair && seal.open(found.keys, { tenant, session, token, kind: pair.kind }, pair.sealed)
        })
      })
    },
    forget: async (owner: Owner): Promise<void> =>
      db.change(async (sql) => {
        await lock(sql, owner)
        await destroy(sql, owner)
      }),
    /** Forgets sessions whose time is over; how many, at most 100. */
    tidy: async (now: number): Promise<number> =>
      db.change(async (sql) => {
        const gone = await sql`
          delete from vault_session where number in (
            select number from vault_session where expires_at <= ${now} order by number limit 100 for update skip locked)`
        return gone.count
      }),
  }
}

async function lock(sql: Sql, { tenant, principal, session }: Owner): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${JSON.stringify(['vault', tenant, principal, session])}, 0))`
}

async function destroy(sql: Sql, { tenant, principal, session }: Owner): Promise<void> {
  await sql`delete from vault_session where tenant = ${tenant} and principal = ${principal} and session = ${session}`
}
