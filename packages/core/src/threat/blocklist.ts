import type { PrincipalId, TenantId } from '../call.ts'
import { type Detect, refusal } from '../control.ts'

/** A network that is not answered, or a principal none of whose calls may run, until the time is over. */
export interface Block {
  readonly tenant: TenantId
  /** `network:` and an IPv4 address or the first 64 bits of an IPv6 address, or a principal's id. */
  readonly subject: string
  /** Milliseconds since 1970. */
  readonly until: number
  /** A stable code, such as `brute_force` or `by-hand`. */
  readonly why: string
  /** Who blocked it; absent for the server itself. */
  readonly by?: PrincipalId
}

/** Networks and principals that are blocked. Servers share it: what one has blocked, all others refuse within a second. */
export interface Blocklist {
  /** Blocks until the later of two ends. */
  readonly block: (block: Block) => Promise<void>
  /** `false` when it was not blocked. */
  readonly unblock: (tenant: TenantId, subject: string) => Promise<boolean>
  /** What is blocked at this time, sorted by subject. */
  readonly list: (tenant: TenantId, now: number) => Promise<readonly Block[]>
}

/** How many are blocked at once; beyond that the ones that end first go. */
export const mostBlocks = 10_000

/** The one that ends later. */
export function laterOf(known: Block | undefined, block: Block): Block {
  return known && known.until >= block.until ? known : block
}

/**
 * Refuses every call of a principal that is blocked, or that acts for one. `blocked` answers of a principal's id, and rejects when it cannot tell:
 * the gate then denies.
 */
export function blockedPrincipals(blocked: (tenant: TenantId, principal: PrincipalId) => Promise<boolean>): Detect {
  return {
    name: 'blocklist',
    async evaluate({ tenant, principal: { id, onBehalfOf } }) {
      for (const principal of [id, ...(onBehalfOf === undefined ? [] : [onBehalfOf])])
        if (await blocked(tenant, principal))
          return refusal('principal-blocked', 'Calls of this principal are refused for a while: ask an administrator.')
      return { verdict: 'pass' }
    },
  }
}

/** A list in memory: for tests. */
export function memoryBlocklist(): Blocklist {
  const all = new Map<string, Block>()
  const place = (tenant: TenantId, subject: string) => JSON.stringify([tenant, subject])
  return {
    async block(block) {
      all.set(place(block.tenant, block.subject), laterOf(all.get(place(block.tenant, block.subject)), block))
      const own = [...all].filter(([, { tenant }]) => tenant === block.tenant)
      const [first] = own.toSorted(([, one], [, other]) => one.until - other.until)
      if (first && own.length > mostBlocks) all.delete(first[0])
    },
    unblock: async (tenant, subject) => all.delete(place(tenant, subject)),
    list: async (tenant, now) =>
      [...all.values()]
        .filter((each) => each.tenant === tenant && each.until > now)
        .toSorted((one, other) => (one.subject < other.subject ? -1 : 1)),
  }
}
