/** `'30s'`, `'5m'`, `'1h'`, `'2d'`, or milliseconds as a number. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds, a whole number above zero. Throws a `TypeError` that shows the forms it takes. */
export function milliseconds(duration: Duration, of: string): number {
  const [, amount, unit = 'ms'] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(String(duration)) ?? []
  const value = Math.round(Number(amount) * units[unit as keyof typeof units])
  if (amount === undefined || !Number.isSafeInteger(value) || value <= 0) {
    throw new TypeError(`\`${of}\` is ${JSON.stringify(duration)}: give milliseconds, or a text such as '30s', '5m', '1h'`)
  }
  return value
}

/** The longest that a timer takes, in milliseconds: 24 days. */
export const longestTimer = 2 ** 31 - 1

/** `milliseconds` for a timer. Throws a `TypeError` for more than one takes, too. */
export function soon(duration: Duration, of: string): number {
  const value = milliseconds(duration, of)
  if (value > longestTimer) throw new TypeError(`\`${of}\` is ${JSON.stringify(duration)}: give 24 days at most`)
  return value
}
