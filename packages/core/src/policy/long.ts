import { fail } from './failure.ts'

/** A 64-bit integer: a number where that is exact, else a bigint. Every value has only one of the two forms. */
export type Long = number | bigint

const lowest = -(2n ** 63n)
const highest = 2n ** 63n - 1n

/** The Long with this value; fails with `overflow` outside 64 bits. */
export function long(value: bigint): Long {
  if (value < lowest || value > highest) return fail('overflow')
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value
}

export function add(a: Long, b: Long): Long {
  if (typeof a === 'number' && typeof b === 'number' && Number.isSafeInteger(a + b)) return a + b
  return long(BigInt(a) + BigInt(b))
}

export function subtract(a: Long, b: Long): Long {
  if (typeof a === 'number' && typeof b === 'number' && Number.isSafeInteger(a - b)) return a - b
  return long(BigInt(a) - BigInt(b))
}

export function multiply(a: Long, b: Long): Long {
  // A product of 2^53 or more rounds to 2^53 or more, so a safe one is exact. Adding 0 makes -0 a 0.
  if (typeof a === 'number' && typeof b === 'number' && Number.isSafeInteger(a * b)) return a * b + 0
  return long(BigInt(a) * BigInt(b))
}

/** Truncates towards zero. */
export function divide(a: Long, by: number): Long {
  return typeof a === 'number' ? Math.trunc(a / by) + 0 : long(a / BigInt(by))
}

/** Rounds down to a multiple of `unit`. */
export function floorTo(a: Long, unit: number): Long {
  if (typeof a === 'number') return subtract(a, ((a % unit) + unit) % unit)
  const size = BigInt(unit)
  return long(a - (((a % size) + size) % size))
}

export function isLong(value: unknown): value is Long {
  return typeof value === 'number' || typeof value === 'bigint'
}
