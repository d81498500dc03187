import type { Term } from './term.ts'

/** Kinds of value that are one term. `Decimal` counts ten-thousandths, `Datetime` and `Duration` milliseconds. */
export type Scalar = 'Boolean' | 'Long' | 'String' | 'Decimal' | 'Datetime' | 'Duration'

/** A Cedar value over all requests: its kind is known, what it holds are terms. */
export type Symbolic = ScalarValue | AddressValue | EntityValue | SetOf | RecordOf | Unknown

export interface ScalarValue {
  readonly kind: Scalar
  readonly term: Term
}

/** An address or range: `bits` of 32 or 128, of which the first `prefix` count. */
export interface AddressValue {
  readonly kind: 'Address'
  readonly v6: Term
  readonly bits: Term
  readonly prefix: Term
}

export interface EntityValue {
  readonly kind: 'Entity'
  readonly type: string
  readonly id: Term
}

export interface SetOf {
  readonly kind: 'Set'
  /** Two sets with the same key are the same set. */
  readonly key: string
  /** Of a set that the policy writes out. */
  readonly items?: readonly Symbolic[]
  /** The kind of its elements, where it is known and one term. */
  readonly element: Scalar | undefined
  readonly has: (value: Symbolic) => Term
  /** Of a set that is one of two. */
  readonly choice?: { readonly test: Term; readonly yes: SetOf; readonly no: SetOf }
}

export interface RecordOf {
  readonly kind: 'Record'
  readonly fields: ReadonlyMap<string, Field>
}

export interface Field {
  readonly present: Term
  /** Made when it is first read, so that a question speaks only of what its policies read. */
  readonly value: () => Symbolic
}

/** The value of what is not encoded, by name. Of what always fails it is the value too, and nobody looks at it. */
export interface Unknown {
  readonly kind: 'Unknown'
  readonly construct: string
}

export const nothing: Unknown = { kind: 'Unknown', construct: 'nothing' }

export function unknown(construct: string): Unknown {
  return { kind: 'Unknown', construct }
}

/** What evaluating an expression comes to: `ok` is whether it does not fail, and `value` means something only then. */
export interface Evaluated {
  readonly value: Symbolic
  readonly ok: Term
}

/** The sort of the term of a scalar. */
export function sortOf(kind: Scalar): Term['sort'] {
  if (kind === 'Boolean') return 'Bool'
  return kind === 'String' ? 'String' : 'Int'
}
