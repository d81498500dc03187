import { parseArgs } from 'node:util'
import { emptyDemo, start } from '@agentgate/server'
import { build } from './build.ts'

/** One process, one port, the embedded store, demo users. */
const { values } = parseArgs({
  options: { fresh: { type: 'boolean' }, port: { type: 'string' }, data: { type: 'string' } },
  strict: true,
  args: process.argv.slice(2),
})
const data = values.data ?? process.env['AGENTGATE_DATA'] ?? '.agentgate/demo'
const kept = values.fresh ? emptyDemo(data) : undefined
if (kept !== undefined) {
  console.error(`agentgate: ${kept}`)
  process.exit(1)
}
await build()
process.exitCode = await start({
  ...process.env,
  AGENTGATE_ENV: 'demo',
  AGENTGATE_DATA: data,
  ...(values.port !== undefined && { PORT: values.port }),
})
