import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { auditKey } from '@agentgate/core'
import { ConfigError } from './config.ts'
import type { Marks } from './signing-history.ts'

export interface AuditHistory {
  /** The keys that authenticated the audit chain before, the last one first: 32 bytes each. */
  readonly retired: readonly Uint8Array[]
  /** The key that authenticates from this start on, where another did until now; ids. */
  readonly rotated?: { readonly from: string; readonly to: string }
  /** Writes the history down, where it changed: once the rotation is on record. */
  readonly keep: () => Promise<void>
}

const mark = 'audit-keys'

/**
 * The audit keys that were replaced: to check the chain, all of them are needed. At rest they are sealed (AES-256-GCM, under a key
 * that HKDF makes of the audit key for this alone), each list under the key that came after, so that the newest key opens them all.
 *
 * Rejects with a `ConfigError` where neither the audit key nor the one that it replaces opens what is there.
 */
export async function auditHistory(
  marks: Marks,
  { audit, replaced }: { readonly audit: Uint8Array; readonly replaced?: Uint8Array | undefined },
): Promise<AuditHistory> {
  const text = await marks.find(mark)
  const own = text === undefined ? undefined : opened(text, audit)
  const nothingNew = async () => undefined
  if (own) return { retired: own, keep: nothingNew }
  if (replaced === undefined || auditKey(replaced).id === auditKey(audit).id) {
    if (text === undefined) return { retired: [], keep: nothingNew }
    throw unopened('is not the key of the audit chain in the database: give the one that it replaces as `AGENTGATE_AUDIT_KEY_REPLACED`')
  }
  const before = text === undefined ? [] : opened(text, replaced)
  if (!before) throw unopened('replaces another key than the one of `AGENTGATE_AUDIT_KEY_REPLACED`')
  const retired = [replaced, ...before]
  return {
    retired,
    rotated: { from: auditKey(replaced).id, to: auditKey(audit).id },
    keep: async () => void (await marks.put(mark, sealed(retired, audit))),
  }
}

function unopened(what: string): ConfigError {
  return new ConfigError([`\`AGENTGATE_AUDIT_KEY\` (or \`audit.key\`) ${what}.`])
}

function sealed(secrets: readonly Uint8Array[], under: Uint8Array): string {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', sealing(under), nonce)
  const text = cipher.update(Buffer.concat(secrets.map((secret) => Buffer.from(secret))))
  return Buffer.concat([nonce, text, cipher.final(), cipher.getAuthTag()]).toString('base64')
}

function opened(text: string, under: Uint8Array): readonly Uint8Array[] | undefined {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length < 12 + 16) return undefined
  const decipher = createDecipheriv('aes-256-gcm', sealing(under), bytes.subarray(0, 12), { authTagLength: 16 })
  decipher.setAuthTag(bytes.subarray(-16))
  try {
    const plain = Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()])
    return Array.from({ length: plain.length / 32 }, (_, at) => new Uint8Array(plain.subarray(at * 32, at * 32 + 32)))
  } catch {
    return undefined
  }
}

function sealing(secret: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(), 'agentgate retired audit keys', 32))
}
