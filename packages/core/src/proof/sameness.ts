import type { Encoding } from './encoding.ts'
import type { Sets } from './sets.ts'
import type { RecordOf, Symbolic } from './symbolic.ts'
import type { Term } from './term.ts'

/** Cedar's `==`: never fails, and values of different kinds are different. */
export function same(encoding: Encoding, sets: Sets, a: Symbolic, b: Symbolic): Term {
  const { t, gap } = encoding
  if (a.kind === 'Unknown') return gap(a.construct)
  if (b.kind === 'Unknown') return gap(b.construct)
  if (a.kind !== b.kind) return t.bool(false)
  if (a.kind === 'Address' && b.kind === 'Address') return t.and(t.eq(a.v6, b.v6), t.eq(a.bits, b.bits), t.eq(a.prefix, b.prefix))
  if (a.kind === 'Entity' && b.kind === 'Entity') return t.and(t.bool(a.type === b.type), t.eq(a.id, b.id))
  if (a.kind === 'Set' && b.kind === 'Set') return t.and(sets.within(a, b), sets.within(b, a))
  if (a.kind === 'Record' && b.kind === 'Record') return sameRecords(encoding, sets, a, b)
  return 'term' in a && 'term' in b ? t.eq(a.term, b.term) : t.bool(false)
}

function sameRecords(encoding: Encoding, sets: Sets, a: RecordOf, b: RecordOf): Term {
  const { t } = encoding
  const names = new Set([...a.fields.keys(), ...b.fields.keys()])
  return t.and(
    ...[...names].map((name) => {
      const [left, right] = [a.fields.get(name), b.fields.get(name)]
      const [in1, in2] = [left?.present ?? t.bool(false), right?.present ?? t.bool(false)]
      const equal = left && right ? same(encoding, sets, left.value(), right.value()) : t.bool(false)
      return t.and(t.eq(in1, in2), t.or(t.not(in1), equal))
    }),
  )
}
