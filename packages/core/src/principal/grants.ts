import type { PrincipalId, TenantId } from '../call.ts'
import { deepestChain, type Grant, type GrantOnFile } from './grant.ts'

/** The grants of each tenant. Whoever issues or revokes then moves the ledger's epoch. */
export interface Grants {
  /** Keeps a grant; it never changes. `false` when its id is taken. */
  readonly issue: (grant: Grant) => Promise<boolean>
  /** A grant and all that it is handed on from, the root last: one more than a chain may have at most, none for an unknown id. */
  readonly chain: (tenant: TenantId, id: string) => Promise<readonly GrantOnFile[]>
  /** Seen by the very next decision. The first revocation stands; `false` for the unknown and the revoked. */
  readonly revoke: (tenant: TenantId, id: string, at: number) => Promise<boolean>
  /**
   * Of these principals, those that were ever handed a grant, each with what it holds that is neither revoked nor expired at
   * `now`: first ones before those that were handed on, then the newest first, at most `mostHeld`.
   */
  readonly held: (tenant: TenantId, holders: readonly PrincipalId[], now: number) => Promise<readonly Holding[]>
  /** Newest first: also those that are revoked or expired. */
  readonly list: (tenant: TenantId, of: ListedGrants) => Promise<readonly GrantOnFile[]>
}

export interface ListedGrants {
  readonly holder?: PrincipalId
  /** Only what one of these issued or holds. */
  readonly concerning?: readonly PrincipalId[]
  /** Only what is neither revoked nor expired at that time. */
  readonly standing?: number
  /** Only those issued before this one; none when nothing has that id. */
  readonly before?: string
  readonly limit: number
}

export interface Holding {
  readonly holder: PrincipalId
  readonly standing: readonly GrantOnFile[]
  /** Whether the newest that it was handed was revoked: what to say when none stands. */
  readonly revoked: boolean
}

/** How many grants that stand are read of one holder. */
export const mostHeld = 50

/** How many links of a chain are read: one too many is told from the deepest that stands. */
export const mostLinks = deepestChain + 1

/** Grants in memory: for tests and the in-process gate. */
export function memoryGrants(): Grants {
  const all = new Map<string, GrantOnFile>()
  const place = (tenant: TenantId, id: string) => JSON.stringify([tenant, id])
  return {
    async issue(grant) {
      const key = place(grant.tenant, grant.id)
      if (all.has(key)) return false
      all.set(key, structuredClone(grant))
      return true
    },
    async chain(tenant, id) {
      const links: GrantOnFile[] = []
      let next: string | undefined = id
      while (next !== undefined && links.length < mostLinks) {
        const link: GrantOnFile | undefined = all.get(place(tenant, next))
        if (!link) break
        links.push(link)
        next = link.parent
      }
      return links
    },
    async revoke(tenant, id, at) {
      const known = all.get(place(tenant, id))
      if (!known || known.revokedAt !== undefined) return false
      all.set(place(tenant, id), { ...known, revokedAt: at })
      return true
    },
    async held(tenant, holders, now) {
      return [...new Set(holders)].flatMap((holder) => {
        const ever = newest(tenant, holder)
        const stands = ever.filter(({ revokedAt, expiresAt }) => revokedAt === undefined && now < expiresAt)
        const standing = [...stands.filter(({ parent }) => parent === undefined), ...stands.filter(({ parent }) => parent !== undefined)]
        return ever[0] ? { holder, standing: standing.slice(0, mostHeld), revoked: ever[0].revokedAt !== undefined } : []
      })
    },
    async list(tenant, { holder, concerning, standing, before, limit }) {
      const all = newest(tenant, holder)
      const from = before === undefined ? 0 : newest(tenant, undefined).findIndex(({ id }) => id === before)
      const older = from < 0 ? [] : newest(tenant, undefined).slice(before === undefined ? 0 : from + 1)
      return all
        .filter((grant) => older.includes(grant))
        .filter((grant) => concerning === undefined || concerning.includes(grant.holder) || concerning.includes(grant.issuer))
        .filter(({ revokedAt, expiresAt }) => standing === undefined || (revokedAt === undefined && standing < expiresAt))
        .slice(0, limit)
    },
  }

  function newest(tenant: TenantId, holder: PrincipalId | undefined): readonly GrantOnFile[] {
    return [...all.values()]
      .filter((grant) => grant.tenant === tenant && (holder === undefined || grant.holder === holder))
      .toSorted((one, other) => other.issuedAt - one.issuedAt || (one.id < other.id ? 1 : -1))
  }
}
