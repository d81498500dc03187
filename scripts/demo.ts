import { parseArgs } from 'node:util'
import { emptyDemo, start } from '@agentgate/server'
import { build } from './build.ts'

/** One process, one port, the embedded store, demo users. */
const values = options()
const data = values.data ?? process.env['AGENTGATE_DATA'] ?? '.agentgate/demo'
const kept = values.fresh ? emptied() : undefined
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

/** Why the demo was not emptied. */
function emptied(): string | undefined {
  if (process.env['DATABASE_URL']) return '`--fresh` empties no PostgreSQL: name an empty database with `DATABASE_URL`, or unset it.'
  return emptyDemo(data)
}

function options(): { fresh?: boolean; port?: string; data?: string } {
  try {
    return parseArgs({ options: { fresh: { type: 'boolean' }, port: { type: 'string' }, data: { type: 'string' } } }).values
  } catch (error) {
    console.error(`agentgate: ${error instanceof Error ? error.message : String(error)}: \`./run demo [--fresh] [--port N] [--data DIR]\``)
    process.exit(2)
  }
}
