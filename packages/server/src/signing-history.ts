import { createHmac, timingSafeEqual } from 'node:crypto'
import { canonical, localSigner, publicKey, type RetiredKey } from '@agentgate/core'
import { z } from 'zod'
import { ConfigError } from './config.ts'
import { StoreError } from './store/store-error.ts'

/** Where a mark of the whole database is found and put. */
export interface Marks {
  readonly find: (name: string) => Promise<string | undefined>
  readonly put: (name: string, value: string) => Promise<unknown>
}

export interface SigningHistory {
  /** The keys that signed before, the last one first. */
  readonly retired: readonly RetiredKey[]
  /** The key that signs from this start on, where another did until now. */
  readonly rotated?: { readonly from: string; readonly to: string }
  /** Writes the history down, where it changed: once the store is known to be sound, and the rotation on record. */
  readonly keep: () => Promise<void>
}

const mark = 'signing-keys'

/** Other servers of the store hear of it with their next decision: what they sign until then is as good. */
const farewell = 60_000

const history = z.strictObject({
  keys: z.array(z.strictObject({ x: z.base64(), until: z.number().int().optional() })).min(1),
  mac: z.string(),
})
type Kept = z.output<typeof history>['keys']

/**
 * The history of the signing key, which tells that a key was replaced: whoever verifies needs the keys from before. It is
 * authenticated by the audit key, so that nobody who can only write to the database passes a key of their own off as one of ours.
 *
 * Rejects with a `StoreError` `corrupt` for a history that is not authentic, and a `ConfigError` for a key that was retired.
 */
export async function signingHistory(
  marks: Marks,
  {
    signing,
    audit,
    retiredAudit = [],
  }: { readonly signing: Uint8Array; readonly audit: Uint8Array; readonly retiredAudit?: readonly Uint8Array[] },
  now: number,
): Promise<SigningHistory> {
  const { key } = localSigner(signing)
  const current = { x: Buffer.from(key.raw).toString('base64') }
  const text = await marks.find(mark)
  const keep = async (keys: Kept) => void (await marks.put(mark, sealed(keys, audit)))
  if (text === undefined) return { retired: [], keep: () => keep([current]) }
  const { keys, anew } = opened(text, audit, retiredAudit)
  const [last, ...before] = keys
  if (last === undefined || last.x === current.x)
    return { retired: before.map(retiredOf), keep: async () => (anew ? keep([...keys]) : undefined) }
  if (before.some(({ x }) => x === current.x))
    throw new ConfigError([
      '`AGENTGATE_DECISION_SIGNING_KEY` (or `signing.key`) is a key that was replaced before: sign with the newest one, or make another with `openssl rand -base64 32`.',
    ])
  const closed = [{ ...last, until: now + farewell }, ...before]
  const from = await publicKey(new Uint8Array(Buffer.from(last.x, 'base64')))
  return {
    retired: closed.map(retiredOf),
    rotated: { from: from.id, to: key.id },
    keep: () => keep([current, ...closed]),
  }
}

/** `anew`: it was written under an audit key that is replaced. */
function opened(text: string, audit: Uint8Array, retired: readonly Uint8Array[]): { readonly keys: Kept; readonly anew: boolean } {
  let kept: z.output<typeof history> | undefined
  try {
    kept = history.parse(JSON.parse(text))
  } catch {
    // It is told below.
  }
  for (const under of [audit, ...retired])
    if (kept && timingSafeEqual(macOf(kept.keys, under), padded(kept.mac))) return { keys: kept.keys, anew: under !== audit }
  throw new StoreError(
    'corrupt',
    'The history of the signing key in the database is not the one that was written under this audit key, so it cannot be told which keys signed before: restore the database and both keys, or give the audit key that was replaced as `AGENTGATE_AUDIT_KEY_REPLACED`.',
  )
}

function sealed(keys: Kept, audit: Uint8Array): string {
  return JSON.stringify({ keys, mac: macOf(keys, audit).toString('hex') })
}

function macOf(keys: Kept, audit: Uint8Array): Buffer {
  const plain = keys.map(({ x, until }) => ({ x, ...(until !== undefined && { until }) }))
  return createHmac('sha256', audit)
    .update(`agentgate signing keys\n${canonical(plain)}`)
    .digest()
}

/** 32 bytes, whatever somebody wrote. */
function padded(hex: string): Buffer {
  return Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(32)]).subarray(0, 32)
}

function retiredOf({ x, until = 0 }: Kept[number]): RetiredKey {
  return { raw: new Uint8Array(Buffer.from(x, 'base64')), until }
}
