import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'

const stamp = 'packages/dashboard/dist/.source'

/** Builds the dashboard, unless what it is built from has not changed since. */
export async function build(): Promise<void> {
  const source = fingerprint()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === source) return
  console.error('Building the dashboard')
  const { status, stdout, stderr } = spawnSync('node_modules/.bin/vite', ['build', 'packages/dashboard', '--logLevel', 'warn'], {
    encoding: 'utf8',
  })
  if (status !== 0) {
    console.error(`${stdout}${stderr}\nThe dashboard could not be built: see above.`)
    process.exit(1)
  }
  mkdirSync('packages/dashboard/dist', { recursive: true })
  writeFileSync(stamp, source)
}

function fingerprint(): string {
  const hash = createHash('sha256')
  const places = [
    'packages/{dashboard,api,core}/src/**/*.{ts,tsx,css}',
    'packages/dashboard/{index.html,vite.config.ts}',
    'package-lock.json',
  ]
  for (const file of places.flatMap((place) => globSync(place)).toSorted()) {
    if (!file.endsWith('.test.ts')) hash.update(file).update('\0').update(readFileSync(file)).update('\0')
  }
  return hash.digest('hex')
}

if (import.meta.main) await build()
