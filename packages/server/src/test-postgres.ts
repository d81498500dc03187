import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import postgres from 'postgres'
import { freePort } from './test-server.ts'

/** A PostgreSQL of a test's own, on a free port of this machine. */
export interface TestPostgres {
  /** The address of a new, empty database. */
  readonly fresh: () => Promise<string>
  /** The address of a copy of a database that nobody is connected to. */
  readonly copy: (url: string) => Promise<string>
  /** Runs SQL in a database, past every rule of the store. */
  readonly edit: (url: string, sql: string) => Promise<void>
  /** Ends it as a crash would, or quietly; `start` brings it back with what was durable. */
  readonly halt: (how: 'crash' | 'stop') => Promise<void>
  readonly start: (...settings: readonly string[]) => Promise<void>
  /** Has it ended and its files removed, soon. */
  readonly stop: () => Promise<void>
}

/** Where the programs of PostgreSQL are, if they are installed. */
export function postgresPrograms(path = ''): string | undefined {
  const debian = globSync('/usr/lib/postgresql/*/bin').toSorted((one, other) => Number(other.split('/')[4]) - Number(one.split('/')[4]))
  return [...path.split(delimiter), ...debian].find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')))
}

/** Nobody: PostgreSQL does not run as root. */
const nobody = 65_534

/** Makes and starts one that syncs what it acknowledges, like any in production. It ends with this process, however that ends. */
export async function startTestPostgres(programs: string): Promise<TestPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'agentgate-postgres-'))
  const root = process.getuid?.() === 0
  const as = root ? { uid: nobody, gid: nobody } : {}
  if (root) chownSync(folder, nobody, nobody)
  const data = join(folder, 'data')
  const made = spawnSync(
    join(programs, 'initdb'),
    ['-D', data, '-U', 'agentgate', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    {
      ...as,
      cwd: folder,
      encoding: 'utf8',
    },
  )
  if (made.status !== 0) throw new Error(`PostgreSQL could not be made: ${made.stderr}`)
  const port = await freePort()
  const url = (database: string) => `postgres://agentgate@127.0.0.1:${port}/${database}`
  let running: ChildProcess | undefined
  let count = 0

  // Whoever reads a pipe whose other end is gone knows that the test is over, however it ended.
  // What is removed needs no last checkpoint, which syncs every file of every database.
  const guard = `dir=$1; shift; "$@" & pid=$!; read -r word
    if [ "$word" = keep ]; then kill -INT $pid; wait $pid; else kill -QUIT $pid; wait $pid; rm -rf "$dir"; fi 2>/dev/null`

  async function start(...settings: readonly string[]): Promise<void> {
    const set = [
      `port=${port}`,
      'listen_addresses=127.0.0.1',
      'unix_socket_directories=',
      'max_connections=200',
      'jit=off',
      'recovery_init_sync_method=syncfs',
      ...settings,
    ]
    const command = [join(programs, 'postgres'), '-D', data, ...set.flatMap((each) => ['-c', each])]
    running = spawn('/bin/sh', ['-c', guard, 'sh', folder, ...command], {
      ...as,
      cwd: folder,
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    running.stdin?.on('error', () => undefined)
    for (const end = Date.now() + 30_000; !(await answers()); await setTimeout(20))
      if (Date.now() > end) throw new Error('PostgreSQL did not start within 30 seconds.')
  }

  async function answers(): Promise<boolean> {
    return edit(url('postgres'), 'select 1').then(
      () => true,
      () => false,
    )
  }

  async function edit(at: string, sql: string): Promise<void> {
    const client = postgres(at, { max: 1, connect_timeout: 5, onnotice: () => undefined })
    try {
      await client.unsafe(sql).simple()
    } finally {
      await client.end({ timeout: 1 })
    }
  }

  async function rest(): Promise<void> {
    const child = running
    running = undefined
    if (!child || child.exitCode !== null) return
    const ended = once(child, 'exit')
    child.stdin?.end('keep\n')
    await ended
  }

  await start()
  return {
    edit,
    start,
    async fresh() {
      const name = `test_${++count}`
      await edit(url('postgres'), `create database ${name}`)
      return url(name)
    },
    async copy(from) {
      const name = `test_${++count}`
      await edit(url('postgres'), `create database ${name} template ${new URL(from).pathname.slice(1)}`)
      return url(name)
    },
    async halt(how) {
      const [pid] = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')
      if (how === 'crash') process.kill(Number(pid), 'SIGQUIT')
      await rest()
    },
    async stop() {
      // Its guard ends it and removes a gigabyte or two, which nobody waits for.
      if (running?.exitCode === null) running.stdin?.end('remove\n')
      else rmSync(folder, { recursive: true, force: true })
      running?.unref()
      running = undefined
    },
  }
}
