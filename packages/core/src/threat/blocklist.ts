import type { PrincipalId, TenantId } from '../call.ts'

/** A network that is not answered until its time is over. */
export interface Block {
  readonly tenant: TenantId
  /** An IPv4 address, or the first 64 bits of an IPv6 address. */
  readonly network: string
  /** Milliseconds since 1970. */
  readonly until: number
  /** A stable code, such as `brute_force` or `by-hand`. */
  readonly why: string
  /** Who blocked it; absent for the server itself. */
  readonly by?: PrincipalId
}

/** Networks that are blocked. Servers share it: what one has blocked, all others refuse within a second. */
export interface Blocklist {
  /** Blocks until the later of two ends. */
  readonly block: (block: Block) => Promise<void>
  /** `false` when it was not blocked. */
  readonly unblock: (tenant: TenantId, network: string) => Promise<boolean>
  /** What is blocked at this time, sorted by network. */
  readonly list: (tenant: TenantId, now: number) => Promise<readonly Block[]>
}

/** How many networks are blocked at once; beyond that the ones that end first go. */
export const mostBlocks = 10_000

/** The one that ends later. */
export function laterOf(known: Block | undefined, block: Block): Block {
  return known && known.until >= block.until ? known : block
}

/** A list in memory: for tests. */
export function memoryBlocklist(): Blocklist {
  const all = new Map<string, Block>()
  const place = (tenant: TenantId, network: string) => JSON.stringify([tenant, network])
  return {
    async block(block) {
      all.set(place(block.tenant, block.network), laterOf(all.get(place(block.tenant, block.network)), block))
      const own = [...all].filter(([, { tenant }]) => tenant === block.tenant)
      const [first] = own.toSorted(([, one], [, other]) => one.until - other.until)
      if (first && own.length > mostBlocks) all.delete(first[0])
    },
    unblock: async (tenant, network) => all.delete(place(tenant, network)),
    list: async (tenant, now) =>
      [...all.values()]
        .filter((each) => each.tenant === tenant && each.until > now)
        .toSorted((one, other) => (one.network < other.network ? -1 : 1)),
  }
}
