/** Bytes that own their memory, as WebCrypto wants them. This file runs in Node and in browsers. */
export type Bytes = Uint8Array<ArrayBuffer>

export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text) as Bytes
}

/** The text of UTF-8 bytes. Throws a `TypeError` for anything that is not exactly UTF-8; a byte order mark is kept. */
export function utf8Text(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
}

export function concat(...parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Lowercase hex. */
export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0')
  return text
}

/** Throws a `TypeError` unless `text` is lowercase hex of whole bytes. */
export function fromHex(text: string): Bytes {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) throw new TypeError('Not lowercase hex of whole bytes.')
  const bytes = new Uint8Array(text.length / 2)
  for (let index = 0; index < bytes.length; index++) bytes[index] = Number.parseInt(text.slice(index * 2, index * 2 + 2), 16)
  return bytes
}

const alphabet = utf8('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')

/** Base64 of RFC 4648, section 4, padded. */
export function toBase64(bytes: Uint8Array): string {
  const text = new Uint8Array(Math.ceil(bytes.length / 3) * 4).fill(0x3d)
  for (let from = 0, to = 0; from < bytes.length; from += 3, to += 4) {
    const a = bytes[from] ?? 0
    const b = bytes[from + 1]
    const c = bytes[from + 2]
    text[to] = alphabet[a >> 2] ?? 0
    text[to + 1] = alphabet[((a & 3) << 4) | ((b ?? 0) >> 4)] ?? 0
    if (b !== undefined) text[to + 2] = alphabet[((b & 15) << 2) | ((c ?? 0) >> 6)] ?? 0
    if (c !== undefined) text[to + 3] = alphabet[c & 63] ?? 0
  }
  return utf8Text(text)
}

/** Throws a `TypeError` unless `text` is the one padded base64 form of some bytes: no white space, no stray bits. */
export function fromBase64(text: string): Bytes {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) throw new TypeError('Not padded base64.')
  const binary = atob(text)
  const bytes = new Uint8Array(binary.length)
  for (let index = 0; index < bytes.length; index++) bytes[index] = binary.charCodeAt(index)
  if (toBase64(bytes) !== text) throw new TypeError('Base64 with stray bits in its last character.')
  return bytes
}
