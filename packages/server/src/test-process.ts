import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type Client, createClient } from '@agentgate/api'
import { eventually, freePort } from './test-server.ts'

/** A server in a process of its own. */
export interface TestProcess {
  readonly url: string
  /** Somebody signed in, and the token. */
  readonly client: Client
  readonly token: string
  /** Ends it without warning. */
  readonly kill: () => Promise<void>
  /** Ends it as a signal to stop does; its exit code. */
  readonly stop: () => Promise<number | null>
}

/** Starts the program with this environment on a free port, waits until it is ready, and signs in. It ends with the test. */
export async function startTestProcess(
  env: { readonly [name: string]: string },
  user: { readonly email: string; readonly password: string },
): Promise<TestProcess> {
  const port = await freePort()
  // Standard input stays open for as long as the test lives.
  const program = `import { start } from ${JSON.stringify(new URL('./main.ts', import.meta.url).href)}
    process.stdin.on('end', () => process.exit(1)).resume()
    process.exitCode = await start(${JSON.stringify({ ...env, PORT: String(port) })})
    process.exit()`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    env: {},
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  child.stdin.on('error', () => undefined)
  const exited = once(child, 'exit')
  const url = `http://127.0.0.1:${port}`
  for (const state of ['liveness', 'readiness'])
    await eventually(async () => {
      if (child.exitCode !== null) throw new Error('The server did not start: see above.')
      return (await fetch(`${url}/health/${state}`).catch(() => undefined))?.ok || undefined
    }, 50)
  const { access_token = '' } = await createClient({ url }).principals.login({ body: user })
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    child.kill(signal)
    const [code] = (await exited) as [number | null]
    return code
  }
  return {
    url,
    token: access_token,
    client: createClient({ url, token: () => access_token }),
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
  }
}
