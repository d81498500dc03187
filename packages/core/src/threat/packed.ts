/** Text that a value carried in base64, and where each of its signs began in the value. */
export interface Packed {
  readonly text: string
  readonly at: Int32Array
}

/** Shorter runs of the alphabet are words. `isPlain` lets no run of this length go. */
export const packedLength = 16

/**
 * The text that a value is the base64 form of, in either alphabet, with or without its padding; nothing when the value is no base64, or holds
 * other data than text: nine in ten of its bytes must be printable.
 */
export function unpack(value: string): Packed | undefined {
  const match = form.exec(value)
  if (!match?.[1]) return undefined
  const run = match[1]
  const from = match[0].indexOf(run)
  if (!isText(bytesOf(run.slice(0, 64)))) return undefined
  const bytes = bytesOf(run)
  if (!isText(bytes)) return undefined
  const at = new Int32Array(bytes.length + 1)
  for (let index = 0; index <= bytes.length; index++) at[index] = from + Math.floor((index * 4) / 3)
  let text = ''
  for (let start = 0; start < bytes.length; start += chunk) text += String.fromCharCode(...bytes.subarray(start, start + chunk))
  return { text, at }
}

const form = /^\s{0,4}([a-z0-9+/_-]{16,})(?:(?:=|%3d){0,2})\s{0,4}$/i
const chunk = 8192

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

function isText(bytes: Uint8Array): boolean {
  let printable = 0
  for (const byte of bytes) if ((byte >= 32 && byte < 127) || byte === 9 || byte === 10 || byte === 13) printable++
  return printable * 10 >= bytes.length * 9
}
