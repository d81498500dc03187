import type { Principal, SessionId } from '../call.ts'

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
}

/** Whose conversation. */
export type Tainted = Pick<Principal, 'tenant' | 'id'> & { readonly session: SessionId }

/** The one that says more against what it labels. */
export function worse(one: Taint, other: Taint): Taint {
  return taints.indexOf(one) < taints.indexOf(other) ? other : one
}

/** Marks in memory: for tests and the in-process gate. They end with the process, as its sessions do. */
export function memoryTaints(): Taints {
  const marks = new Map<string, Taint>()
  const place = ({ tenant, id, session }: Tainted) => JSON.stringify([tenant, id, session])
  return {
    find: async (of) => marks.get(place(of)) ?? 'none',
    async raise(of, taint) {
      const mark = worse(marks.get(place(of)) ?? 'none', taint)
      if (mark !== 'none') marks.set(place(of), mark)
    },
  }
}
