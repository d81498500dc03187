/** Why a host is not one of the open internet, if it is not. Of a folded text, however its address is written; IPv6 in brackets. */
export function isNear(host: string): 'loopback' | 'private' | 'metadata' | undefined {
  const name = host.endsWith('.') ? host.slice(0, -1) : host
  if (loopback.test(name)) return 'loopback'
  if (metadata.test(name)) return 'metadata'
  if (inside.test(name)) return 'private'
  if (name.startsWith('[')) return near6(name)
  const value = ipv4(name)
  return value === undefined ? undefined : near4(value)
}

/** Whether a host is an address written so that people do not see it: as one number, in octal or in hexadecimal. */
export function isDisguised(host: string): boolean {
  return (/(?:^|\.)0[x\d]/.test(host) || /^\d{5,10}$/.test(host)) && ipv4(host) !== undefined
}

/** Names of this machine, and of zones that answer with any address which a name asks for. */
const loopback =
  /^(?:(?:[\w-]{1,60}\.){0,4}localhost|(?:[\w-]{1,60}\.){0,4}localdomain|ip6-l(?:ocalhost|oopback)|host\.docker\.internal|(?:[\w-]{1,60}\.){0,4}(?:localtest\.me|lvh\.me|vcap\.me)|(?:[\w-]{1,60}\.){0,12}(?:nip|xip|sslip)\.io)$/
const metadata = /^(?:metadata(?:\.google\.internal|\.goog)?|instance-data(?:\.[\w-]{1,60}){0,2})$/
const inside = /^(?:[\w-]{1,60}\.){1,6}(?:internal|svc|svc\.cluster\.local)$/

/** IANA's special registry of IPv4, and the addresses at which clouds answer their machines. */
function near4(value: number): 'loopback' | 'private' | 'metadata' | undefined {
  const [top, second] = [value >>> 24, (value >>> 16) & 255]
  if (top === 127 || top === 0) return 'loopback'
  if ((top === 169 && second === 254) || clouds.has(value)) return 'metadata'
  const special =
    top === 10 ||
    (top === 172 && second >= 16 && second < 32) ||
    (top === 192 && second === 168) ||
    (top === 100 && second >= 64 && second < 128) ||
    (top === 198 && (second === 18 || second === 19)) ||
    value >>> 8 === 0xc00000 ||
    top >= 224
  return special ? 'private' : undefined
}

/** 168.63.129.16, 100.100.100.200 and 192.0.0.192. */
const clouds: ReadonlySet<number> = new Set([0xa83f8110, 0x646464c8, 0xc00000c0])

function near6(host: string): 'loopback' | 'private' | 'metadata' | undefined {
  const groups = ipv6(/^\[([^\]%]{2,60})(?:%[^\]]{1,60})?\]$/.exec(host)?.[1] ?? '')
  if (!groups) return undefined
  const [first = 0, second = 0] = groups
  const begins = (...with_: readonly number[]): boolean => with_.every((group, index) => groups[index] === group)
  const inner = (at: number): number => (((groups[at] ?? 0) << 16) | (groups[at + 1] ?? 0)) >>> 0
  // An address of IPv4 stands at the end (mapped, compatible, translated) or behind `2002:`.
  if (begins(0, 0, 0, 0, 0, 0) || begins(0, 0, 0, 0, 0, 0xffff) || begins(0, 0, 0, 0, 0xffff, 0) || begins(0x64, 0xff9b, 0, 0, 0, 0))
    return near4(inner(6))
  if (first === 0x2002) return near4(inner(1))
  if (first === 0xfd00 && second === 0xec2) return 'metadata'
  const special = first >>> 9 === 0x7e || first >>> 6 === 0x3fa || first >>> 6 === 0x3fb || first >>> 8 === 0xff || begins(0x64, 0xff9b, 1)
  return special ? 'private' : undefined
}

/** The eight groups of an IPv6 address. */
function ipv6(text: string): readonly number[] | undefined {
  const tail = /(?<=^|:)\d{1,3}(?:\.\d{1,3}){3}$/.exec(text)
  const last = tail ? ipv4(tail[0]) : undefined
  const plain = last === undefined ? text : `${text.slice(0, tail?.index)}${(last >>> 16).toString(16)}:${(last & 0xffff).toString(16)}`
  const halves = plain.split('::')
  if (halves.length > 2) return undefined
  const [head = [], end = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const gap = halves.length === 2 ? 8 - head.length - end.length : 0
  if (gap < 0 || head.length + end.length + gap !== 8) return undefined
  const groups = [...head, ...Array.from({ length: gap }, () => '0'), ...end]
  return groups.every((group) => /^[0-9a-f]{1,4}$/.test(group)) ? groups.map((group) => Number.parseInt(group, 16)) : undefined
}

/** An IPv4 address as resolvers read it: one to four parts, each decimal, octal or hexadecimal. */
function ipv4(host: string): number | undefined {
  const first = host.charCodeAt(0)
  if (first < 48 || first > 57 || host.length > 40) return undefined
  const parts = host.split('.')
  if (parts.length > 4) return undefined
  let value = 0
  for (const [index, part] of parts.entries()) {
    const radix = /^0x[0-9a-f]{0,16}$/.test(part) ? 16 : /^0[0-7]{1,39}$/.test(part) ? 8 : /^\d{1,10}$/.test(part) ? 10 : 0
    if (radix === 0) return undefined
    const number = Number.parseInt(radix === 16 ? part.slice(2) || '0' : part, radix)
    const last = index === parts.length - 1
    const room = last ? 256 ** (4 - index) : 256
    if (number >= room) return undefined
    value += last ? number : number * 256 ** (3 - index)
  }
  return value >>> 0
}
