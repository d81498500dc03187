/** How many networks threats name within an hour; whoever has many addresses fills no database with them. */
export const mostNetworks = 50

/** All networks beyond those that are named. */
export const many = 'network:many'

const hour = 3_600_000

/** What a threat of a network names: the network itself, or `network:many` once enough others were named within the hour. */
export function namedNetworks(most = mostNetworks): (network: string, now: number) => string {
  const named = new Map<string, number>()
  return (network, now) => {
    for (const [oldest, at] of named) {
      if (now - at < hour) break
      named.delete(oldest)
    }
    if (!named.has(network)) {
      if (named.size >= most) return many
      named.set(network, now)
    }
    return `network:${network}`
  }
}
