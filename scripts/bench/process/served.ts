import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Client, createClient } from '@agentgate/api'

/** A server in a process of its own, as a user would start it, on a folder that outlives it. */
export interface Served {
  readonly url: string
  readonly folder: string
  readonly process: ChildProcess
  /** Milliseconds from starting the process until it answered. */
  readonly startedIn: number
  readonly client: Client
  readonly token: string
  /** Kills it at once, as a power cut would, or tells it to stop. */
  readonly end: (signal: 'SIGKILL' | 'SIGTERM') => Promise<void>
}

const email = 'bench@example.com'
const password = 'a password for benches only'

export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'agentgate-bench-'))
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}

export async function serve(folder: string, more: { readonly [name: string]: string } = {}): Promise<Served> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const from = performance.now()
  const child = spawn(process.execPath, [resolve('packages/cli/bin/agentgate'), 'serve'], {
    env: {
      PATH: process.env['PATH'],
      AGENTGATE_ENV: 'demo',
      AGENTGATE_DATA: folder,
      AGENTGATE_DEMO_EMAIL: email,
      AGENTGATE_DEMO_PASSWORD: password,
      PORT: String(port),
      LOG_LEVEL: 'error',
      ...more,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  while (!(await answers(url))) {
    if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode} before it answered.`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  const startedIn = Math.round(performance.now() - from)
  const { access_token: token = '' } = await createClient({ url }).principals.login({ body: { email, password } })
  return {
    url,
    folder,
    process: child,
    startedIn,
    token,
    client: createClient({ url, token: () => token }),
    async end(signal) {
      const ended = once(child, 'exit')
      child.kill(signal)
      await ended
    },
  }
}

async function answers(url: string): Promise<boolean> {
  return fetch(`${url}/health/liveness`).then(
    ({ ok }) => ok,
    () => false,
  )
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || !address) throw new Error('no port is free')
  return address.port
}
