import type { LookupAddress, lookup as systemLookup } from 'node:dns'
import type { BlockList, LookupFunction } from 'node:net'

/** Loaded when a webhook is first named: `import 'agentgate'` does without them. */
const net = () => process.getBuiltinModule('node:net')
const dns = () => process.getBuiltinModule('node:dns')

/** Thrown for an address that nothing is sent to. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused'
}

/** What is not the public Internet, of IPv4 (IANA's special-purpose registry). */
const special4 =
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 ' +
  '192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4'
/** What is, of IPv6, and what of that leads elsewhere. */
const global6 = '2000::/3'
const special6 = '2001::/23 2001:db8::/32 2002::/16 3fff::/20'

let publicLists: { readonly special: BlockList; readonly worldwide: BlockList } | undefined
const lists = () => (publicLists ??= { special: listOf([...special4.split(' '), ...special6.split(' ')]), worldwide: listOf([global6]) })

/** 4, 6, or 0 for what is no address. */
export function isIP(text: string): number {
  return net().isIP(text)
}

/** Whether an address is of the public Internet. IPv4 within IPv6 is none. */
export function isPublic(address: string): boolean {
  const { special, worldwide } = lists()
  if (isIP(address) === 4) return !special.check(address, 'ipv4')
  return isIP(address) === 6 && worldwide.check(address, 'ipv6') && !special.check(address, 'ipv6')
}

/** Networks as `10.1.0.0/16` says them; an address alone is one of its own. Throws a `TypeError` for anything else. */
export function listOf(networks: readonly string[]): BlockList {
  const { BlockList } = net()
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    const version = isIP(address)
    const prefix = bits === undefined ? (version === 4 ? 32 : 128) : Number(bits)
    if (version === 0 || !/^\d{1,3}$/.test(bits ?? '0') || prefix > (version === 4 ? 32 : 128))
      throw new TypeError(`\`${network}\` is no network: give it as \`10.1.0.0/16\``)
    list.addSubnet(address, prefix, version === 4 ? 'ipv4' : 'ipv6')
  }
  return list
}

/** Throws an `AddressRefused` unless the address is public, or in one of the networks. */
export function checkAddress(address: string, networks: BlockList): void {
  const version = isIP(address)
  if (isPublic(address) || (version !== 0 && networks.check(address, version === 4 ? 'ipv4' : 'ipv6'))) return
  throw new AddressRefused(`\`${address}\` is not of the public Internet: name its network among those that webhooks may be in`)
}

/**
 * Resolves a name for a socket, which connects to what this answers: a name cannot become another address in between. One address
 * that may not be used refuses the name.
 */
export function guardedLookup(networks: BlockList, resolve: typeof systemLookup = dns().lookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      const [first] = addresses ?? []
      try {
        if (error) throw error
        for (const { address } of addresses) checkAddress(address, networks)
        if (!first) throw new AddressRefused(`\`${hostname}\` has no address`)
      } catch (cause) {
        callback(cause instanceof Error ? cause : new Error(String(cause)), '', 0)
        return
      }
      if (options.all) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}
