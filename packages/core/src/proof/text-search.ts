import type { Pattern } from './pattern.ts'

/** A pattern, and whether a text is to match it. */
export interface Wanted {
  readonly pattern: Pattern
  readonly holds: boolean
}

/** More steps than this are not tried. */
const most = 10_000

/**
 * A text that matches exactly the patterns it should: `none` when there is none, which is exact;
 * `too-many` when that was not found out. All patterns are read at once, character by character, and a reading that
 * can only fail is given up.
 */
export function textFor(wanted: readonly Wanted[]): { readonly text: string } | 'none' | 'too-many' {
  const machines = wanted.map(({ pattern, holds }) => ({ ...machineOf(pattern), holds }))
  const alphabet = characters(wanted)
  const start = machines.map(({ first }) => first)
  /** Readings by how many patterns are not yet as they should be: the nearest are gone on with first. */
  const open: { readonly states: readonly bigint[]; readonly text: string }[][] = []
  const seen = new Set<string>()
  const visit = (states: readonly bigint[], text: string): void => {
    if (machines.some(({ holds, always }, at) => (holds ? states[at] === 0n : always(states[at] ?? 0n)))) return
    const key = states.join()
    if (seen.has(key)) return
    seen.add(key)
    const amiss = machines.filter(({ accepts, holds }, at) => accepts(states[at] ?? 0n) !== holds).length
    open[amiss] ??= []
    open[amiss].push({ states, text })
  }
  visit(start, '')
  while (seen.size <= most) {
    const nearest = open.findIndex((each) => each !== undefined && each.length > 0)
    const next = open[nearest]?.shift()
    if (!next) return 'none'
    if (nearest === 0) return { text: next.text }
    for (const character of alphabet) {
      const states = machines.map(({ step }, at) => step(next.states[at] ?? 0n, character))
      visit(states, next.text + character)
    }
  }
  return 'too-many'
}

/** Every character of the patterns, and one that is in none: to a pattern, all others are alike. */
function characters(wanted: readonly Wanted[]): readonly string[] {
  const known = new Set(wanted.flatMap(({ pattern }) => pattern.flatMap((part) => [...part])))
  const other = [...'xabcdefghijklmnopqrstuvwyz0123456789'].find((each) => !known.has(each)) ?? unusedCharacter(known)
  return [other, ...known]
}

function unusedCharacter(known: ReadonlySet<string>): string {
  let point = 0x4e00
  while (known.has(String.fromCodePoint(point))) point++
  return String.fromCodePoint(point)
}

const wildcard = Symbol('wildcard')

/** Reads a pattern from left to right. A state is the set of places in the pattern where the reading may be, one bit each. */
function machineOf(pattern: Pattern) {
  const items = pattern.flatMap((part, at) => [...(at > 0 ? [wildcard] : []), ...part])
  const end = 1n << BigInt(items.length)
  const lastWild = items.lastIndexOf(wildcard)
  /** A wildcard that ends the pattern matches whatever comes. */
  const safe = lastWild >= 0 && lastWild === items.length - 1 ? 1n << BigInt(lastWild) : 0n

  /** With a wildcard reached, what is behind it can find nothing that it cannot. */
  const settled = (places: readonly number[]): bigint => {
    let state = 0n
    let floor = 0
    for (const place of places) {
      for (let at = place; ; at++) {
        state |= 1n << BigInt(at)
        if (items[at] !== wildcard) break
        floor = Math.max(floor, at)
      }
    }
    return (state >> BigInt(floor)) << BigInt(floor)
  }
  const step = (state: bigint, character: string): bigint => {
    const places: number[] = []
    for (let at = 0, rest = state; rest > 0n; at++, rest >>= 1n) {
      if ((rest & 1n) === 0n) continue
      if (items[at] === wildcard) places.push(at)
      else if (items[at] === character) places.push(at + 1)
    }
    return settled(places)
  }
  return {
    first: settled([0]),
    step,
    accepts: (state: bigint) => (state & end) !== 0n,
    always: (state: bigint) => (state & safe) !== 0n,
  }
}
