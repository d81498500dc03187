import type { Clock } from '@agentgate/core'

/** Slows down guessing: knows attempts by key, for an account seen from a network, and for a network. */
export interface Throttle {
  /** Counts an attempt before it is made, so that many at once count too. Milliseconds to wait, and nothing counted, when there were too many. */
  readonly attempt: (keys: readonly ThrottleKey[]) => number | undefined
  /** The attempt succeeded: all that was counted under the first key is forgotten, and under the others this attempt. */
  readonly succeeded: (keys: readonly ThrottleKey[]) => void
}

export interface ThrottleKey {
  readonly key: string
  /** Attempts that are free within a quarter of an hour; each one more doubles the wait, from half a minute to a quarter of an hour. */
  readonly free: number
}

interface Count {
  readonly attempts: number
  readonly last: number
}

const quarter = 900_000
const first = 30_000

/** Remembers the last 10,000 keys, in memory: a restart forgets, and hashing a password is slow all the same. */
export function createThrottle(clock: Clock, most = 10_000): Throttle {
  const counts = new Map<string, Count>()

  function left({ key, free }: ThrottleKey, now: number): number {
    const count = counts.get(key)
    if (!count || now - count.last >= quarter || count.attempts < free) return 0
    return Math.max(0, count.last + Math.min(quarter, first * 2 ** (count.attempts - free)) - now)
  }

  return {
    attempt(keys) {
      const now = clock.now()
      const wait = Math.max(...keys.map((key) => left(key, now)))
      if (wait > 0) return wait
      for (const { key } of keys) {
        const before = counts.get(key)
        counts.delete(key)
        counts.set(key, { attempts: before && now - before.last < quarter ? before.attempts + 1 : 1, last: now })
      }
      for (const key of counts.keys()) {
        if (counts.size <= most) break
        counts.delete(key)
      }
      return undefined
    },
    succeeded([account, ...others]) {
      if (account) counts.delete(account.key)
      for (const { key } of others) {
        const count = counts.get(key)
        if (count) counts.set(key, { ...count, attempts: count.attempts - 1 })
      }
    },
  }
}

/** What of an address is one network: the whole of IPv4, the first 64 bits of IPv6. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address)
  if (mapped?.[1]) return mapped[1]
  const [head = '', tail = ''] = address.split('%')[0]?.toLowerCase().split('::') ?? []
  const groups = head === '' ? [] : head.split(':')
  const zeros = address.includes('::') ? 8 - groups.length - (tail === '' ? 0 : tail.split(':').length) : 0
  return [...groups, ...Array.from({ length: Math.max(0, zeros) }, () => '0'), ...tail.split(':')]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')
}
