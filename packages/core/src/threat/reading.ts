import { unpack } from './packed.ts'

/** One way a receiver may read a value: folded to lower case, with some of its encodings undone. */
export interface Reading {
  readonly text: string
  /** For each unit of `text`, and one past its end, where it began in the original; absent when nothing moved. */
  readonly at: Int32Array | undefined
  /** Whether escapes were undone to get here. */
  readonly decoded: boolean
}

/**
 * The readings of a value, the plainest first: as written, with its escapes undone once, undone until none is left, with `+` for spaces
 * where it has no other, and what it holds in base64. An attack must show in one of them to work anywhere.
 */
export const readings = (original: string): readonly Reading[] => [...eachReading(original)].filter((reading) => reading !== undefined)

/** `readings`, each made when it is asked for; nothing after every `stretch` units that went into one that is not ready yet. */
export function* eachReading(original: string): Generator<Reading | undefined, void, undefined> {
  yield* readingsOf(fold(original))
  const packed = unpack(original)
  if (!packed) return
  const { at } = packed
  // Each layer is a quarter shorter, so however often a value was packed, its layers are four times its length together.
  for (const reading of eachReading(packed.text))
    yield reading && { text: reading.text, at: reading.at ? reading.at.map((place) => at[place] ?? 0) : at, decoded: reading.decoded }
}

/** How many units are unescaped before the judge may leave it. */
export const stretch = 1 << 16

function* readingsOf(written: Reading): Generator<Reading | undefined, void, undefined> {
  yield written
  yield* withSpaces(written)
  if (!escaped.test(written.text)) return
  const once = yield* unescape(written, false)
  if (once.text !== written.text) for (const reading of around(once, written)) yield* bothWays(reading)
  const fully = unfinished.test(once.text) ? yield* unescape(written, true) : once
  if (fully.text !== once.text) for (const reading of around(fully, written)) yield* bothWays(reading)
  // Layer by layer: all at once, the end of an escape that is itself escaped comes too late for its beginning.
  let layered = once
  for (let layer = 0; layer < layers && unfinished.test(layered.text); layer++) layered = yield* unescape(layered, false)
  if (unfinished.test(layered.text)) layered = yield* unescape(layered, true)
  if (layered.text !== once.text && layered.text !== fully.text) for (const reading of around(layered, written)) yield* bothWays(reading)
}

/** How many layers of escapes are undone one by one, beside undoing them until none is left. */
const layers = 3

function* bothWays(reading: Reading): Generator<Reading, void, undefined> {
  yield reading
  yield* withSpaces(reading)
}

function* withSpaces(reading: Reading): Generator<Reading, void, undefined> {
  if (reading.text.includes('+') && !reading.text.includes(' ')) yield { ...reading, text: reading.text.replaceAll('+', ' ') }
}

/** How much of a long text is judged again on either side of an escape that was undone in it. */
const margin = 400

/** A long reading cut down to where it differs from what was written: the rest has been judged as it stands. */
function around(reading: Reading, written: Reading): readonly Reading[] {
  const { text, at } = reading
  if (text.length < 4 * margin || !at) return [reading]
  const windows: Reading[] = []
  let start = -1
  let end = -1
  const cut = (): void => {
    if (start >= 0) windows.push({ text: text.slice(start, end), at: at.subarray(start, end + 1), decoded: true })
  }
  for (let index = 0; index < text.length; index++) {
    const source = at[index] ?? 0
    if ((at[index + 1] ?? 0) - source === 1 || !differs(written, reading, index)) continue
    if (start < 0 || index - margin > end) {
      cut()
      start = Math.max(0, index - margin)
    }
    end = Math.min(text.length, index + margin)
  }
  cut()
  return windows
}

/** Whether a unit was made of several, where the written text had them as they are. */
function differs(written: Reading, reading: Reading, index: number): boolean {
  if (!written.at) return true
  const from = reading.at?.[index] ?? 0
  const to = reading.at?.[index + 1] ?? 0
  return to !== from
}

/** Where `[start, end)` of a reading lies in the original. */
export function original(reading: Reading, start: number, end: number): { readonly start: number; readonly end: number } {
  const { at } = reading
  return at ? { start: at[start] ?? 0, end: at[end] ?? at[at.length - 1] ?? 0 } : { start, end }
}

const odd = /[\x80-\uffff]/
const odds = new RegExp(odd, 'g')
const escaped = /%(?:[0-9a-f%]|u[0-9a-f])|&(?:#|[a-z]{2,8};)|\\(?:[xu][0-9a-f%&\\]|[nrt])/
/** What undoing once more may still change: another escape, or bytes that wait for others. */
const unfinished = /%(?:[0-9a-f%]|u[0-9a-f])|&(?:#|[a-z]{2,8};)|\\(?:[xu][0-9a-f%&\\]|[nrt])|[\udc80-\udcff]/
const invisible = /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]/
/** What stands for an ASCII sign in attacks and is not its compatibility form. */
// biome-ignore format: a table
const lookalikes: { readonly [sign: string]: string } = {
  '\u2018': "'", '\u2019': "'", '\u201a': "'", '\u201b': "'", '\u00b4': "'", '\u02b9': "'", '\u02bc': "'", '\u2032': "'",
  '\u201c': '"', '\u201d': '"', '\u201e': '"', '\u2033': '"', '\u2013': '--', '\u2014': '--', '\u2215': '/', '\u2044': '/', '\u2216': '\\',
  '\u2039': '<', '\u203a': '>', '\u3008': '<', '\u3009': '>', '\uf025': '/',
}
const folds = new Map<string, string>()

function foldSign(sign: string): string {
  const known = folds.get(sign)
  if (known !== undefined) return known
  const form = lookalikes[sign] ?? (invisible.test(sign) ? '' : sign.normalize('NFKC').toLowerCase())
  // Longer forms are whole phrases of Arabic and spell nothing that runs; a text of them would be many times as long.
  const folded = form.length > 6 ? sign : form
  if (folds.size < 10_000) folds.set(sign, folded)
  return folded
}

function fold(text: string): Reading {
  if (!odd.test(text)) return { text: text.toLowerCase(), at: undefined, decoded: false }
  const parts: string[] = []
  /** Places where original and folded text drift apart: folded offset, original offset. */
  const drifts: number[] = []
  let done = 0
  let length = 0
  for (odds.lastIndex = 0; odds.test(text); ) {
    const index = odds.lastIndex - 1
    const code = text.charCodeAt(index)
    const paired = code >= 0xd800 && code < 0xdc00 && (text.codePointAt(index) ?? 0) > 0xffff
    const sign = paired ? text.slice(index, index + 2) : (text[index] ?? '')
    if (index > done) parts.push(text.slice(done, index).toLowerCase())
    length += index - done
    const folded = foldSign(sign)
    parts.push(folded)
    length += folded.length
    done = index + sign.length
    if (folded.length !== sign.length) drifts.push(length, done)
    odds.lastIndex = done
  }
  parts.push(text.slice(done).toLowerCase())
  length += text.length - done
  if (drifts.length === 0) return { text: parts.join(''), at: undefined, decoded: false }
  const at = new Int32Array(length + 1)
  let source = 0
  for (let index = 0, next = 0; index <= length; index++, source++) {
    // A sign folded to nothing, or to several, is left behind at its end; inside it offsets are held at its last unit.
    while (drifts[next] === index) {
      source = drifts[next + 1] ?? source
      next += 2
    }
    at[index] = Math.min(source, (drifts[next + 1] ?? text.length + 1) - 1)
  }
  return { text: parts.join(''), at, decoded: false }
}

const [percent, ampersand, hash, semicolon, backslash, x, u] = [...'%&#;\\xu'].map((sign) => sign.charCodeAt(0)) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
]
// biome-ignore format: a table
const entities: { readonly [name: string]: string } = {
  lt: '<', gt: '>', amp: '&', quot: '"', apos: "'", colon: ':', tab: '\t', newline: '\n', lpar: '(', rpar: ')', sol: '/', bsol: '\\', nbsp: ' ',
  semi: ';', equals: '=', lbrace: '{', rbrace: '}', lcub: '{', rcub: '}', grave: '`', dollar: '$', num: '#', excl: '!', period: '.', comma: ',',
  verbar: '|', vert: '|', lsqb: '[', rsqb: ']', plus: '+', ast: '*', percnt: '%', hyphen: '-', dash: '-', lowbar: '_',
}
/** A byte that escapes gave and that is no character yet is kept as U+DC80 + byte - 0x80. */
const rawByte = 0xdc00

/**
 * Undoes percent, `%u`, overlong UTF-8, `\x`, `\u` and HTML escapes in one pass. Each reduction makes the text shorter, so when reductions
 * may feed one another (`deep`) the fixed point still comes in linear time, however often the value was encoded.
 */
function* unescape({ text, at: before }: Reading, deep: boolean): Generator<undefined, Reading, undefined> {
  const out = new Uint16Array(text.length)
  const at = new Int32Array(text.length + 1)
  const made = new Uint8Array(text.length)
  let length = 0
  let amp = -1
  let intro = -10

  /** Replaces the last `count` units by `code`, unless some of them were made and may not be used again. */
  const reduce = (count: number, code: number): boolean => {
    const from = length - count
    if (!deep) for (let index = from; index < length; index++) if (made[index]) return false
    const folded =
      code < 0x80 ? String.fromCharCode(code).toLowerCase() : code >= rawByte && code <= 0xdcff ? '' : foldSign(String.fromCodePoint(code))
    length = from
    out[length] = folded === '' ? (code >= rawByte && code <= 0xdcff ? code : 0x20) : folded.charCodeAt(0)
    made[length++] = 1
    const last = out[length - 1] ?? 0
    if (last === ampersand) amp = length - 1
    // What was reduced may be the end of an escape that began before it, or of a character in several bytes.
    intro = last === percent || last === backslash || last >= rawByte ? length : Math.max(intro, length - 6)
    return true
  }
  const hex = (back: number): number => hexValue(out[length - back] ?? 0)
  const numberAt = (from: number, to: number): number => {
    let value = 0
    for (let back = from; back >= to; back--) {
      const digit = hex(back)
      if (digit < 0) return -1
      value = value * 16 + digit
    }
    return value
  }
  const numeric = (): boolean => {
    if (amp < 0 || length - amp > 12 || length - amp < 3 || out[amp + 1] !== hash) return false
    const isHex = out[amp + 2] === x
    let value = 0
    for (let index = amp + (isHex ? 3 : 2); index < length; index++) {
      const digit = hexValue(out[index] ?? 0)
      if (digit < 0 || (!isHex && digit > 9)) return false
      value = value * (isHex ? 16 : 10) + digit
    }
    if (length - amp === 3 && isHex) return false
    const count = length - amp
    amp = -1
    return reduce(count, value > 0x10ffff || (value >= 0xd800 && value < 0xe000) ? 0x20 : value)
  }
  const settle = (): void => {
    for (let again = true; again; ) {
      again = false
      const last = out[length - 1] ?? 0
      if (last >= rawByte + 0x80 && last < rawByte + 0xc0) {
        const lead = (out[length - 2] ?? 0) - rawByte
        const lead3 = (out[length - 3] ?? 0) - rawByte
        const tail = last & 0x3f
        if (length > 1 && lead >= 0xc0 && lead < 0xe0) again = combine(2, ((lead & 0x1f) << 6) | tail)
        else if (length > 2 && lead3 >= 0xe0 && lead3 < 0xf0 && lead >= 0x80 && lead < 0xc0)
          again = combine(3, ((lead3 & 0xf) << 12) | ((lead & 0x3f) << 6) | tail)
        continue
      }
      if (length > 1 && out[length - 2] === backslash && (last === 110 || last === 114 || last === 116)) {
        reduce(2, last === 110 ? 10 : last === 114 ? 13 : 9)
        return
      }
      if (hexValue(last) < 0) continue
      if (length > 2 && out[length - 3] === percent) again = reduceByte(3, numberAt(2, 1))
      else if (length > 3 && out[length - 4] === backslash && out[length - 3] === x) again = reduceByte(4, numberAt(2, 1))
      else if (length > 5 && out[length - 5] === u && (out[length - 6] === percent || out[length - 6] === backslash)) {
        const value = numberAt(4, 1)
        again = value >= 0 && reduce(6, value >= 0xd800 && value < 0xe000 ? 0x20 : value)
      }
    }
  }
  // A combination of bytes is part of the same round that made the bytes.
  const combine = (count: number, code: number): boolean => {
    for (let index = length - count; index < length; index++) made[index] = 0
    return reduce(count, code >= 0xd800 && code < 0xe000 ? 0x20 : code)
  }
  const reduceByte = (count: number, byte: number): boolean => byte >= 0 && reduce(count, byte < 0x80 ? byte : rawByte + byte)

  for (let index = 0; index < text.length; index++) {
    if ((index & (stretch - 1)) === stretch - 1) yield
    const code = text.charCodeAt(index)
    if (amp >= 0) {
      if (code === semicolon) {
        if (numeric()) {
          settle()
          continue
        }
        const size = length - amp
        const name = size > 1 && size < 10 ? String.fromCharCode(...out.subarray(amp + 1, length)) : ''
        const entity = Object.hasOwn(entities, name) ? entities[name] : undefined
        amp = -1
        if (entity !== undefined && reduce(size, entity.charCodeAt(0))) {
          settle()
          continue
        }
      } else if (hexValue(code) < 0 && code !== hash && code !== x && numeric()) settle()
    }
    at[length] = before ? (before[index] ?? 0) : index
    made[length] = 0
    out[length++] = code
    if (code === ampersand) amp = length - 1
    else if (code === percent || code === backslash) intro = length
    if (length - intro < 7) settle()
  }
  if (numeric()) settle()
  at[length] = before ? (before[text.length] ?? 0) : text.length
  return { text: decodeUnits(out, length), at: at.subarray(0, length + 1), decoded: true }
}

function hexValue(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  return code >= 97 && code <= 102 ? code - 87 : -1
}

const chunk = 8192
/** `fromCharCode` over a window that the stack holds. */
function decodeUnits(units: Uint16Array, length: number): string {
  let text = ''
  for (let from = 0; from < length; from += chunk)
    text += String.fromCharCode.apply(null, units.subarray(from, Math.min(length, from + chunk)) as unknown as number[])
  return text
}
