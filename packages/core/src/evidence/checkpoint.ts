import { type Bytes, concat, fromBase64, fromHex, toBase64, toHex, utf8 } from './bytes.ts'
import { type PublicKey, signedBy } from './public-key.ts'
import type { Signer } from './signer.ts'
import { webDigest } from './web-digest.ts'

/** How far the audit chain reached: how many events, and the hash of the last; `noAudit` before the first. */
export interface AuditHead {
  readonly count: number
  readonly hash: string
}

export const noAudit: AuditHead = { count: 0, hash: '0'.repeat(64) }

/** A tree head that its log has signed. Without a witness a split view is not excluded. */
export interface Checkpoint {
  /** Names the log: `agentgate/<tenant>`, the tenant percent-encoded. */
  readonly origin: string
  readonly size: number
  /** Hex. */
  readonly root: string
  readonly audit: AuditHead
}

/** The origin of a tenant's log. */
export function originOf(tenant: string, name = 'agentgate'): string {
  return `${name}/${encodeURIComponent(tenant)}`
}

/**
 * Signs a checkpoint: C2SP tlog-checkpoint in a signed note, with the audit chain's head as an extension line.
 *
 *     agentgate/acme
 *     42
 *     <root, base64>
 *     audit 7 <hash, hex>
 *
 *     — agentgate/acme <key hash and signature, base64>
 */
export async function signCheckpoint(signer: Signer, checkpoint: Checkpoint): Promise<string> {
  const text = textOf(checkpoint)
  const { origin } = checkpoint
  const signature = concat(await keyHash(origin, signer.key), await signer.sign(utf8(text)))
  return `${text}\n— ${origin} ${toBase64(signature)}\n`
}

/** A checkpoint and what was signed of it: nothing has been verified yet. */
export interface Note {
  readonly checkpoint: Checkpoint
  readonly text: string
  readonly signatures: readonly { readonly name: string; readonly keyHash: string; readonly signature: Bytes }[]
}

/** Parses a signed checkpoint. Throws a `TypeError` unless it is written exactly as `signCheckpoint` writes it; more signature lines may follow. */
export function parseCheckpoint(note: string): Note {
  const found = /^((\S+)\n(0|[1-9]\d{0,15})\n(\S{43}=)\naudit (0|[1-9]\d{0,15}) ([0-9a-f]{64})\n)\n((?:— \S+ \S+\n)+)$/.exec(note)
  if (!found) throw new TypeError('Not a signed checkpoint: its lines are not those of a C2SP tlog-checkpoint with an audit line.')
  const [, text = '', origin = '', size, root = '', count, hash = '', lines = ''] = found
  const signatures = lines
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [, name = '', sig = ''] = line.split(' ')
      const bytes = fromBase64(sig)
      return { name, keyHash: toHex(bytes.subarray(0, 4)), signature: bytes.slice(4) }
    })
  const checkpoint = { origin, size: Number(size), root: toHex(fromBase64(root)), audit: { count: Number(count), hash } }
  if (textOf(checkpoint) !== text) throw new TypeError('The checkpoint is not in its one canonical form.')
  return { checkpoint, text, signatures }
}

/** Whether exactly this key signed the checkpoint, in the name of its origin, and nobody else signed it. */
export async function verifyCheckpoint({ checkpoint, text, signatures }: Note, key: PublicKey): Promise<boolean> {
  const [first, ...more] = signatures
  if (!first || more.length > 0 || first.name !== checkpoint.origin) return false
  return first.keyHash === toHex(await keyHash(first.name, key)) && (await signedBy(key, first.signature, utf8(text)))
}

function textOf({ origin, size, root, audit }: Checkpoint): string {
  return `${origin}\n${size}\n${toBase64(fromHex(root))}\naudit ${audit.count} ${audit.hash}\n`
}

/** C2SP signed-note: the first 4 bytes of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key), where 0x01 says Ed25519. */
async function keyHash(name: string, { raw }: PublicKey): Promise<Bytes> {
  return (await webDigest(utf8(name), Uint8Array.of(0x0a, 0x01), raw)).slice(0, 4)
}
