import { execFileSync } from 'node:child_process'
import { globSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installed } from '../installed.ts'

const runs = 15

/** What the packed SDK weighs, and how long a fresh process takes for `import 'agentgate'`. */
export async function bench() {
  const { folder, tarball } = await installed()
  try {
    const kilobytes = (pattern: string) =>
      Math.round(
        globSync(pattern, { cwd: join(folder, 'node_modules/agentgate') }).reduce((sum, file) => sum + sizeOf(folder, file), 0) / 1000,
      )
    writeFileSync(
      join(folder, 'import.js'),
      "const start = performance.now(); await import('agentgate'); console.log(performance.now() - start)\n",
    )
    const times = Array.from({ length: runs }, () =>
      Number(execFileSync(process.execPath, ['import.js'], { cwd: folder, encoding: 'utf8' })),
    )
    const [min = 0, median = 0] = [0, Math.floor(runs / 2)].map((at) => Math.round(times.toSorted((a, b) => a - b)[at] ?? 0))
    return {
      size: [{ tarball_kB: Math.round(statSync(tarball).size / 1000), javascript_kB: kilobytes('*.js'), types_kB: kilobytes('**/*.d.ts') }],
      import: [{ processes: runs, min_ms: min, median_ms: median, within_100_ms: median < 100 }],
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function sizeOf(folder: string, file: string): number {
  return statSync(join(folder, 'node_modules/agentgate', file)).size
}
