/** An address or range of Cedar's `ip`: all addresses from `first` to `last`. */
export class IpAddress {
  readonly v6: boolean
  readonly bits: bigint
  readonly prefix: number
  readonly first: bigint
  readonly last: bigint

  constructor(v6: boolean, bits: bigint, prefix: number) {
    this.v6 = v6
    this.bits = bits
    this.prefix = prefix
    const host = (1n << BigInt((v6 ? 128 : 32) - prefix)) - 1n
    this.first = bits & ~host
    this.last = bits | host
  }

  get key(): string {
    return `ip:${this.v6 ? 6 : 4}:${this.bits.toString(16)}/${this.prefix}`
  }

  isIn(range: IpAddress): boolean {
    return this.v6 === range.v6 && this.first >= range.first && this.last <= range.last
  }

  isLoopback(): boolean {
    return this.v6 ? this.bits === 1n && this.prefix === 128 : this.bits >> 24n === 127n && this.prefix >= 8
  }

  isMulticast(): boolean {
    return this.v6 ? this.bits >> 120n === 0xffn && this.prefix >= 8 : this.bits >> 28n === 0xen && this.prefix >= 4
  }
}

/** Reads what Cedar's `ip` reads: `10.0.0.1`, `10.0.0.0/8`, `::1`, `2001:db8::/32`. No IPv4 inside IPv6, no leading zeros. */
export function parseIp(text: string): IpAddress | undefined {
  if (text.length > 43) return undefined
  const slash = text.indexOf('/')
  const address = slash < 0 ? text : text.slice(0, slash)
  const v6 = address.includes(':')
  const most = v6 ? 128 : 32
  const bits = v6 ? parseV6(address) : parseV4(address)
  const written = slash < 0 ? `${most}` : text.slice(slash + 1)
  if (bits === undefined || !/^(0|[1-9]\d{0,2})$/u.test(written) || Number(written) > most) return undefined
  return new IpAddress(v6, bits, Number(written))
}

/** Why `text` is no address range, or `undefined` when it is one. */
export function cidrProblem(text: string): string | undefined {
  if (parseIp(text)) return undefined
  return `\`${text.slice(0, 60)}\` is no address range: write it like \`10.0.0.0/8\` or \`2001:db8::/32\`.`
}

function parseV4(text: string): bigint | undefined {
  if (!/^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/u.test(text)) return undefined
  const octets = text.split('.').map(Number)
  return octets.some((octet) => octet > 255) ? undefined : BigInt(octets.reduce((sum, octet) => sum * 256 + octet, 0))
}

function parseV6(text: string): bigint | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const groups = [...head, ...Array<string>(missing).fill('0'), ...tail]
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/u.test(group))) return undefined
  return groups.reduce((sum, group) => (sum << 16n) | BigInt(Number.parseInt(group, 16)), 0n)
}
