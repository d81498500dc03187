/**
 * Reads the texts of Cedar's extension values. The evaluator has its own reading of them: the solver shares with it
 * the parser and the facts, and nothing else.
 */

const lowest = -(2n ** 63n)
const highest = 2n ** 63n - 1n

function fits(value: bigint): bigint | undefined {
  return value < lowest || value > highest ? undefined : value
}

/** Ten-thousandths of `-12.3400`. */
export function readDecimal(text: string): bigint | undefined {
  const dot = text.indexOf('.')
  if (dot < 0 || !/^-?\d+\.\d{1,4}$/u.test(text) || text.length > 40) return undefined
  const places = text.length - dot - 1
  return fits(BigInt(text.replace('.', '')) * 10n ** BigInt(4 - places))
}

/** Milliseconds since 1970 of `2024-10-15`, `2024-10-15T11:35:00Z`, `2024-10-15T11:35:00.000+0100`. */
export function readDatetime(text: string): bigint | undefined {
  const form = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d(?:\.\d{3})?)(Z|[+-]\d{4}))?$/u.exec(text)
  if (!form) return undefined
  const [, date = '', time = '00:00:00', zone = 'Z'] = form
  const clock = time.includes('.') ? time : `${time}.000`
  const instant = new Date(`${date}T${clock}Z`)
  // A date that does not exist is moved to one that does, and is then written otherwise.
  if (Number.isNaN(instant.getTime()) || instant.toISOString() !== `${date}T${clock}Z`) return undefined
  if (zone === 'Z') return BigInt(instant.getTime())
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3))]
  if (hours > 23 || minutes > 59) return undefined
  return BigInt(instant.getTime() - (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000)
}

const units: readonly (readonly [unit: string, milliseconds: bigint])[] = [
  ['d', 86_400_000n],
  ['h', 3_600_000n],
  ['m', 60_000n],
  ['s', 1_000n],
  ['ms', 1n],
]

/** Milliseconds of `1d2h3m4s5ms`, or any part of it in this order, with a minus for the whole. */
export function readDuration(text: string): bigint | undefined {
  const negative = text.startsWith('-')
  let rest = negative ? text.slice(1) : text
  if (rest === '' || text.length > 128) return undefined
  let size = 0n
  for (const [unit, milliseconds] of units) {
    const part = new RegExp(`^(\\d+)${unit}(?![a-z])`, 'u').exec(rest)
    if (!part) continue
    size += BigInt(part[1] ?? 0) * milliseconds
    rest = rest.slice(part[0].length)
  }
  return rest === '' ? fits(negative ? -size : size) : undefined
}

export interface WrittenAddress {
  readonly v6: boolean
  readonly bits: bigint
  readonly prefix: number
}

/** `10.0.0.1`, `10.0.0.0/8`, `::1`, `2001:db8::/32`. */
export function readAddress(text: string): WrittenAddress | undefined {
  const [address = '', length, more] = text.split('/')
  if (more !== undefined || text.length > 43) return undefined
  const v6 = address.includes(':')
  const most = v6 ? 128 : 32
  if (length !== undefined && !/^(?:0|[1-9]\d?\d?)$/u.test(length)) return undefined
  const prefix = length === undefined ? most : Number(length)
  const bits = v6 ? groups(address) : octets(address)
  return bits === undefined || prefix > most ? undefined : { v6, bits, prefix }
}

function octets(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d?\d?)$/u.test(part) && Number(part) < 256)) return undefined
  return parts.reduce((bits, part) => bits * 256n + BigInt(part), 0n)
}

function groups(text: string): bigint | undefined {
  const gap = text.indexOf('::')
  if (gap >= 0 && text.indexOf('::', gap + 1) >= 0) return undefined
  const list = (part: string) => (part === '' ? [] : part.split(':'))
  const before = list(gap < 0 ? text : text.slice(0, gap))
  const after = gap < 0 ? [] : list(text.slice(gap + 2))
  const zeros = 8 - before.length - after.length
  if (gap < 0 ? zeros !== 0 : zeros < 1) return undefined
  const all = [...before, ...Array.from({ length: zeros }, () => '0'), ...after]
  if (!all.every((group) => /^[0-9a-fA-F]{1,4}$/u.test(group))) return undefined
  return all.reduce((bits, group) => bits * 65_536n + BigInt(`0x${group}`), 0n)
}
