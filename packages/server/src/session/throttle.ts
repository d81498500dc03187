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

/** What of an address is one network: the whole of IPv4, also where IPv6 carries it, the first 64 bits of IPv6. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [plain = ''] = address.split('%')
  const groups = groupsOf(URL.parse(`http://[${plain}]/`)?.hostname.slice(1, -1) ?? plain)
  if (groups.slice(0, 5).every((group) => group === '0') && groups[5] === 'ffff') {
    const [high = 0, low = 0] = groups.slice(6).map((group) => Number.parseInt(group, 16))
    return [high >> 8, high & 255, low >> 8, low & 255].join('.')
  }
  return groups.slice(0, 4).join(':')
}

/** The eight groups of an address as URLs write it. */
function groupsOf(address: string): readonly string[] {
  const [head = [], tail] = address.split('::').map((half) => (half === '' ? [] : half.split(':')))
  if (tail === undefined) return head
  return [...head, ...Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0'), ...tail]
}
