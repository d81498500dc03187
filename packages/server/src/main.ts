import { ConfigError, readConfig } from './config.ts'
import { createLog } from './log.ts'
import { openServer, type Server } from './server.ts'
import { StoreError } from './store/store-error.ts'

type Env = { readonly [name: string]: string | undefined }

/**
 * Starts the server by what the environment says and stays until it is told to stop (SIGINT, SIGTERM). Answers the exit code:
 * 0 when it stopped cleanly. What keeps it from starting is one line on standard error, and 1.
 */
export async function start(env: Env): Promise<number> {
  let server: Server
  try {
    const config = readConfig(env)
    const log = createLog({ level: env['LOG_LEVEL'] ? config.logLevel : 'warn' })
    for (const warning of config.warnings) console.error(`agentgate: ${warning}`)
    server = await openServer({ config, log })
  } catch (error) {
    for (const line of linesOf(error, env)) console.error(`agentgate: ${line}`)
    return 1
  }
  // The solver is loaded before the first call asks for it.
  void server.house.prover.health()
  console.log(`AgentGate listens on ${server.url}`)
  for (const { part, email, password } of server.demo) console.log(`  ${part.padEnd(9)}  ${email}  ${password}`)
  await told()
  try {
    await server.stop()
    return 0
  } catch (error) {
    for (const line of linesOf(error, env)) console.error(`agentgate: ${line}`)
    return 1
  }
}

/** Resolves at the first signal to stop; the second ends the process at once. */
async function told(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let before = false
  const stop = () => {
    if (before) process.exit(130)
    before = true
    resolve()
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)
  return promise
}

function linesOf(error: unknown, { PORT = '3000' }: Env): readonly string[] {
  if (error instanceof ConfigError) return error.problems
  if (error instanceof StoreError) return [error.message]
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE') return [`Port ${PORT} is taken: stop what listens there, or choose another with \`--port\` or \`PORT\`.`]
  if (code === 'EACCES') return [`Port ${PORT} may not be opened by this user: choose one above 1023 with \`--port\` or \`PORT\`.`]
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return ['The address to listen on is not one of this machine: set `HOST` to one that is.']
  if (code === 'ENOSPC' || code === 'EDQUOT') return ['No space is left on the disk: nothing was changed. Make room and start again.']
  return [error instanceof Error ? `The server could not start: ${error.message}` : 'The server could not start.']
}
