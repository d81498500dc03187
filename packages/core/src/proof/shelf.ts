import type { Literal, Sort } from './term.ts'

/** A statement over symbols that Z3 keeps, to be asked with many values of these. */
export interface Prepared {
  /**
   * What it comes to with each symbol's value put in its place: `open` when simplifying does not settle it. `values` are in
   * the order of the symbols.
   */
  readonly simplify: (values: readonly Literal[]) => 'true' | 'false' | 'open'
}

/** Statements that Z3 keeps. */
export interface Shelf {
  /** Reads SMT-LIB 2.6 that declares and defines, and asserts one thing. Throws a `TypeError` with Z3's words when it refuses it. */
  readonly prepare: (script: string, symbols: readonly { readonly name: string; readonly sort: Sort }[]) => Prepared
  /** Frees everything: no prepared statement may be asked after. */
  readonly close: () => void
}
