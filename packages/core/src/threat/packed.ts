/** Text that a value carried in base64, and where each of its signs began in the value. */
export interface Packed {
  readonly text: string
  readonly at: Int32Array
}

/** Shorter runs of the alphabet are words: they hold eight bytes or less. `isPlain` lets no run of this length go. */
export const packedLength = 12

/**
 * The text that a value is the base64 form of, in either alphabet, with or without its padding; nothing when the value is no base64, or holds
 * other data than text in UTF-8.
 */
export function unpack(value: string): Packed | undefined {
  const match = form.exec(value)
  if (!match?.[1]) return undefined
  const run = match[1]
  const from = match[0].indexOf(run)
  if (!isText(bytesOf(run.slice(0, 64)))) return undefined
  const bytes = bytesOf(run)
  if (!isText(bytes)) return undefined
  const text = decoded(bytes)
  if (text === undefined) return undefined
  const at = new Int32Array(text.length + 1)
  let byte = 0
  for (let index = 0; index <= text.length; index++) {
    at[index] = from + Math.floor((byte * 4) / 3)
    const code = text.charCodeAt(index)
    // Four bytes make two units: two each.
    byte += code < 0x80 ? 1 : code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 2 : 3
  }
  return { text, at }
}

const form = /^\s{0,4}([a-z0-9+/_-]{12,})(?:(?:=|%3d){0,2})\s{0,4}$/i
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

const values = new Int8Array(128).fill(-1)
for (const [index, sign] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries())
  values[sign.charCodeAt(0)] = index
values[45] = 62
values[95] = 63

function bytesOf(run: string): Uint8Array {
  const bytes = new Uint8Array(Math.floor((run.length * 3) / 4))
  let held = 0
  let bits = 0
  let length = 0
  for (let index = 0; index < run.length; index++) {
    held = ((held << 6) | (values[run.charCodeAt(index)] ?? 0)) & 0xffff
    bits += 6
    if (bits < 8) continue
    bits -= 8
    bytes[length++] = (held >> bits) & 255
  }
  return bytes
}

/** Whether nothing in it is a control character, which text has none of. */
function isText(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte === 127 || (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13)) return false
  return true
}
