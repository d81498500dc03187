import { parseExactly } from './exact-json.ts'

/** JSON that somebody types, with the places of its members: line and column count from 1. */
export type Typed =
  | { readonly ok: true; readonly value: unknown; readonly placeOf: (pointer: string) => Place }
  | { readonly ok: false; readonly message: string; readonly place: Place }

export interface Place {
  readonly line: number
  readonly column: number
}

class Wrong extends Error {
  readonly at: number
  constructor(message: string, at: number) {
    super(message)
    this.at = at
  }
}

const deepest = 100

/** Reads JSON and remembers where each member stands, by its JSON Pointer (RFC 6901). Integers beyond 2^53 are bigints; what is not exact is refused. */
export function readJson(text: string): Typed {
  const places = new Map<string, number>()
  let at = 0
  const space = () => {
    while (/[ \t\n\r]/.test(text[at] ?? '')) at++
  }
  const take = (character: string, what: string) => {
    space()
    if (text[at] !== character) throw new Wrong(`Expected ${what}.`, at)
    at++
  }
  const string = (): string => {
    space()
    const found = /^"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/.exec(text.slice(at, at + 100_000))
    if (!found) throw new Wrong('Expected a text in double quotes.', at)
    at += found[0].length
    return JSON.parse(found[0]) as string
  }
  const members = (pointer: string, depth: number): unknown => {
    const read: [string, unknown][] = []
    const seen = new Set<string>()
    take('{', '`{`')
    space()
    while (text[at] !== '}') {
      if (read.length > 0) take(',', '`,` or `}`')
      space()
      const start = at
      const name = string()
      if (seen.has(name)) throw new Wrong(`\`${name}\` is said twice.`, start)
      seen.add(name)
      take(':', '`:`')
      const inner = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
      read.push([name, value(inner, depth + 1)])
      places.set(inner, start)
      space()
    }
    at++
    return Object.fromEntries(read)
  }
  const items = (pointer: string, depth: number): unknown => {
    const read: unknown[] = []
    take('[', '`[`')
    space()
    while (text[at] !== ']') {
      if (read.length > 0) take(',', '`,` or `]`')
      read.push(value(`${pointer}/${read.length}`, depth + 1))
      space()
    }
    at++
    return read
  }
  const value = (pointer: string, depth: number): unknown => {
    space()
    places.set(pointer, at)
    if (depth > deepest) throw new Wrong('Nested too deeply.', at)
    if (text[at] === '{') return members(pointer, depth)
    if (text[at] === '[') return items(pointer, depth)
    if (text[at] === '"') return string()
    const found = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])/.exec(text.slice(at, at + 100))
    if (!found) throw new Wrong(at >= text.length ? 'The text ends too early.' : 'Expected a value.', at)
    const read = parseExactly(found[0])
    if (typeof read === 'number' && Number.isInteger(read) && !Number.isSafeInteger(read))
      throw new Wrong('This number is not exact: policies know integers of 64 bits.', at)
    at += found[0].length
    return read
  }
  try {
    const read = value('', 0)
    space()
    if (at < text.length) throw new Wrong('Expected nothing more.', at)
    return { ok: true, value: read, placeOf: (pointer) => placeAt(text, nearest(places, pointer)) }
  } catch (error) {
    if (!(error instanceof Wrong)) throw error
    return { ok: false, message: error.message, place: placeAt(text, error.at) }
  }
}

/** Where a member is, or, when it is missing, what it is missing in. */
function nearest(places: ReadonlyMap<string, number>, pointer: string): number {
  for (let left = pointer; ; left = left.slice(0, left.lastIndexOf('/'))) {
    const found = places.get(left)
    if (found !== undefined || left === '') return found ?? 0
  }
}

function placeAt(text: string, at: number): Place {
  const before = text.slice(0, at)
  return { line: before.split('\n').length, column: at - before.lastIndexOf('\n') }
}
