import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from './build.ts'

/** Runs every test, or one category, and ends with one plain line: `N passed, N failed`. */
const categories = ['unit', 'contract', 'api', 'security', 'integration', 'e2e', 'story']
/** Rooms by the paths of their tests, whatever their category. */
const rooms: Record<string, readonly string[]> = {
  pii: ['/pii', 'personal-texts', 'main-job'],
  rate_limit: ['/limit/', 'obligations'],
  approval: ['/approval', 'obligations', 'agents.security'],
}
const floors: Record<string, number> = { core: 95 }

const summaryFile = 'coverage/coverage-summary.json'

const words = process.argv.slice(2)
const coverage = words.includes('--coverage')
const names = words.filter((word) => !word.startsWith('--'))
for (const name of names) {
  if (categories.includes(name) || Object.hasOwn(rooms, name)) continue
  console.error(`\`${name}\` is not a category of tests: ${[...categories, ...Object.keys(rooms)].join(' ')}`)
  process.exit(2)
}
const paths = names.flatMap((name) => rooms[name] ?? [])
const chosen = names.some((name) => categories.includes(name)) ? names.filter((name) => categories.includes(name)) : categories
if (chosen.includes('e2e')) await build()
if (coverage) rmSync(summaryFile, { force: true })

const report = join(tmpdir(), `agentgate-tests-${process.pid}.json`)
const args = ['run', ...paths, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
const projects = chosen.flatMap((name) => ['--project', name])
const vitest = spawn('node_modules/.bin/vitest', [...args, ...projects, ...(coverage ? ['--coverage'] : [])], { stdio: 'inherit' })
const code = await new Promise<number>((resolve) => vitest.on('exit', (exit) => resolve(exit ?? 1)))

let failed = code === 0 ? 0 : 1
let line = ''
if (existsSync(report)) {
  const counts = JSON.parse(readFileSync(report, 'utf8')) as { numPassedTests: number; numFailedTests: number; numPendingTests: number }
  failed = Math.max(failed, counts.numFailedTests)
  if (counts.numPendingTests > 0) console.log(`${counts.numPendingTests} skipped`)
  line = `${counts.numPassedTests} passed, ${failed} failed`
  rmSync(report)
} else line = `0 passed, ${failed} failed`
if (coverage && !covered()) failed ||= 1
console.log(line)
process.exit(failed > 0 ? 1 : 0)

/** Prints line coverage by package, and says whether each floor holds. */
function covered(): boolean {
  if (!existsSync(summaryFile)) {
    console.log('No coverage was written.')
    return false
  }
  const summary = JSON.parse(readFileSync(summaryFile, 'utf8')) as Record<string, { lines: { total: number; covered: number } }>
  const packages = new Map<string, { total: number; covered: number }>()
  for (const [file, { lines }] of Object.entries(summary)) {
    const name = /packages\/([^/]+)\/src/.exec(file)?.[1]
    if (!name) continue
    const sum = packages.get(name) ?? { total: 0, covered: 0 }
    packages.set(name, { total: sum.total + lines.total, covered: sum.covered + lines.covered })
  }
  let ok = true
  for (const [name, { total, covered }] of packages) {
    const percent = total === 0 ? 100 : (100 * covered) / total
    const floor = floors[name]
    const short = floor !== undefined && percent < floor
    if (short) ok = false
    console.log(
      `${name.padEnd(10)} ${percent.toFixed(1)} % of ${total} lines${floor === undefined ? '' : ` (at least ${floor} %: ${short ? 'FAILED' : 'ok'})`}`,
    )
  }
  return ok
}
