import { long, type Long } from './long.ts'

/** A decimal of at most four places, as ten-thousandths. */
export class Decimal {
  readonly value: Long
  constructor(value: Long) {
    this.value = value
  }
}

/** Milliseconds since 1970, UTC. */
export class Datetime {
  readonly value: Long
  constructor(value: Long) {
    this.value = value
  }
}

/** Milliseconds. */
export class Duration {
  readonly value: Long
  constructor(value: Long) {
    this.value = value
  }
}

/** Reads what Cedar's `decimal` reads: `-12.3400`. Fails with `overflow` beyond 64 bits of ten-thousandths. */
export function parseDecimal(text: string): Decimal | undefined {
  const [, sign, whole, fraction] = /^(-?)(\d{1,20})\.(\d{1,4})$/u.exec(text.replace(/^(-?)0+(?=\d)/u, '$1')) ?? []
  if (whole === undefined || fraction === undefined) return undefined
  const size = BigInt(whole) * 10_000n + BigInt(fraction.padEnd(4, '0'))
  return new Decimal(long(sign ? -size : size))
}

const written = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{3}))?(?:Z|([+-])(\d{2})(\d{2})))?$/u

/** Reads what Cedar's `datetime` reads: `2024-10-15`, `2024-10-15T11:35:00Z`, `2024-10-15T11:35:00.000+0100`. */
export function parseDatetime(text: string): Datetime | undefined {
  const match = written.exec(text)
  if (!match) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, milli = 0] = match.slice(1, 8).map((part) => Number(part ?? 0))
  const [ahead, aside] = [Number(match[9] ?? 0), Number(match[10] ?? 0)]
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined
  if (hour > 23 || minute > 59 || second > 59 || ahead > 23 || aside > 59) return undefined
  const local = ((daysSince1970(year, month, day) * 24 + hour) * 60 + minute) * 60_000 + second * 1000 + milli
  const offset = (ahead * 60 + aside) * 60_000
  return new Datetime(match[8] === '-' ? local + offset : local - offset)
}

/** More than twenty digits, zeros in front aside, are beyond 64 bits in any unit. */
const lasting = /^(-?)(?=\d)(?:(\d{1,20})d)?(?:(\d{1,20})h)?(?:(\d{1,20})m)?(?:(\d{1,20})s)?(?:(\d{1,20})ms)?$/u

/** Reads what Cedar's `duration` reads: `1d2h3m4s5ms`, any part of it, with a minus for the whole. */
export function parseDuration(text: string): Duration | undefined {
  const match = lasting.exec(text.replace(/(?<!\d)0+(?=\d)/gu, ''))
  if (!match) return undefined
  const units = [86_400_000n, 3_600_000n, 60_000n, 1000n, 1n]
  const size = units.reduce((sum, unit, index) => sum + unit * BigInt(match[index + 2] ?? 0), 0n)
  return new Duration(long(match[1] ? -size : size))
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
}

/** Proleptic Gregorian days since 1970-01-01, counted in years that begin in March. */
function daysSince1970(year: number, month: number, day: number): number {
  const [y, m] = month < 3 ? [year - 1, month + 9] : [year, month - 3]
  const leaps = Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400)
  return y * 365 + leaps + Math.floor((153 * m + 2) / 5) + day - 1 - 719_468
}
