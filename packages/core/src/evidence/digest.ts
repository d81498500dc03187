import { createHash, randomBytes } from 'node:crypto'
import type { Json } from '../json.ts'
import { canonical } from './canonical.ts'

/** SHA-256, hex. Text is hashed as UTF-8. For servers; what also runs in browsers hashes by `web-digest.ts`. */
export function sha256(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

/** What a salted digest hides. With the salt gone the digest says nothing about the value. */
export interface Opening {
  /** 32 random bytes, hex. */
  readonly salt: string
  readonly value: Json
}

let random = randomBytes(0)

/** 32 random bytes, each used once: asking for many at a time costs less. */
function fresh(): Uint8Array {
  if (random.length < 32) random = randomBytes(4096)
  const taken = random.subarray(0, 32)
  random = random.subarray(32)
  return taken
}

/** A digest that holds a value without telling it: SHA-256 over 32 fresh random bytes and the value's canonical form (RFC 8785). */
export function salted(value: Json): { readonly digest: string; readonly opening: Opening } {
  const salt = fresh()
  return { digest: sha256(salt, canonical(value)), opening: { salt: Buffer.from(salt).toString('hex'), value } }
}
