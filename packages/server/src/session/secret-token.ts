import { createHash, randomBytes } from 'node:crypto'

/** A new secret of 32 random bytes behind a prefix that tells scanners what leaked: `ag_…`. */
export function secretToken(prefix: string): string {
  return `${prefix}${randomBytes(32).toString('base64url')}`
}

/** What is stored of a secret token: SHA-256, hex. It is random, so it needs neither salt nor work. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
