import { holds, permissions } from '@agentgate/api'
import { type Clock, type Principal, type PrincipalId, type Principals, type TenantId, uuidv7 } from '@agentgate/core'
import type { Store } from '../store/store.ts'
import { secretToken, tokenHash } from './secret-token.ts'
import { rolesNamed } from './users.ts'

/** A key of an agent, without the key. */
export interface ApiKey {
  readonly id: string
  readonly principal: PrincipalId
  readonly name: string
  readonly createdBy: PrincipalId
  readonly createdAt: number
  readonly expiresAt?: number
  readonly seenAt?: number
}

export interface NewApiKey {
  readonly name: string
  /** `service_agent` unless given; never with a permission that its maker lacks. */
  readonly roles?: readonly string[]
  readonly expiresAt?: number
}

export type ApiKeyMade =
  | { readonly key: string; readonly made: ApiKey }
  | { readonly refused: 'only-people' | 'unknown-role' | 'more-than-own'; readonly message: string }

export interface ApiKeys {
  /** Makes a key and the agent that it authenticates, which acts for the maker: a person, never another key. The key itself is told this once. */
  readonly make: (by: Principal, asked: NewApiKey) => Promise<ApiKeyMade>
  /** Whom the key authenticates, asked of the store each time. */
  readonly check: (key: string) => Promise<Principal | undefined>
  readonly list: (tenant: TenantId) => Promise<readonly ApiKey[]>
  /** `false` when there is no such key, or it was revoked before. */
  readonly revoke: (tenant: TenantId, id: string) => Promise<boolean>
}

/** How every API key begins. */
export const apiKeyPrefix = 'ag_'

export function createApiKeys({
  store,
  principals,
  clock,
}: {
  readonly store: Store
  readonly principals: Principals
  readonly clock: Clock
}): ApiKeys {
  return {
    async make(by, { name, roles: names = ['service_agent'], expiresAt }) {
      if (!by.id.startsWith('User::') || by.onBehalfOf !== undefined)
        return { refused: 'only-people', message: 'An API key makes no keys: somebody who has signed in can.' }
      const roles = rolesNamed(names)
      if (!roles) return { refused: 'unknown-role', message: 'The key asks for a role that does not exist.' }
      const more = permissions.find((permission) => reach(roles, permission) > reach(by.roles, permission))
      if (more) return { refused: 'more-than-own', message: `The key asks for \`${more}\`, which its maker does not have.` }

      const now = clock.now()
      const id = uuidv7(now)
      // INVARIANT: a principal and the one key that authenticates it share an id.
      const principal = `Agent::${id}` as PrincipalId
      const key = secretToken(apiKeyPrefix)
      await principals.grant({ id: principal, tenant: by.tenant, roles, mfa: false })
      const row = { tenant: by.tenant, id, principal, name: name.slice(0, 100), created_by: by.id, created_at: now, seen_at: null }
      await store.ask('apiKeys', 'add', { ...row, hash: tokenHash(key), expires_at: expiresAt ?? null })
      return {
        key,
        made: { id, principal, name: row.name, createdBy: by.id, createdAt: now, ...(expiresAt !== undefined && { expiresAt }) },
      }
    },
    async check(key) {
      const record = key.startsWith(apiKeyPrefix) ? await store.ask('apiKeys', 'check', tokenHash(key), clock.now()) : undefined
      return record === undefined ? undefined : (JSON.parse(record) as Principal)
    },
    list: async (tenant) =>
      (await store.ask('apiKeys', 'list', tenant)).map((row) => ({
        id: row.id,
        principal: row.principal as PrincipalId,
        name: row.name,
        createdBy: row.created_by as PrincipalId,
        createdAt: row.created_at,
        ...(row.expires_at !== null && { expiresAt: row.expires_at }),
        ...(row.seen_at !== null && { seenAt: row.seen_at }),
      })),
    revoke: async (tenant, id) => store.ask('apiKeys', 'revoke', tenant, id, clock.now()),
  }
}

function reach(roles: readonly string[], permission: (typeof permissions)[number]): number {
  return { all: 2, own: 1, none: 0 }[holds(roles, permission) ?? 'none']
}
