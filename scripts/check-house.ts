import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

/** The plan of the house, executable: which room may import which, no cycles, where the environment is read. Prints every breach. */

const words = new Set(['json', 'brand', 'call', 'decision', 'control', 'clock', 'errors', 'judge', 'observe'])
/** A concern that may read another, with its reason. */
const exceptions: Record<string, readonly string[]> = {
  tool: ['principal'], // parsing starts from who asks
  proof: ['policy'], // the theorem is about the policies: it reads their syntax tree and their facts, and nothing else
}
/** Which packages a package may import. */
const floors: Record<string, readonly string[]> = {
  core: [],
  api: ['core'],
  sdk: ['core', 'api'],
  server: ['core', 'api'],
  mcp: ['core', 'api'],
  cli: ['core', 'api', 'server'], // `serve` opens the server's door
  dashboard: ['core', 'api'],
}
const mayReadEnv = new Set(['packages/server/src/config.ts', 'packages/cli/src/main.ts'])
const startsThreads = 'packages/core/src/thread.ts'
const nowhere = /^(utils?|helpers?|common|types|manager|service|base)(\.|$)/

const breaches: string[] = []
const files = globSync('packages/*/src/**/*.{ts,tsx}').filter(
  (file) => !/\.(test|contract)\.tsx?$/.test(file) && !/\.[a-z_]+\.test\./.test(file),
)
const imports = new Map<string, string[]>()

for (const file of files) {
  const text = readFileSync(file, 'utf8')
  const [, name = ''] = file.split('/')
  const found = [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(([, path = '']) => path)
  imports.set(
    file,
    found.filter((path) => path.startsWith('.')).map((path) => normalize(join(dirname(file), path))),
  )
  for (const path of found) {
    const other = /^@agentgate\/([a-z]+)/.exec(path)?.[1] ?? (path === 'agentgate' ? 'sdk' : undefined)
    if (other !== undefined && !floors[name]?.includes(other)) breaches.push(`${file}: \`${name}\` must not import \`${other}\``)
  }
  for (const path of imports.get(file) ?? []) {
    if (!path.startsWith(`packages/${name}/`)) breaches.push(`${file}: reaches into another package at \`${path}\`: use its door`)
  }
  if (name === 'core') checkConcern(file)
  if (/process\.env/.test(text) && !mayReadEnv.has(file))
    breaches.push(`${file}: reads the environment: only ${[...mayReadEnv].join(' and ')} may`)
  if (/\bnew Worker\(/.test(text) && file !== startsThreads) breaches.push(`${file}: starts a thread: only ${startsThreads} may`)
  if (nowhere.test(file.split('/').at(-1) ?? '')) breaches.push(`${file}: a name that says nothing: name it after its idea`)
  if (file.endsWith('/index.ts') && file.split('/').length > 4) breaches.push(`${file}: a barrel inside a package: only its door has one`)
}
for (const cycle of cycles()) breaches.push(`import cycle: ${cycle.join(' → ')}`)

for (const breach of breaches) console.error(breach)
console.log(`${files.length} files, ${breaches.length} breaches of the plan`)
process.exit(breaches.length > 0 ? 1 : 0)

/** Words ← concern folders, blind to each other ← gate ← index. */
function checkConcern(file: string): void {
  const place = file.split('/').slice(3)
  for (const path of imports.get(file) ?? []) {
    const other = path.split('/').slice(3)
    const [from = '', to = ''] = [place.length > 1 ? place[0] : '', other.length > 1 ? other[0] : '']
    const word = other.length === 1 ? other[0]?.replace('.ts', '') : undefined
    if (from !== '') {
      const fine = word !== undefined ? words.has(word) : to === from || exceptions[from]?.includes(to)
      if (!fine) breaches.push(`${file}: concern \`${from}\` must not import \`${other.join('/')}\``)
    } else if (words.has(place[0]?.replace('.ts', '') ?? '') && (word === undefined || !words.has(word))) {
      breaches.push(`${file}: a word must not import \`${other.join('/')}\``)
    }
  }
}

function cycles(): string[][] {
  const found: string[][] = []
  const done = new Set<string>()
  const visit = (file: string, path: string[]) => {
    const start = path.indexOf(file)
    if (start >= 0) return void found.push([...path.slice(start), file])
    if (done.has(file)) return
    for (const next of imports.get(file) ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of imports.keys()) visit(file, [])
  return found
}
