import { globSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { basename, resolve } from 'node:path'
import { table } from './table.ts'

/** Measures. Every file in scripts/bench exports `bench()`, which answers tables: `{ name: rows[] }`. */
const words = process.argv.slice(2)
const json = words.includes('--json')
const wanted = words.filter((word) => !word.startsWith('--'))
const names = globSync('scripts/bench/*.ts').map((file) => basename(file, '.ts'))
const benches = names.filter((name) => name !== 'percentiles' && name !== 'crash').toSorted()
const chosen = wanted.length > 0 ? wanted : benches
for (const name of chosen) {
  if (names.includes(name)) continue
  console.error(`\`${name}\` is not a bench: ${names.filter((each) => each !== 'percentiles').join(' ')}`)
  process.exit(2)
}
const machine = {
  cpu: cpus()[0]?.model ?? '',
  cores: cpus().length,
  memory_gib: Math.round(totalmem() / 2 ** 30),
  os: `${process.platform} ${release()}`,
  node: process.version,
}
for (const name of chosen) {
  const { bench } = (await import(resolve(`scripts/bench/${name}.ts`))) as {
    bench: () => Promise<Record<string, Record<string, unknown>[]>>
  }
  const results = await bench()
  if (json) console.log(JSON.stringify({ name, machine, results }))
  else
    for (const [title, rows] of Object.entries(results)) if (Array.isArray(rows)) table(title === 'rows' ? name : `${name}: ${title}`, rows)
}
if (!json) console.log(`\n${machine.cores} × ${machine.cpu}, ${machine.memory_gib} GiB, ${machine.os}, Node ${machine.node}`)
process.exit(0)
