import type { Pattern } from './pattern.ts'
import type { Declared, Literal, Term } from './term.ts'

export function smtLiteral(value: Literal): string {
  if (typeof value === 'string') return smtString(value)
  return typeof value === 'bigint' && value < 0n ? `(- ${-value})` : `${value}`
}

/** A text as an SMT-LIB string literal: its UTF-8 bytes, each one character, so that `==` and `like` are exact. */
export function smtString(text: string): string {
  if (/^[ !#-[\]-~]*$/u.test(text)) return `"${text}"`
  let written = '"'
  for (const byte of new TextEncoder().encode(text)) written += characters[byte]
  return `${written}"`
}

/** Each byte as it stands in a string literal. */
const characters = Array.from({ length: 256 }, (_, byte) => {
  const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c
  return plain ? String.fromCharCode(byte) : `\\u{${byte.toString(16)}}`
})

/** A name as an SMT-LIB symbol: what a simple symbol cannot hold is written as bytes. */
export function smtName(...path: readonly string[]): string {
  return path.map((part) => part.replace(/[^A-Za-z0-9_]/gu, (each) => `$${Buffer.from(each).toString('hex')}`)).join('.')
}

/**
 * The script that asks whether `asserted` can hold together: SMT-LIB 2.6, ending in `(check-sat)`. `named` terms get a
 * name of their own, for asking about their value; `like` may name a function that stands for a pattern instead of its
 * regular expression. Z3 4.8.12 and cvc5 1.0.3 read it.
 */
export function smtScript(
  declared: readonly Declared[],
  asserted: readonly Term[],
  named: readonly { readonly name: string; readonly term: Term }[] = [],
  like: (pattern: Pattern) => string | undefined = () => undefined,
): string {
  const { write, definitions } = smtWriter([...asserted, ...named.map(({ term }) => term)], { like })
  const assertions = asserted.map((term) => `(assert ${write(term)})`)
  const names = named.map(({ name, term }) => `(define-fun ${name} () ${term.sort} ${write(term)})`)
  const declarations = declared.map(({ name, takes, sort }) => `(declare-fun ${name} (${takes.join(' ')}) ${sort})`)
  const head = ['(set-option :produce-models true)', '(set-logic ALL)']
  return [...head, ...declarations, ...definitions, ...names, ...assertions, '(check-sat)', ''].join('\n')
}

/**
 * Writes terms; one that is used twice and is not small is defined once, so that a script grows with its terms and not with
 * its paths. `names` are terms that are defined under a name of their own. Definitions come in the order that they need.
 */
export function smtWriter(
  roots: readonly Term[],
  {
    like = () => undefined,
    names = new Map(),
  }: { readonly like?: (pattern: Pattern) => string | undefined; readonly names?: ReadonlyMap<Term, string> } = {},
): { readonly write: (term: Term) => string; readonly definitions: readonly string[] } {
  const uses = new Map<Term, number>()
  const order: Term[] = []
  const stack: { term: Term; done: boolean }[] = roots.toReversed().map((term) => ({ term, done: false }))
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { term, done } = top
    if (done) {
      order.push(term)
      continue
    }
    const seen = uses.get(term) ?? 0
    uses.set(term, seen + 1)
    if (seen > 0) continue
    stack.push({ term, done: true }, ...term.args.toReversed().map((arg) => ({ term: arg, done: false })))
  }
  const written = new Map<Term, string>()
  const definitions: string[] = []
  for (const term of order) {
    const text = plain(term, like, (arg) => written.get(arg) ?? '')
    const shared = (uses.get(term) ?? 0) > 1 && term.args.length > 0 && text.length > 24
    const name = names.get(term) ?? (shared ? `t${definitions.length}` : undefined)
    if (name !== undefined) definitions.push(`(define-fun ${name} () ${term.sort} ${text})`)
    written.set(term, name ?? text)
  }
  return { write: (term) => written.get(term) ?? '', definitions }
}

function plain(
  { op, args, literal, text, pattern }: Term,
  like: (pattern: Pattern) => string | undefined,
  write: (term: Term) => string,
): string {
  if (literal !== undefined) return smtLiteral(literal)
  if (op === 'symbol') return text ?? ''
  const inner = args.map(write).join(' ')
  if (!pattern) return `(${op} ${inner})`
  const name = like(pattern)
  return name === undefined ? smtLike(inner, pattern) : `(${name} ${inner})`
}

/**
 * Whether a text matches a pattern: it begins with the first part and ends with the last, and between them each other part is
 * found behind the one before, as early as it can be. Over bytes this is exact: in UTF-8 no character is found inside another.
 * As a regular expression it would be shorter, and solvers take exponential time over one with many wildcards.
 */
function smtLike(text: string, [first = '', ...rest]: Pattern): string {
  const last = rest.pop() ?? ''
  const between = rest.filter((part) => part !== '')
  if (between.length === 1 && first === '' && last === '') return `(str.contains ${text} ${smtString(between[0] ?? '')})`
  const search = (at: number, from: string): string => {
    const part = between[at]
    if (part === undefined) return last === '' ? 'true' : `(<= (+ ${from} ${bytes(last)}) (str.len ${text}))`
    const found = `found${at}`
    const ahead = search(at + 1, `(+ ${found} ${bytes(part)})`)
    return `(let ((${found} (str.indexof ${text} ${smtString(part)} ${from}))) (and (<= 0 ${found}) ${ahead}))`
  }
  const parts = [
    first === '' ? 'true' : `(str.prefixof ${smtString(first)} ${text})`,
    last === '' ? 'true' : `(str.suffixof ${smtString(last)} ${text})`,
    first === '' && between.length === 0 ? 'true' : search(0, bytes(first)),
  ].filter((part) => part !== 'true')
  return parts.length === 1 ? (parts[0] ?? '') : `(and ${parts.join(' ')})`
}

/** How long a text is, in bytes. */
function bytes(text: string): string {
  return `${Buffer.byteLength(text)}`
}
