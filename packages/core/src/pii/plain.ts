/** A text as a reader sees it, and where its characters stand in the original. */
export interface Plain {
  readonly text: string
  /** The offsets in the original of a span of `text` that is not empty. */
  readonly span: (start: number, end: number) => readonly [start: number, end: number]
}

const invisible =
  '\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\u20e3\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff9-\\ufffb\\u{1d173}-\\u{1d17a}\\u{e0000}-\\u{e0fff}'
const space = '\\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u2800\\u3000'
const dash = '\\u058a\\u2010-\\u2015\\u2043\\u207b\\u208b\\u2212\\u2796\\u2e3a\\u2e3b\\ufe31\\ufe32\\ufe58\\ufe63\\uff0d'
const stop = '\\u2024\\u3002\\ufe52\\uff61'
const lookalike = '\\ufe59-\\ufe6b\\uff01-\\uff5e\\u{1d400}-\\u{1d7ff}\\u2070-\\u209c\\u00b2\\u00b3\\u00b9\\u2460-\\u2468'
const disguised = new RegExp(`[${invisible}${space}${dash}${stop}${lookalike}]|(?![0-9])\\p{Nd}`, 'u')
const isInvisible = new RegExp(`[${invisible}]`, 'u')
const isSpace = new RegExp(`[${space}]`)
const isDash = new RegExp(`[${dash}]`)
const isStop = new RegExp(`[${stop}]`)
const isDigit = /\p{Nd}/u

/**
 * Sees through what hides a pattern from a machine but not from a reader: full-width and other digits and letters become ASCII,
 * every kind of space and dash the plain one, and invisible characters are left out. An escape of JSON is what it stands for, also
 * where it was escaped again: texts that hold documents are texts like others. So is what an address of the web or a page of HTML
 * encodes. Other text is left alone.
 */
export function plain(original: string): Plain {
  const first = firstDisguised(original)
  if (first < 0) return { text: original, span: (start, end) => [start, end] }
  /** Of each disguised character: where it begins, where it ends in the original, and where in the plain text it ends. */
  const from: number[] = []
  const to: number[] = []
  const seenTo: number[] = []
  let shorter = 0
  let text = ''
  let copied = 0
  for (let at = first; at >= 0; at = firstDisguised(original, copied)) {
    const escape = escapeAt(original, at)
    const char = escape?.written ?? String.fromCodePoint(original.codePointAt(at) ?? 0)
    const seen = escape?.seen ?? asSeen(char)
    text += original.slice(copied, at) + seen
    copied = at + char.length
    shorter += char.length - seen.length
    from.push(at)
    to.push(copied)
    seenTo.push(copied - shorter)
  }
  text += original.slice(copied)

  /** The last disguised character that ends at or before a place in the plain text. */
  function before(place: number): number {
    let low = -1
    for (let high = seenTo.length - 1; low < high; ) {
      const middle = (low + high + 1) >> 1
      if ((seenTo[middle] ?? 0) <= place) low = middle
      else high = middle - 1
    }
    return low
  }
  const after = (place: number, index: number) => (to[index] ?? 0) + place - (seenTo[index] ?? 0)

  return {
    text,
    span(start, end) {
      const last = before(end - 1)
      const next = last + 1
      const covers = seenTo[next] === end && (from[next] ?? 0) <= after(end - 1, last)
      return [after(start, before(start)), covers ? (to[next] ?? 0) : after(end, last)]
    },
  }
}

/** One for each UTF-16 unit that may begin a disguised character; made when the first text needs it. */
let suspects: Uint8Array | undefined

/** Where the next disguised character is, or -1. */
function firstDisguised(text: string, from = 0): number {
  for (let at = from; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === backslash) {
      if (escapeAt(text, at)) return at
      at = afterBackslashes(text, at) - 1
      continue
    }
    if ((unit === percent || unit === ampersand) && encodedAt(text, at)) return at
    if (unit < 0x80) continue
    suspects ??= Uint8Array.from({ length: 0x10000 }, (_, code) =>
      (code & 0xfc00) === 0xd800 || disguised.test(String.fromCharCode(code)) ? 1 : 0,
    )
    if (suspects[unit] === 1 && ((unit & 0xfc00) !== 0xd800 || disguised.test(text.slice(at, at + 2)))) return at
  }
  return -1
}

const backslash = 0x5c
const percent = 0x25
const ampersand = 0x26
/** Escaped as often as this, an escape is none any more. */
const mostBackslashes = 31
/** What an escape of JSON stands for (RFC 8259, section 7), by its letter; those of a bell and a form feed are in no text of people. */
const escapes: { readonly [letter: string]: string } = { n: '\n', r: '\n', t: '\t', '/': '/', '"': '"' }
const unicode = /u([0-9a-fA-F]{4})/y

interface Escape {
  /** All of it. */
  readonly written: string
  /** What a reader sees. */
  readonly seen: string
}

/** `%40` of an address of the web (RFC 3986, 2.1), `&#64;`, `&#x40;` or `&commat;` of HTML; encoded again, `%2540`, `&amp;#64;`. */
const encoded =
  /%(?:25){0,8}(?<byte>[2-7][0-9a-f])|&(?:amp;){0,8}(?:#(?:(?<code>\d{2,3})|x(?<hex>[2-7][0-9a-f]))|(?<name>commat|period|nbsp|colon|plus));/iy
const named: { readonly [name: string]: string } = { commat: '@', period: '.', nbsp: ' ', colon: ':', plus: '+' }

/** What is encoded as addresses and pages do, where it may be a part of a value: no bracket, quote or sign that structures a text. */
function encodedAt(text: string, at: number): Escape | undefined {
  encoded.lastIndex = at
  const found = encoded.exec(text)
  if (!found) return undefined
  const { byte, code, hex = byte, name } = found.groups ?? {}
  const seen =
    name === undefined ? String.fromCharCode(code === undefined ? Number.parseInt(hex ?? '', 16) : Number(code)) : named[name.toLowerCase()]
  return seen !== undefined && /^[A-Za-z0-9@+._: ()-]$/.test(seen) ? { written: found[0], seen } : undefined
}

function escapeAt(text: string, at: number): Escape | undefined {
  const unit = text.charCodeAt(at)
  return unit === backslash ? backslashedAt(text, at) : unit === percent || unit === ampersand ? encodedAt(text, at) : undefined
}

/** The escape that begins with a run of backslashes. */
function backslashedAt(text: string, at: number): Escape | undefined {
  const letter = afterBackslashes(text, at)
  if (letter - at > mostBackslashes) return undefined
  const seen = escapes[text.charAt(letter)]
  if (seen !== undefined) return { written: text.slice(at, letter + 1), seen }
  unicode.lastIndex = letter
  const code = unicode.exec(text)?.[1]
  if (code === undefined) return undefined
  const char = String.fromCharCode(Number.parseInt(code, 16))
  // Half of a pair is no character by itself.
  if (!char.isWellFormed()) return undefined
  return { written: text.slice(at, letter + 5), seen: disguised.test(char) ? asSeen(char) : char }
}

function afterBackslashes(text: string, at: number): number {
  let next = at
  while (text.charCodeAt(next) === backslash) next++
  return next
}

const known = new Map<string, string>()

function asSeen(char: string): string {
  const seen = known.get(char) ?? look(char)
  known.set(char, seen)
  return seen
}

function look(char: string): string {
  if (isInvisible.test(char)) return ''
  if (isSpace.test(char)) return ' '
  if (isDash.test(char)) return '-'
  if (isStop.test(char)) return '.'
  const same = char.normalize('NFKC')
  if (/^[!-~]$/.test(same)) return same
  if (!isDigit.test(char)) return char
  const code = char.codePointAt(0) ?? 0
  let zero = code
  while (code - zero < 9 && isDigit.test(String.fromCodePoint(zero - 1))) zero--
  return String(code - zero)
}
