/**
 * A value in a model. Texts are decoded from their bytes. The solver knows no UTF-8: for bytes that are none, there is a
 * text of our own, one for each, since a question tells such texts apart and asks nothing else of them.
 */
export type ModelValue = boolean | bigint | string

/** The values in a solver's answer to `(get-value (…))`, in the order they were asked. Throws a `TypeError` when it is none. */
export function modelValues(answer: string): readonly ModelValue[] {
  const [pairs] = parse(answer)
  if (!Array.isArray(pairs)) throw new TypeError('The solver answered no model.')
  return pairs.map((pair) => {
    if (!Array.isArray(pair) || pair.length !== 2) throw new TypeError('The solver answered a model that is no list of pairs.')
    return value(pair[1] ?? '')
  })
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

type Tree = string | readonly Tree[]

function value(tree: Tree): ModelValue {
  if (tree === 'true' || tree === 'false') return tree === 'true'
  if (typeof tree === 'string') {
    if (tree.startsWith('"')) return text(tree)
    if (/^\d+$/u.test(tree)) return BigInt(tree)
  } else if (tree.length === 2 && tree[0] === '-') {
    const size = value(tree[1] ?? '')
    if (typeof size === 'bigint') return -size
  }
  throw new TypeError(`The solver answered \`${JSON.stringify(tree).slice(0, 80)}\`, which is no value of ours.`)
}

function text(literal: string): string {
  const bytes: number[] = []
  const inner = literal.slice(1, -1).replaceAll('""', '"')
  for (const [each, braced, four] of inner.matchAll(/\\u\{([0-9a-fA-F]{1,5})\}|\\u([0-9a-fA-F]{4})|[^]/gu)) {
    const point = braced ?? four
    const code = point === undefined ? (each.codePointAt(0) ?? 0) : Number.parseInt(point, 16)
    bytes.push(code)
  }
  try {
    if (bytes.every((byte) => byte <= 0xff)) return utf8.decode(new Uint8Array(bytes))
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
  }
  return `\u{fffd}${bytes.map((byte) => byte.toString(16)).join('-')}`
}

function parse(source: string): readonly Tree[] {
  const stack: Tree[][] = [[]]
  for (const [token] of source.matchAll(/[()]|"(?:[^"]|"")*"|[^\s()"]+/gu)) {
    if (token === '(') {
      stack.push([])
    } else if (token === ')') {
      const done = stack.pop()
      if (!done || stack.length === 0) throw new TypeError('The solver answered more brackets than it opened.')
      stack.at(-1)?.push(done)
    } else {
      stack.at(-1)?.push(token)
    }
  }
  return stack[0] ?? []
}
