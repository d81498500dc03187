import {
  type Checkpoint,
  checkpointNow,
  frontier,
  type Note,
  originOf,
  parseCheckpoint,
  publicKey,
  type RetiredKey,
  rootOf,
  type Sources,
  type TenantId,
  verifyCheckpoint,
} from '@agentgate/core'
import { checkpointFile, readNote, writeNote } from './store/checkpoint-file.ts'
import { StoreError } from './store/store-error.ts'

/**
 * The last signed checkpoint of each tenant, kept in a file beside the database: a database that was cut off or put back by
 * itself does not agree with it, also after a restart. Who puts back the whole folder is found out only by someone who holds
 * a later bundle or checkpoint; so is who takes away what was appended since the last note, a second at most.
 */
export interface Checkpoints {
  /**
   * Reads what was kept, before anything else is written; an audit event says when there was nothing beside a ledger with entries. Rejects with a `StoreError` `corrupt` when it is not a checkpoint of the
   * signing key, or when the ledger is not the one that it saw, with entries added.
   */
  readonly open: (tenant: TenantId) => Promise<void>
  readonly last: (tenant: TenantId) => Checkpoint | undefined
  /** Signs and keeps a checkpoint if the ledger grew; rejects, and keeps the old one, if it did anything else. */
  readonly keep: (tenant: TenantId) => Promise<void>
}

/** The keys that are `retired` signed notes before. */
export function createCheckpoints(folder: string, sources: Sources, retired: readonly RetiredKey[] = []): Checkpoints {
  const { ledger, signer } = sources
  const known = new Map<TenantId, Checkpoint>()
  let keeping: Promise<void> = Promise.resolve()

  return {
    async open(tenant) {
      const text = readNote(folder, tenant)
      if (text === undefined) {
        const { size: entries } = await ledger.head(tenant)
        if (entries > 0) await sources.audit.record(tenant, { type: 'checkpoint.missing', facts: { entries } })
        return
      }
      const { checkpoint } = await verified(tenant, text)
      await grown(tenant, checkpoint)
      known.set(tenant, checkpoint)
    },
    last: (tenant) => known.get(tenant),
    keep(tenant) {
      keeping = keeping.catch(() => undefined).then(() => keepNow(tenant))
      return keeping
    },
  }

  async function keepNow(tenant: TenantId): Promise<void> {
    const before = known.get(tenant)
    if ((await ledger.head(tenant)).size === (before?.size ?? 0)) return
    if (before) await grown(tenant, before)
    const { note } = await checkpointNow(sources, tenant)
    await writeNote(folder, tenant, note)
    known.set(tenant, parseCheckpoint(note).checkpoint)
  }

  async function verified(tenant: TenantId, text: string): Promise<Note> {
    const note = read(text)
    if (note?.checkpoint.origin === originOf(tenant)) {
      const former = await Promise.all(retired.map(({ raw }) => publicKey(raw)))
      for (const key of [signer.key, ...former]) if (await verifyCheckpoint(note, key)) return note
    }
    throw new StoreError(
      'corrupt',
      `\`${checkpointFile(tenant)}\` in \`${folder}\` is no checkpoint that this server's signing key signed: restore the file and the key, or, if the key was replaced on purpose, move the file away.`,
    )
  }

  /** The ledger holds what the checkpoint saw. INVARIANT: a stored subtree never changes, so its hashes give the root of then. */
  async function grown(tenant: TenantId, { size, root }: Checkpoint): Promise<void> {
    const { size: now } = await ledger.head(tenant)
    if (now >= size && (await rootAt(tenant, size)) === root) return
    const found = now < size ? `has ${now} entries and had ${size}` : `does not hold the ${size} entries that it had`
    throw new StoreError(
      'corrupt',
      `The ledger in \`${folder}\` ${found} when \`${checkpointFile(tenant)}\` was signed, so entries were removed or an older database was put back: restore the newest copy; to go on without them, move that file to where it is kept.`,
    )
  }

  async function rootAt(tenant: TenantId, size: number): Promise<string | undefined> {
    try {
      return rootOf(await ledger.nodes(tenant, frontier(size)))
    } catch (error) {
      if (error instanceof RangeError) return undefined
      throw error
    }
  }
}

function read(text: string): Note | undefined {
  try {
    return parseCheckpoint(text)
  } catch {
    return undefined
  }
}
