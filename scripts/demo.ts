import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { start } from '@agentgate/server'
import { build } from './build.ts'

/** One process, one port, the embedded store, demo users. */
const { values } = parseArgs({
  options: { fresh: { type: 'boolean' }, port: { type: 'string' }, data: { type: 'string' } },
  strict: true,
  args: process.argv.slice(2),
})
const data = values.data ?? process.env['AGENTGATE_DATA'] ?? '.agentgate/demo'
if (values.fresh) empty(data)
await build()
process.exitCode = await start({
  ...process.env,
  AGENTGATE_ENV: 'demo',
  AGENTGATE_DATA: data,
  ...(values.port !== undefined && { PORT: values.port }),
})

/** Removes a demo's state, and nothing that is not one. */
function empty(folder: string): void {
  if (!existsSync(folder) || readdirSync(folder).length === 0) return
  if (!existsSync(join(folder, 'demo-users.json'))) {
    console.error(`agentgate: \`${folder}\` is not the state of a demo, so \`--fresh\` leaves it alone: name another folder with \`--data\``)
    process.exit(1)
  }
  rmSync(folder, { recursive: true })
}
