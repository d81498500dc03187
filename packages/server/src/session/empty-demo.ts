import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { demoUsersFile } from './demo.ts'

/** What a server makes in its folder, and nothing else there. */
const ours =
  /^(agentgate\.db(-wal|-shm)?|lock\.db(-journal)?|checkpoint-[\w.~-]+\.note|(secret|signing|audit|commitment|vault)\.key|demo-users\.json)$/

/** Removes all state of a demo, so that it starts anew. Removes nothing, and says why, when the folder is not a demo's or in use. */
export function emptyDemo(folder: string): string | undefined {
  if (!existsSync(folder)) return undefined
  if (!statSync(folder).isDirectory()) return `\`${folder}\` is a file: name a folder with \`--data\`.`
  if (readdirSync(folder).length === 0) return undefined
  if (!existsSync(join(folder, demoUsersFile))) {
    return `\`${folder}\` is not the folder of a demo, so \`--fresh\` leaves it alone: name another with \`--data\`.`
  }
  const lock = new Sqlite(join(folder, 'lock.db'), { timeout: 0 })
  try {
    lock.exec('begin exclusive')
    for (const name of readdirSync(folder)) if (ours.test(name)) rmSync(join(folder, name))
    return undefined
  } catch {
    return `\`${folder}\` is in use by another AgentGate, so \`--fresh\` leaves it alone: stop that one first.`
  } finally {
    lock.close()
  }
}
