import { existsSync, globSync } from 'node:fs'
import { resolve } from 'node:path'
import { table } from './table.ts'

/** What a set of a corpus came to. `must`: what always has to hold; `ok`: whether it did. */
interface Evaluated {
  readonly set: string
  readonly passed: number
  readonly failed: number
  readonly rows: Record<string, unknown>[]
  /** What the set is held to, by name; printed with `--json` only. */
  readonly figures?: Record<string, unknown>
  readonly must?: boolean
  readonly ok?: boolean
}

/** Measures on public corpora: `./run eval FOLDER [SET]`. Exits 1 when something that must always hold does not. */
const words = process.argv.slice(2)
const json = words.includes('--json')
const [folder, set] = words.filter((word) => !word.startsWith('--'))
if (folder === undefined || !existsSync(folder)) {
  console.error(`\`${folder ?? ''}\` is not a folder: \`./run eval FOLDER [SET] [--json]\`, where FOLDER holds the corpora`)
  process.exit(2)
}
let broken = 0
let ran = 0
for (const file of globSync('scripts/eval/*.ts').toSorted()) {
  const module = (await import(resolve(file))) as {
    evaluate?: (folder: string, set?: string) => Promise<Evaluated[]>
    sets?: readonly string[]
  }
  if (!module.evaluate || (set !== undefined && module.sets && !module.sets.includes(set))) continue
  for (const result of await module.evaluate(resolve(folder), set)) {
    // A set may have parts: `payloads recall` belongs to `payloads`.
    if (set !== undefined && !result.set.startsWith(set)) continue
    ran++
    const held = result.ok ?? result.failed === 0
    if (result.must !== false && !held) broken++
    if (json)
      console.log(
        JSON.stringify({
          name: result.set,
          results: { passed: result.passed, failed: result.failed, ok: held, ...result.figures, rows: result.rows },
        }),
      )
    else {
      if (result.rows.length > 0) table(result.set, result.rows)
      console.log(
        `${result.set}: ${result.passed} passed, ${result.failed} failed${result.must === false ? ' (measured, no floor)' : held ? '' : '  ← must hold'}`,
      )
    }
  }
}
if (ran === 0) {
  console.error(`no set named \`${set ?? ''}\` was found in \`${folder}\``)
  process.exit(2)
}
process.exit(broken > 0 ? 1 : 0)
