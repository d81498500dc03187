import type { Encoding } from './encoding.ts'
import type { Scalar, ScalarValue } from './symbolic.ts'
import type { Term } from './term.ts'

const lowest = -(2n ** 63n)
const highest = 2n ** 63n - 1n
/** The first and the last instant that Cedar's JSON form can write: years 0000 to 9999. */
const [earliest, latest] = [-62_167_219_200_000n, 253_402_300_799_999n]

/** Whether an integer has 64 bits. Outside is an error in Cedar. */
export function in64Bits({ t }: Pick<Encoding, 't'>, term: Term): Term {
  return t.and(t.atMost(t.int(lowest), term), t.atMost(term, t.int(highest)))
}

/** A scalar of which nothing is known but its range. */
export function scalar(encoding: Encoding, kind: Scalar, term: Term): ScalarValue {
  const { t, assume } = encoding
  if (kind === 'Long' || kind === 'Decimal' || kind === 'Duration') assume(term, in64Bits(encoding, term))
  if (kind === 'Datetime') assume(term, t.and(t.atMost(t.int(earliest), term), t.atMost(term, t.int(latest))))
  return { kind, term }
}
