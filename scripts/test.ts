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

const projects = chosen.flatMap((name) => ['--project', name])
const first = await vitest([...paths, ...(coverage ? ['--coverage'] : [])])
// Node.js itself can die where threads end while code is compiled (V8: `jit_page.has_value()`). That is no answer of a test: it is asked again, once.
const again = first.failed === 0 && first.died.length <= 3 && first.died.length === first.unhandled ? first.died : []
if (again.length > 0) console.log(`\nNode.js died while it ran ${again.join(' ')}: run again, once.\n`)
const second = again.length > 0 ? await vitest(again) : undefined
const last = second ?? first
const failed = Math.max(last.code === 0 ? 0 : 1, last.failed)
const passed = first.passed(again) + (second?.passed([]) ?? 0)
const skipped = first.skipped + (second?.skipped ?? 0)
if (skipped > 0) console.log(`${skipped} skipped`)
const line = `${passed} passed, ${failed} failed`
const short = coverage && !covered()
console.log(line)
process.exit(failed > 0 || short ? 1 : 0)

interface Ran {
  readonly code: number
  readonly failed: number
  readonly skipped: number
  /** How many tests passed, but for those of some files. */
  readonly passed: (but: readonly string[]) => number
  /** Files whose process died while it ran them. */
  readonly died: readonly string[]
  /** Errors outside any test, such a death among them. */
  readonly unhandled: number
}

interface Report {
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly testResults: readonly { readonly name: string; readonly assertionResults: readonly { readonly status: string }[] }[]
}

/** Runs vitest, and reads what it reports. */
async function vitest(args: readonly string[]): Promise<Ran> {
  const file = join(tmpdir(), `agentgate-tests-${process.pid}.json`)
  const outputs = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
  const child = spawn('node_modules/.bin/vitest', ['run', ...args, ...outputs, ...projects], {
    stdio: ['inherit', 'pipe', 'pipe'],
    env: { ...process.env, ...(process.stdout.isTTY && { FORCE_COLOR: '1' }) },
  })
  let told = ''
  for (const [from, to] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ] as const) {
    from.on('data', (bytes: Buffer) => {
      to.write(bytes)
      told = `${told}${bytes.toString()}`.slice(-200_000)
    })
  }
  const code = await new Promise<number>((resolve) => child.on('close', (exit) => resolve(exit ?? 1)))
  const died = [...told.matchAll(/Worker exited unexpectedly with signal \w+ .*while running test file (\S+\.test\.tsx?)/g)].map(
    ([, name = '']) => name,
  )
  if (!existsSync(file)) return { code, failed: code === 0 ? 0 : 1, skipped: 0, passed: () => 0, died: [], unhandled: 0 }
  const { numFailedTests, numPendingTests, testResults } = JSON.parse(readFileSync(file, 'utf8')) as Report
  rmSync(file)
  const passed = (but: readonly string[]) =>
    testResults
      .filter(({ name }) => !but.includes(name))
      .reduce((sum, { assertionResults }) => sum + assertionResults.filter(({ status }) => status === 'passed').length, 0)
  return {
    code,
    failed: numFailedTests,
    skipped: numPendingTests,
    passed,
    died: [...new Set(died)],
    unhandled: Number(/caught (\d+) unhandled error/.exec(told)?.[1] ?? 0),
  }
}

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
