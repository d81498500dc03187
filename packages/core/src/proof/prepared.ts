import type { init } from 'z3-solver'
import { recurring } from './recurring.ts'
import type { Prepared, Shelf } from './shelf.ts'
import type { Literal } from './term.ts'

type Loaded = Awaited<ReturnType<typeof init>>
type Z3Api = Loaded['Z3']
type Ast = ReturnType<Z3Api['mk_true']>

/** What is called of the module itself: these answer at once, where the wrapper's functions of the same names use threads of Z3's own. */
interface Exports {
  readonly _Z3_simplify: (context: unknown, ast: unknown) => Ast
  readonly _Z3_mk_lstring: (context: unknown, length: number, bytes: number) => Ast
  /** `from` and `to` are places of arrays of so many terms. */
  readonly _Z3_substitute: (context: unknown, ast: unknown, count: number, from: number, to: number) => Ast
  readonly _malloc: (bytes: number) => number
  readonly _free: (at: number) => void
  /** Another one when the memory has grown. */
  readonly HEAPU8: Uint8Array
}

/** Combinations of values that a statement is kept with, at most. */
const mostKept = 128
/** Literals that are kept made, and the characters in them, at most. */
const mostLiterals = 2_000
const mostCharacters = 1_000_000

/**
 * A shelf in this instance of Z3. What differs between calls is put in last: the values that a statement has always been
 * asked with are put in once, those that come again and again once for each combination, and what Z3 simplifies that to is
 * kept. Putting values in one after another or all at once is the same.
 */
export function shelf({ em, Z3 }: Loaded): Shelf {
  const native = em as unknown as Exports
  const config = Z3.mk_config()
  const context = Z3.mk_context_rc(config)
  Z3.del_config(config)
  const sorts = { String: Z3.mk_string_sort(context), Int: Z3.mk_int_sort(context), Bool: Z3.mk_bool_sort(context) }
  for (const sort of Object.values(sorts)) keep(Z3.sort_to_ast(context, sort))
  const [yes, no] = [keep(Z3.mk_true(context)), keep(Z3.mk_false(context))]
  const literals = new Map<string | bigint, Ast>()
  let characters = 0
  /** Where arrays of terms are handed to Z3: room for `terms`. */
  let room = 0
  let terms = 0

  return { prepare, close }

  function close(): void {
    native._free(room)
    Z3.del_context(context)
  }

  function prepare(script: string, symbols: Parameters<Shelf['prepare']>[1]): Prepared {
    const statement = read(script)
    const constants = symbols.map(({ name, sort }) => keep(Z3.mk_const(context, Z3.mk_string_symbol(context, name), sorts[sort])))
    const symbolsSeen = recurring()
    const kept = new Map<string, Ast>()
    let rest: Ast | undefined
    let hits = 0
    let keeps = true

    return {
      simplify(values) {
        if (literals.size > mostLiterals || characters > mostCharacters) forget()
        if (symbolsSeen.changed(values) || !rest) {
          clear()
          if (rest) Z3.dec_ref(context, rest)
          rest = put(statement, symbolsSeen.constant(), values)
        }
        const left = keeps ? put(recalled(rest, values), symbolsSeen.fresh(), values) : put(rest, symbolsSeen.varying(), values)
        const answer = left === yes ? 'true' : left === no ? 'false' : 'open'
        Z3.dec_ref(context, left)
        return answer
      },
    }

    /** The statement with the values put in that come again and again: kept for when they come again together. */
    function recalled(from: Ast, values: readonly Literal[]): Ast {
      const places = symbolsSeen.recurring()
      if (places.length === 0) return from
      const key = places.map((at) => `${String(values[at]).length}:${values[at]}`).join()
      const known = kept.get(key)
      if (known) {
        hits++
        return known
      }
      if (kept.size >= mostKept) {
        // Where little came again, keeping is not worth it.
        keeps = hits > mostKept
        hits = 0
        clear()
      }
      const made = put(from, places, values)
      kept.set(key, made)
      return made
    }

    function clear(): void {
      for (const made of kept.values()) Z3.dec_ref(context, made)
      kept.clear()
    }

    /** The simplest form of a statement with the values of some symbols put in. */
    function put(statement: Ast, places: Iterable<number>, values: readonly Literal[]): Ast {
      const [from, to]: [Ast[], Ast[]] = [[], []]
      for (const at of places) {
        const [constant, value] = [constants[at], values[at]]
        if (!constant || value === undefined) throw new TypeError('A symbol of a statement has no value.')
        from.push(constant)
        to.push(literal(value))
      }
      if (from.length === 0) return keep(statement)
      const said = keep(substituted(statement, from, to))
      const simple = keep(native._Z3_simplify(context, said))
      Z3.dec_ref(context, said)
      return simple
    }
  }

  function substituted(statement: Ast, from: readonly Ast[], to: readonly Ast[]): Ast {
    const { length } = from
    if (length > terms) {
      native._free(room)
      room = native._malloc(8 * length)
      terms = length
    }
    const units = new Uint32Array(native.HEAPU8.buffer, room, 2 * length)
    units.set(from as readonly unknown[] as number[])
    units.set(to as readonly unknown[] as number[], length)
    return native._Z3_substitute(context, statement, length, room, room + 4 * length)
  }

  function read(script: string): Ast {
    const asserted = Z3.parse_smtlib2_string(context, script, [], [], [], [])
    const code = Z3.get_error_code(context)
    if (code !== 0) throw new TypeError(`The solver refused the statement: ${Z3.get_error_msg(context, code).slice(0, 500)}`)
    Z3.ast_vector_inc_ref(context, asserted)
    const statement = keep(Z3.ast_vector_get(context, asserted, 0))
    const size = Z3.ast_vector_size(context, asserted)
    Z3.ast_vector_dec_ref(context, asserted)
    if (size !== 1) throw new TypeError(`A statement asserts one thing, and not ${size}.`)
    return statement
  }

  function literal(value: Literal): Ast {
    if (typeof value === 'boolean') return value ? yes : no
    const known = literals.get(value)
    if (known) return known
    const made = keep(typeof value === 'string' ? string(value) : integer(value))
    literals.set(value, made)
    characters += typeof value === 'string' ? value.length : 0
    return made
  }

  function integer(value: bigint): Ast {
    return BigInt.asIntN(64, value) === value ? Z3.mk_int64(context, value, sorts.Int) : Z3.mk_numeral(context, `${value}`, sorts.Int)
  }

  /** A text is its UTF-8 bytes, one character a byte. */
  function string(text: string): Ast {
    const bytes = Buffer.from(text)
    const at = native._malloc(Math.max(bytes.length, 1))
    native.HEAPU8.set(bytes, at)
    const made = native._Z3_mk_lstring(context, bytes.length, at)
    native._free(at)
    return made
  }

  function forget(): void {
    for (const made of literals.values()) Z3.dec_ref(context, made)
    literals.clear()
    characters = 0
  }

  function keep(ast: Ast): Ast {
    if (Number(ast) === 0) throw new TypeError('The solver could not make a term.')
    Z3.inc_ref(context, ast)
    return ast
  }
}
