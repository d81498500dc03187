import type { Owner } from '@agentgate/core'
import { createSeal, type SessionKeys } from '@agentgate/core/storing'
import type { Database } from 'better-sqlite3'

interface Session {
  readonly number: number
  readonly keys: SessionKeys
}

/** What the vault is locked with. Secrets that were `replaced` still open what they sealed. */
export interface VaultSecrets {
  readonly secret: Uint8Array
  readonly replaced?: readonly Uint8Array[]
  /** Milliseconds after a session last kept something until it is forgotten. */
  readonly lifetime: number
}

/** The rows of the vault. Sealing happens here, off the event loop: plain values are neither written nor kept. */
export function vaultRows(db: Database, { secret, replaced = [], lifetime }: VaultSecrets) {
  const seal = createSeal(secret, replaced)
  const selectSession = db.prepare<[string, string, string], { number: number; wrapped: Buffer; expires_at: number }>(
    'select number, wrapped, expires_at from vault_session where tenant = ? and principal = ? and session = ? and expires_at > 0',
  )
  const insertSession = db.prepare<unknown[], { number: number }>(
    'insert into vault_session (tenant, principal, session, wrapped, expires_at) values (?, ?, ?, ?, ?) returning number',
  )
  const renew = db.prepare('update vault_session set expires_at = ? where tenant = ? and number = ?')
  const overwrite = db.prepare(
    'update vault_session set wrapped = zeroblob(length(wrapped)), expires_at = 0 where tenant = ? and number = ?',
  )
  const dropPairs = db.prepare('delete from vault_pair where tenant = ? and number = ?')
  const over = db.prepare<[number], { tenant: string; number: number }>(
    'select tenant, number from vault_session where expires_at > 0 and expires_at <= ? limit 100',
  )
  const nextNumber = db.prepare<unknown[], { last: number }>(
    `insert into vault_number (tenant, principal, session, kind, last) values (?, ?, ?, ?, 1)
       on conflict do update set last = last + 1 returning last`,
  )
  const selectToken = db.prepare<[string, number, string], { token: string }>(
    'select token from vault_pair where tenant = ? and number = ? and identity = ?',
  )
  const insertPair = db.prepare('insert into vault_pair (tenant, number, token, kind, identity, sealed) values (?, ?, ?, ?, ?, ?)')
  const selectPair = db.prepare<[string, number, string], { kind: string; sealed: Buffer }>(
    'select kind, sealed from vault_pair where tenant = ? and number = ? and token = ?',
  )

  function destroy(tenant: string, number: number): void {
    overwrite.run(tenant, number)
    dropPairs.run(tenant, number)
  }

  function alive(owner: Owner, now: number): Session | undefined {
    const row = selectSession.get(owner.tenant, owner.principal, owner.session)
    if (row && row.expires_at > now) return { number: row.number, keys: seal.unwrap(owner, row.wrapped) }
    if (row) destroy(owner.tenant, row.number)
    return undefined
  }

  function open(owner: Owner): Session {
    const { keys, wrapped } = seal.newKeys(owner)
    const row = insertSession.get(owner.tenant, owner.principal, owner.session, Buffer.from(wrapped), 1)
    if (!row) throw new Error('the session was not inserted')
    return { number: row.number, keys }
  }

  return {
    keep(owner: Owner, values: readonly { readonly kind: string; readonly value: string }[], now: number): string[] {
      if (values.length === 0) return []
      const { tenant, principal, session } = owner
      const { number, keys } = alive(owner, now) ?? open(owner)
      renew.run(now + lifetime, tenant, number)
      return values.map(({ kind, value }) => {
        const identity = seal.identity(keys, kind, value)
        const known = selectToken.get(tenant, number, identity)
        if (known) return known.token
        const token = `<${kind}_${nextNumber.get(tenant, principal, session, kind)?.last}>`
        insertPair.run(tenant, number, token, kind, identity, Buffer.from(seal.seal(keys, { tenant, session, token, kind }, value)))
        return token
      })
    },
    recall(owner: Owner, tokens: readonly string[], now: number): (string | undefined)[] {
      const { tenant, session } = owner
      const found = alive(owner, now)
      return tokens.map((token) => {
        const pair = found && selectPair.get(tenant, found.number, token)
        return found && pair && seal.open(found.keys, { tenant, session, token, kind: pair.kind }, pair.sealed)
      })
    },
    forget(owner: Owner): void {
      const row = selectSession.get(owner.tenant, owner.principal, owner.session)
      if (row) destroy(owner.tenant, row.number)
    },
    /** Forgets sessions whose time is over; how many, at most 100. */
    tidy(now: number): number {
      const gone = over.all(now)
      for (const { tenant, number } of gone) destroy(tenant, number)
      return gone.length
    },
  }
}
