import { readFileSync } from 'node:fs'
import { newFolder, removeFolder, serve } from './process/served.ts'

/** From starting the process until it answers, and what it then holds: the first time, and with a store that is there. */
export async function bench() {
  const folder = newFolder()
  try {
    const rows = []
    for (const what of ['first start, empty folder', 'second start', 'third start']) {
      const { startedIn, process: child, end } = await serve(folder)
      await new Promise((resolve) => setTimeout(resolve, 1_000))
      rows.push({ what, started_ms: startedIn, idle_rss_mib: rssOf(child.pid ?? 0) })
      await end('SIGTERM')
    }
    return { rows }
  } finally {
    removeFolder(folder)
  }
}

/** Resident memory in MiB, where the system tells it. */
function rssOf(pid: number): number | null {
  try {
    const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return kib === undefined ? null : Math.round(Number(kib) / 1024)
  } catch {
    return null
  }
}
