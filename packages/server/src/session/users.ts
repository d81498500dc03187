import { roles as knownRoles } from '@agentgate/api'
import { type Clock, type Principals, type PrincipalId, type TenantId, uuidv7 } from '@agentgate/core'
import type { UserRow } from '../store/sqlite/users.ts'
import type { Store } from '../store/store.ts'
import { type Passwords, weakness } from './passwords.ts'

/** A person who can sign in, as the API shows them. */
export interface User {
  readonly id: PrincipalId
  readonly tenant: TenantId
  readonly email: string
  readonly roles: readonly string[]
  readonly disabled: boolean
}

export type Added =
  | { readonly added: User }
  | { readonly refused: 'weak-password' | 'unknown-role' | 'email-taken'; readonly message: string }

/** The people of an installation. */
export interface Users {
  readonly add: (
    tenant: TenantId,
    user: { readonly email: string; readonly password: string; readonly roles: readonly string[] },
  ) => Promise<Added>
  readonly find: (tenant: TenantId, id: PrincipalId) => Promise<User | undefined>
  readonly list: (tenant: TenantId) => Promise<readonly User[]>
  /** The stored row, for signing in only. */
  readonly byEmail: (email: string) => Promise<UserRow | undefined>
  /** `false` for the unknown. The password is not weighed again. */
  readonly setPassword: (tenant: TenantId, id: PrincipalId, password: string) => Promise<boolean>
  /** Stores a better hash of the same password. */
  readonly storeHash: (tenant: TenantId, id: PrincipalId, hash: string) => Promise<boolean>
  /** Shuts a person out from the very next request on: no session, no principal. The caller then moves the ledger's epoch. */
  readonly disable: (tenant: TenantId, id: PrincipalId) => Promise<boolean>
}

/** How an address is stored and looked up. */
export function normalised(email: string): string {
  return email.trim().normalize('NFKC').toLowerCase()
}

/** The roles by these names, `operator` among them as the `approver` it is; `undefined` when one is unknown. */
export function rolesNamed(names: readonly string[]): readonly string[] | undefined {
  const found = [...new Set(names.map((name) => (name === 'operator' ? 'approver' : name)))]
  return found.every((name) => (knownRoles as readonly string[]).includes(name)) ? found : undefined
}

export function createUsers({
  store,
  principals,
  passwords,
  clock,
}: {
  readonly store: Store
  readonly principals: Principals
  readonly passwords: Passwords
  readonly clock: Clock
}): Users {
  async function userOf({ tenant, id, email, disabled }: UserRow): Promise<User> {
    const principal = await principals.find(tenant as TenantId, id as PrincipalId)
    return { id: id as PrincipalId, tenant: tenant as TenantId, email, roles: principal?.roles ?? [], disabled: disabled === 1 }
  }

  return {
    async add(tenant, { email, password, roles: names }) {
      const weak = weakness(password, email)
      if (weak !== undefined) return { refused: 'weak-password', message: weak }
      const roles = rolesNamed(names)
      if (!roles) return { refused: 'unknown-role', message: `There are only the roles ${knownRoles.join(', ')}.` }
      const now = clock.now()
      const id = `User::${uuidv7(now)}` as PrincipalId
      const hash = await passwords.hash(password)
      const row: UserRow = { tenant, id, email: normalised(email), password: hash, disabled: 0, created_at: now }
      if (!(await store.ask('users', 'add', row))) return { refused: 'email-taken', message: 'Somebody has that address already.' }
      await principals.grant({ id, tenant, roles, mfa: false })
      return { added: await userOf(row) }
    },
    async find(tenant, id) {
      const row = await store.ask('users', 'find', tenant, id)
      return row && userOf(row)
    },
    list: async (tenant) => Promise.all((await store.ask('users', 'list', tenant, 1000)).map(userOf)),
    byEmail: async (email) => store.ask('users', 'byEmail', normalised(email)),
    setPassword: async (tenant, id, password) => store.ask('users', 'setPassword', tenant, id, await passwords.hash(password)),
    storeHash: async (tenant, id, hash) => store.ask('users', 'setPassword', tenant, id, hash),
    async disable(tenant, id) {
      const known = await store.ask('users', 'disable', tenant, id)
      await store.ask('sessions', 'revokeAll', tenant, id, null, clock.now())
      await principals.revoke(tenant, id)
      return known
    },
  }
}
