import { readFileSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { TenantId } from '@agentgate/core'
import { storeErrorOf } from './store-error.ts'

/** The file beside the database that holds the last signed checkpoint of a tenant. */
export function checkpointFile(tenant: TenantId): string {
  return `checkpoint-${encodeURIComponent(tenant)}.note`
}

/** The note as it was kept, or `undefined` when there is none. Throws a `StoreError` when the folder cannot be read. */
export function readNote(folder: string, tenant: TenantId): string | undefined {
  try {
    return readFileSync(join(folder, checkpointFile(tenant)), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw storeErrorOf(error, folder) ?? error
  }
}

/** Replaces the note, whole or not at all; durable when it returns. One at a time. */
export async function writeNote(folder: string, tenant: TenantId, note: string): Promise<void> {
  const file = join(folder, checkpointFile(tenant))
  const draft = file.replace(/note$/, `${process.pid}.draft.note`)
  try {
    await synced(draft, 'w', (handle) => handle.writeFile(note))
    await rename(draft, file)
    // Windows cannot sync a folder.
    if (process.platform !== 'win32') await synced(folder, 'r', async () => undefined)
  } catch (error) {
    throw storeErrorOf(error, folder) ?? error
  }
}

async function synced(path: string, flags: string, work: (handle: Awaited<ReturnType<typeof open>>) => Promise<unknown>): Promise<void> {
  const handle = await open(path, flags, 0o600)
  try {
    await work(handle)
    await handle.sync()
  } finally {
    await handle.close()
  }
}
