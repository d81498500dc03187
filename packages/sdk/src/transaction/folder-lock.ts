import { readFileSync } from 'node:fs'
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Another process has the folder, and it lives. */
export class FolderTaken extends Error {
  override readonly name = 'FolderTaken'
}

/**
 * Takes a folder for this process until it ends; takes it again for a process that has it. A crash leaves a lock whose process is
 * gone, or is a later one with its number: that one is taken over. Rejects with a `FolderTaken` while its process lives.
 */
export async function lockFolder(folder: string): Promise<void> {
  const path = join(folder, 'lock')
  const mine = owner(process.pid)
  for (let tries = 0; tries < 5; tries++) {
    if (await made(path, mine)) return
    const held = await readFile(path, 'utf8').catch(() => undefined)
    if (held === mine) return
    if (held === undefined) continue
    const pid = Number(held.split(' ')[0])
    if (owner(pid) === held && lives(pid)) {
      throw new FolderTaken(`\`${folder}\` belongs to process ${pid}, which is running: give each process a folder of its own`)
    }
    // Of two that take over, one moves the stale lock away; the other finds it gone, or a new one that it must not have moved.
    const aside = `${path}.${crypto.randomUUID()}`
    if (
      !(await rename(path, aside).then(
        () => true,
        () => false,
      ))
    )
      continue
    const moved = await readFile(aside, 'utf8')
    if (moved !== held) await rename(aside, path)
    else await rm(aside, { force: true })
  }
  throw new FolderTaken(`\`${folder}\` is being taken by others: try again`)
}

/** Whether the file came to be by this: never half written, as it gets its name when it is whole. */
async function made(path: string, text: string): Promise<boolean> {
  const draft = `${path}.${crypto.randomUUID()}`
  await writeFile(draft, text, { mode: 0o600, flush: true })
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    await rm(draft, { force: true })
  }
}

/** A process by its number and, where the system tells it, when it began: numbers are used again. */
function owner(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`
  } catch {
    return `${pid} `
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
