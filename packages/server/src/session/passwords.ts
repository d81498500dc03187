import { randomBytes } from 'node:crypto'
import bcrypt from 'bcrypt'
import { turns } from './turns.ts'

/** The work of one hash: 2^12 rounds. */
const cost = 12

/** bcrypt reads no further. A longer password is refused, never cut. */
const maxBytes = 72

/** Why a password cannot be chosen, in one line; `undefined` when it can. */
export function weakness(password: string, email: string): string | undefined {
  if ([...password].length < 12) return 'The password is shorter than 12 characters: choose a longer one.'
  if (Buffer.byteLength(password) > maxBytes) return `The password is longer than ${maxBytes} bytes: choose a shorter one.`
  const plain = password.toLowerCase()
  const trivial = new Set(plain).size < 5 || /^(password|passwort|qwert|123456|abcdef|letmein|admin|agentgate)[\W\d_]*$/.test(plain)
  const name = email.split('@')[0]?.toLowerCase() ?? ''
  if (trivial || plain === email.toLowerCase() || (name.length > 3 && plain.replace(name, '').length < 6))
    return 'The password is among the first that anybody would try: choose another.'
  return undefined
}

export interface Passwords {
  readonly hash: (password: string) => Promise<string>
  /**
   * Whether the password is the one behind `hash`; with no hash, `false` after just as long. `upgrade` is a better hash to store
   * in its place. Rejects with a `RangeError` when too many wait already.
   */
  readonly check: (password: string, hash: string | undefined) => Promise<{ readonly ok: boolean; readonly upgrade?: string }>
}

/** Hashes passwords on the thread pool, two at a time, so that signing in never starves the rest of the server. */
export function createPasswords(): Passwords {
  const turn = turns(2, 100)
  const hash = (password: string) => turn(() => bcrypt.hash(password, cost))
  let nobody: Promise<string> | undefined

  return {
    hash,
    async check(password, stored) {
      nobody ??= hash(randomBytes(32).toString('hex'))
      const against = stored !== undefined && Buffer.byteLength(password) <= maxBytes ? stored : await nobody
      const ok = (await turn(() => bcrypt.compare(password, against))) && against === stored
      return ok && bcrypt.getRounds(against) < cost ? { ok, upgrade: await hash(password) } : { ok }
    },
  }
}
