/** The hours of the day in a time zone. */
export interface ClockHours {
  /** The hour (0 to 23) that it is there. */
  readonly hourAt: (now: number) => number
  /** Milliseconds until the next hour begins there. */
  readonly untilNext: (now: number) => number
}

const hour = 3_600_000

/** Throws a `RangeError` for a time zone that the system does not know. */
export function clockHours(timezone: string): ClockHours {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    hourCycle: 'h23',
  })
  const part = (now: number, type: 'hour' | 'minute' | 'second') =>
    Number(format.formatToParts(now).find((each) => each.type === type)?.value)
  return {
    hourAt: (now) => part(now, 'hour'),
    untilNext: (now) => hour - (part(now, 'minute') * 60 + part(now, 'second')) * 1000 - (now % 1000),
  }
}
