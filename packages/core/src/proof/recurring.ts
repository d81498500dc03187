import type { Literal } from './term.ts'

/** From so many values on, a symbol's next value is likely a new one: a time, an id. */
const many = 64

/** A text of so many characters is none that comes again. */
const long = 200

/** Tells symbols apart by the values that they have had: always the same one, some that come again, or ever new ones. */
export interface Recurring {
  /** Takes the next values, the same symbols in the same order; says whether any symbol is of another sort than it was. */
  readonly changed: (values: readonly Literal[]) => boolean
  readonly constant: () => readonly number[]
  readonly recurring: () => readonly number[]
  readonly fresh: () => readonly number[]
  /** Recurring and fresh ones. */
  readonly varying: () => readonly number[]
}

export function recurring(): Recurring {
  let first: readonly Literal[] | undefined
  /** What each symbol has had beside its first value; `undefined` once that was too much. */
  const had = new Map<number, Set<Literal> | undefined>()
  let sorts: { readonly constant: readonly number[]; readonly recurring: readonly number[]; readonly fresh: readonly number[] } = {
    constant: [],
    recurring: [],
    fresh: [],
  }

  return {
    changed(values) {
      let changed = first === undefined
      first ??= values
      for (let at = 0; at < values.length; at++) {
        const value = values[at]
        if (value === undefined || value === first[at]) continue
        if (!had.has(at)) {
          had.set(at, new Set())
          changed = true
        }
        const others = had.get(at)
        if (others?.add(value) && (others.size >= many || (typeof value === 'string' && value.length > long))) {
          had.set(at, undefined)
          changed = true
        }
      }
      if (changed) {
        const of = (which: (at: number) => boolean) => [...values.keys()].filter(which)
        sorts = {
          constant: of((at) => !had.has(at)),
          recurring: of((at) => had.get(at) !== undefined),
          fresh: of((at) => had.has(at) && had.get(at) === undefined),
        }
      }
      return changed
    },
    constant: () => sorts.constant,
    recurring: () => sorts.recurring,
    fresh: () => sorts.fresh,
    varying: () => [...sorts.recurring, ...sorts.fresh],
  }
}
