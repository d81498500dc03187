import type { Principal, PrincipalId, SessionId, TenantId } from '../call.ts'

/** How little the content of a conversation may be trusted; each says more against it than the one before. */
export const taints = ['none', 'user', 'untrusted'] as const
export type Taint = (typeof taints)[number]

/**
 * What has entered each session of each principal: a high-water mark. Several servers share it: a mark that one has raised is found by all
 * others, from the moment that `raise` returns.
 */
export interface Taints {
  /** `none` for a session that nothing has entered. */
  readonly find: (of: Tainted) => Promise<Taint>
  /** Never lowers. Of two at once the worse stays. */
  readonly raise: (of: Tainted, taint: Taint) => Promise<void>
  /** Forgets what has entered until now, by the word of a person: what that was, `none` when there was nothing. */
  readonly reset: (of: Tainted) => Promise<Taint>
  /** The marks of a principal, by session, at most `limit`: those behind `after`. */
  readonly list: (
    of: Pick<Principal, 'tenant' | 'id'>,
    page: { readonly after?: string; readonly limit: number },
  ) => Promise<readonly Mark[]>
}

/** Whose conversation; `unnamed` for all calls whose caller named none. */
export type Tainted = Pick<Principal, 'tenant' | 'id'> & { readonly session: SessionId | typeof unnamed }

/** The session of calls of no session: they may be one conversation, and only their caller could tell. */
export const unnamed = ''

export interface Mark {
  readonly session: Tainted['session']
  readonly taint: Taint
}

/** The one that says more against what it labels. */
export function worse(one: Taint, other: Taint): Taint {
  return taints.indexOf(one) < taints.indexOf(other) ? other : one
}

/** Marks in memory: for tests and the in-process gate. They end with the process, as its sessions do. */
export function memoryTaints(): Taints {
  const marks = new Map<string, Taint>()
  const place = ({ tenant, id, session }: Tainted) => JSON.stringify([tenant, id, session])
  const ofPlace = (key: string): [TenantId, PrincipalId, Tainted['session']] => JSON.parse(key)
  return {
    find: async (of) => marks.get(place(of)) ?? 'none',
    async raise(of, taint) {
      const mark = worse(marks.get(place(of)) ?? 'none', taint)
      if (mark !== 'none') marks.set(place(of), mark)
    },
    async reset(of) {
      const mark = marks.get(place(of)) ?? 'none'
      marks.delete(place(of))
      return mark
    },
    async list({ tenant, id }, { after, limit }) {
      return [...marks]
        .map(([key, taint]) => ({ of: ofPlace(key), taint }))
        .filter(({ of: [t, i, session] }) => t === tenant && i === id && (after === undefined || session > after))
        .map(({ of: [, , session], taint }) => ({ session, taint }))
        .toSorted((one, other) => (one.session < other.session ? -1 : 1))
        .slice(0, limit)
    },
  }
}
