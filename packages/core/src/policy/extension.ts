import { Datetime, Decimal, Duration, parseDatetime, parseDecimal, parseDuration } from './extension-value.ts'
import { fail } from './failure.ts'
import { IpAddress, parseIp } from './ip-address.ts'
import { add, divide, floorTo, subtract } from './long.ts'
import type { Value } from './value.ts'

/** An extension function: of itself alone, or with one argument. Cedar calls any other number an error when it evaluates. */
export type Extension =
  | { readonly takes: 1; readonly apply: (self: Value) => Value }
  | { readonly takes: 2; readonly apply: (self: Value, argument: Value) => Value }

const one = (apply: (self: Value) => Value): Extension => ({ takes: 1, apply })
const two = (apply: (self: Value, argument: Value) => Value): Extension => ({ takes: 2, apply })

/** Cedar's extension functions, by the name that its JSON form has for them. */
export const extensions: ReadonlyMap<string, Extension> = new Map<string, Extension>([
  ['decimal', one((self) => read(parseDecimal, self))],
  ['ip', one((self) => read(parseIp, self))],
  ['datetime', one((self) => read(parseDatetime, self))],
  ['duration', one((self) => read(parseDuration, self))],
  ['lessThan', two((self, other) => decimal(self) < decimal(other))],
  ['lessThanOrEqual', two((self, other) => decimal(self) <= decimal(other))],
  ['greaterThan', two((self, other) => decimal(self) > decimal(other))],
  ['greaterThanOrEqual', two((self, other) => decimal(self) >= decimal(other))],
  ['isIpv4', one((self) => !ip(self).v6)],
  ['isIpv6', one((self) => ip(self).v6)],
  ['isLoopback', one((self) => ip(self).isLoopback())],
  ['isMulticast', one((self) => ip(self).isMulticast())],
  ['isInRange', two((self, range) => ip(self).isIn(ip(range)))],
  ['offset', two((self, by) => new Datetime(add(datetime(self), duration(by))))],
  ['durationSince', two((self, from) => new Duration(subtract(datetime(self), datetime(from))))],
  ['toDate', one((self) => new Datetime(floorTo(datetime(self), day)))],
  ['toTime', one((self) => new Duration(timeOf(datetime(self))))],
  ['toMilliseconds', one((self) => duration(self))],
  ['toSeconds', one((self) => divide(duration(self), 1000))],
  ['toMinutes', one((self) => divide(duration(self), 60_000))],
  ['toHours', one((self) => divide(duration(self), 3_600_000))],
  ['toDays', one((self) => divide(duration(self), day))],
])

const day = 86_400_000

function read<T>(parse: (text: string) => T | undefined, value: Value): T {
  if (typeof value !== 'string') return fail('type-error')
  return parse(value) ?? fail('extension-error')
}

/** The time of day, which exists even where the date, rounded down, would leave 64 bits. */
function timeOf(at: number | bigint): number {
  const rest = typeof at === 'number' ? at % day : Number(at % BigInt(day))
  return rest < 0 ? rest + day : rest + 0
}

function decimal(value: Value): number | bigint {
  return value instanceof Decimal ? value.value : fail('type-error')
}

function datetime(value: Value): number | bigint {
  return value instanceof Datetime ? value.value : fail('type-error')
}

function duration(value: Value): number | bigint {
  return value instanceof Duration ? value.value : fail('type-error')
}

function ip(value: Value): IpAddress {
  return value instanceof IpAddress ? value : fail('type-error')
}
