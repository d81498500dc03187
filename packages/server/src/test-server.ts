import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { type Client, createClient } from '@agentgate/api'
import { readConfig } from './config.ts'
import { createLog } from './log.ts'
import { onlyTenant, openServer, type Server } from './server.ts'
import type { DemoUser } from './session/demo.ts'

/** Somebody signed in to a test server. */
export interface TestUser {
  readonly client: Client
  readonly token: string
  /** `fetch` of a path, with the credential and JSON unless told otherwise. */
  readonly fetch: (path: string, init?: RequestInit) => Promise<Response>
}

export interface TestServer {
  readonly url: string
  readonly folder: string
  readonly server: Server
  readonly credentials: { readonly [part in DemoUser['part']]: DemoUser }
  readonly signIn: (part: DemoUser['part']) => Promise<TestUser>
  /** Whoever this credential is of. */
  readonly using: (token: string) => TestUser
  /** An agent with an API key of its own. */
  readonly agentOf: (name: string) => Promise<TestUser>
  /** A person with exactly this role. */
  readonly userWith: (role: string) => Promise<TestUser>
  /** Everything that was logged so far. */
  readonly log: () => string
  readonly routes: () => Server['routes']
  /** How many live streams are open. */
  readonly listeners: () => number
  /** Lets so many milliseconds pass on the server's clock. */
  readonly pass: (ms: number) => void
  readonly sweep: () => Promise<void>
  readonly until: (test: () => boolean | Promise<boolean>) => Promise<void>
  readonly stop: () => Promise<void>
}

export interface TestServerOptions {
  readonly chatRate?: { readonly max: number; readonly window: number }
  /** A folder of an earlier server; by default a new one, removed at the end. */
  readonly folder?: string
  /** Where a built dashboard is. */
  readonly dashboard?: string
  /** Time passes only by `pass`. */
  readonly still?: boolean
  readonly env?: { readonly [name: string]: string }
}

/** Starts the real server on a free port of this machine, with a store of its own and two people who can sign in. */
export async function startTestServer({
  chatRate,
  dashboard,
  still = false,
  env = {},
  ...rest
}: TestServerOptions = {}): Promise<TestServer> {
  const folder = rest.folder ?? mkdtempSync(join(tmpdir(), 'agentgate-test-'))
  const lines: string[] = []
  const log = createLog({ level: 'debug', destination: { write: (line) => void lines.push(line) } })
  const config = readConfig({ AGENTGATE_ENV: 'demo', AGENTGATE_DATA: folder, PORT: String(await freePort()), ...env })
  let passed = 0
  const start = Date.now()
  const clock = { now: () => (still ? start : Date.now()) + passed }
  const server = await openServer({ config, log, clock, ...(chatRate && { chatRate }), ...(dashboard !== undefined && { dashboard }) })
  // As the program does: the solver is loaded meanwhile.
  void server.house.prover.health()
  const { url } = server

  const using = (token: string): TestUser => ({
    token,
    client: createClient({ url, token: () => token }),
    fetch: (path, { headers, ...init } = {}) =>
      fetch(url + path, {
        ...init,
        headers: {
          authorization: `Bearer ${token}`,
          ...(init.body !== undefined && { 'content-type': 'application/json' }),
          ...(headers as Record<string, string> | undefined),
        },
      }),
  })
  const signIn = async (email: string, password: string) => {
    const { access_token = '' } = await createClient({ url }).principals.login({ body: { email, password } })
    return using(access_token)
  }
  const partOf = (part: DemoUser['part']): DemoUser => {
    const found = server.demo.find((each) => each.part === part)
    if (!found) throw new Error(`the demo has no ${part}`)
    return found
  }
  const credentials = { requester: partOf('requester'), approver: partOf('approver') }

  return {
    url,
    folder,
    server,
    credentials,
    using,
    signIn: (part) => signIn(credentials[part].email, credentials[part].password),
    async agentOf(name) {
      const { client } = await signIn(credentials.requester.email, credentials.requester.password)
      return using((await client.principals.createApiKey({ body: { name } })).key)
    },
    async userWith(role) {
      const [email, password] = [`${role}@test.example`, `a long password of ${role}`]
      const added = await server.users.add(onlyTenant, { email, password, roles: [role] })
      if ('refused' in added && added.refused !== 'email-taken') throw new Error(added.message)
      return signIn(email, password)
    },
    log: () => lines.join(''),
    routes: () => server.routes,
    listeners: () => server.house.live.traces.listeners() + server.house.live.approvals.listeners(),
    pass: (ms) => void (passed += ms),
    sweep: server.sweep,
    until: async (test) => void (await eventually(async () => ((await test()) ? true : undefined))),
    async stop() {
      await server.stop()
      if (rest.folder === undefined) rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** What `look` finds, looked for again and again, for ten seconds at most unless told. */
export async function eventually<T>(look: () => Promise<T | undefined>, seconds = 10): Promise<T> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await setTimeout(10)) {
    const found = await look()
    if (found !== undefined) return found
  }
  throw new Error(`It did not happen within ${seconds} seconds.`)
}

/** A port of this machine where nothing listens. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  return typeof address === 'object' && address ? address.port : 0
}
