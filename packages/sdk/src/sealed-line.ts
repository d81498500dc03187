import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/** What is sealed as one line of a file: `base64(nonce (12) ‖ AES-256-GCM of its JSON ‖ tag (16))`, bound to its place. */
export function sealLine(key: Uint8Array, place: readonly (string | number)[], value: unknown): string {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(JSON.stringify(place)))
  return Buffer.concat([nonce, cipher.update(JSON.stringify(value), 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64')
}

/** Throws for a line that was changed, moved, or sealed under another key. */
export function openLine(key: Uint8Array, place: readonly (string | number)[], line: string): unknown {
  const bytes = Buffer.from(line, 'base64')
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
  decipher.setAAD(Buffer.from(JSON.stringify(place))).setAuthTag(bytes.subarray(-16))
  return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('utf8'))
}

/** Whether it is a key to seal lines with: 32 bytes. */
export function isKey(key: unknown): key is Uint8Array {
  return key instanceof Uint8Array && key.length === 32
}
