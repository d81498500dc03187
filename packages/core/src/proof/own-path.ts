/**
 * A path from the root as rules read it, by nothing but this file: escapes that a path can do without are the characters that
 * they stand for, the others in capitals; steps that lead nowhere, back or are empty are taken; no slash is last. What does
 * not begin with a slash is a name, and stays.
 */
export function shortestPath(text: string): string {
  if (text[0] !== '/') return text
  const steps: string[] = []
  for (const step of withoutEscapes(text).split('/')) {
    if (step === '..') steps.splice(-1, 1)
    else if (step.length > 0 && step !== '.') steps.push(step)
  }
  return ['', ...steps].join('/') || '/'
}

/** `/a` and `/a/b` are above `/a/b/c`. */
export function pathsAbove(path: string): readonly string[] {
  const found: string[] = []
  if (!path.startsWith('/')) return found
  for (let at = path.indexOf('/', 1); at > 0 && at < path.length - 1; at = path.indexOf('/', at + 1)) found.push(path.slice(0, at))
  return found
}

function withoutEscapes(text: string): string {
  const [plain = '', ...after] = text.split('%')
  const bytes = after.map((each) => byteOf(each))
  if (bytes.includes(undefined)) return text
  let found = plain
  for (let at = 0; at < after.length; ) {
    const size = sizeOf(bytes[at] ?? 0)
    const together = after.slice(at, at + size - 1).every((each) => each.length === 2)
    const point = together ? pointOf(bytes.slice(at, at + size)) : undefined
    const taken = point === undefined ? 1 : size
    const escape = after.slice(at, at + taken).map((each) => `%${each.slice(0, 2).toUpperCase()}`)
    found += point === undefined || needsEscape(point) ? escape.join('') : String.fromCodePoint(point)
    found += after[at + taken - 1]?.slice(2) ?? ''
    at += taken
  }
  return found
}

function byteOf(text: string): number | undefined {
  return /^[0-9a-fA-F]{2}/.test(text) ? Number(`0x${text.slice(0, 2)}`) : undefined
}

function sizeOf(first: number): number {
  return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
}

/** The smallest code point that takes so many bytes of UTF-8. */
const least = [0, 0, 0x80, 0x800, 0x1_0000] as const

/** What bytes of UTF-8 say (RFC 3629), if they say one character in its shortest form. */
function pointOf(bytes: readonly (number | undefined)[]): number | undefined {
  const [first = 0, ...rest] = bytes
  const size = sizeOf(first)
  if (bytes.length !== size || (first >= 0x80 && first < 0xc0) || first > 0xf7) return undefined
  let point = size === 1 ? first : first & (0x7f >> size)
  for (const byte of rest) {
    if (byte === undefined || byte >> 6 !== 2) return undefined
    point = point * 64 + (byte & 0x3f)
  }
  const surrogate = point >= 0xd800 && point <= 0xdfff
  return point < (least[size] ?? 0) || point > 0x10_ffff || surrogate ? undefined : point
}

const reserved = [...":/?#[]@!$&'()*+,;=%\\"].map((each) => each.charCodeAt(0))

/** What means something in a path that it does not mean encoded, and what nobody sees. */
function needsEscape(point: number): boolean {
  return reserved.includes(point) || /^(?:\p{C}|\p{Default_Ignorable_Code_Point})$/u.test(String.fromCodePoint(point))
}
