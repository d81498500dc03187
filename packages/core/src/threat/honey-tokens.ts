import type { PrincipalId, TenantId } from '../call.ts'

/** What becomes of whoever touches one: it is on record, people are told too, or who touched it is blocked as well. */
export const honeyLevels = ['log', 'alert', 'block'] as const
export type HoneyLevel = (typeof honeyLevels)[number]

/** A value that nobody has a use for, planted where an intruder finds it. Of the value itself only marks under a secret key are kept. */
export interface HoneyToken {
  readonly id: string
  readonly tenant: TenantId
  /** Where it is planted, for people. */
  readonly name: string
  readonly level: HoneyLevel
  readonly mark: HoneyMark
  readonly plantedAt: number
  readonly plantedBy: PrincipalId
  /** How many calls carried it, and when the last did. */
  readonly touches: number
  readonly touchedAt?: number
  /** From when on it is not looked for. */
  readonly retiredAt?: number
}

/** What a value is found again by. */
export interface HoneyMark {
  /** Which key it was made under. */
  readonly key: string
  /** 32 bits, for a first look at every place of a text. */
  readonly glance: number
  /** HMAC-SHA-256, hex. */
  readonly digest: string
}

/** How many of one tenant are kept; the ones that were retired first go first. */
export const mostHoneyTokens = 1_000

/** The honey tokens of each tenant, shared by servers. */
export interface HoneyTokens {
  /** `false` when as many as can be are planted. */
  readonly plant: (token: HoneyToken) => Promise<boolean>
  /** Newest first, the retired ones too. */
  readonly list: (tenant: TenantId) => Promise<readonly HoneyToken[]>
  /** Counts a call that carried it. */
  readonly touch: (tenant: TenantId, id: string, at: number) => Promise<void>
  /** `false` when there is none of that id, or it is retired already. */
  readonly retire: (tenant: TenantId, id: string, at: number) => Promise<boolean>
}

/** The token, touched once more. */
export function touched(token: HoneyToken, at: number): HoneyToken {
  return { ...token, touches: token.touches + 1, touchedAt: Math.max(at, token.touchedAt ?? at) }
}

/** Honey tokens in memory: for tests. */
export function memoryHoneyTokens(): HoneyTokens {
  const all = new Map<string, HoneyToken>()
  const place = (tenant: TenantId, id: string) => JSON.stringify([tenant, id])
  const of = (tenant: TenantId) => [...all.values()].filter((each) => each.tenant === tenant)
  return {
    async plant(token) {
      const own = of(token.tenant)
      const [first] = own
        .filter(({ retiredAt }) => retiredAt !== undefined)
        .toSorted((one, other) => (one.retiredAt ?? 0) - (other.retiredAt ?? 0))
      if (own.length >= mostHoneyTokens && !first) return false
      if (own.length >= mostHoneyTokens && first) all.delete(place(first.tenant, first.id))
      all.set(place(token.tenant, token.id), token)
      return true
    },
    list: async (tenant) => of(tenant).toSorted((one, other) => other.plantedAt - one.plantedAt || (one.id < other.id ? 1 : -1)),
    async touch(tenant, id, at) {
      const known = all.get(place(tenant, id))
      if (known) all.set(place(tenant, id), touched(known, at))
    },
    async retire(tenant, id, at) {
      const known = all.get(place(tenant, id))
      if (!known || known.retiredAt !== undefined) return false
      all.set(place(tenant, id), { ...known, retiredAt: at })
      return true
    },
  }
}
