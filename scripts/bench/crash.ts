import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { verifyConsistency } from '@agentgate/core'
import { postgresPrograms, startTestPostgres } from '../../packages/server/src/test-postgres.ts'
import { newFolder, removeFolder, serve, type Served } from './process/served.ts'

type Told = Map<string, 'decided' | 'settled'>

/** Kills servers under load, again and again, on each store: what they acknowledged must be there, in a tree that only grew. */
export async function bench(kills = 20) {
  const rows = [await crash('embedded, one server', kills, 1, {})]
  const programs = postgresPrograms(process.env['PATH'])
  if (!programs) {
    console.error('SKIPPED: PostgreSQL is not installed, so nothing is known of what a crash does there.')
    return { rows }
  }
  const database = await startTestPostgres(programs)
  try {
    const key = () => randomBytes(32).toString('base64')
    const keys = {
      AGENTGATE_DECISION_SIGNING_KEY: key(),
      AGENTGATE_AUDIT_KEY: key(),
      AGENTGATE_COMMITMENT_KEY: key(),
      PII_VAULT_KEY: key(),
      SECRET_KEY: key(),
    }
    const shared = { ...keys, DATABASE_URL: await database.fresh(), AGENTGATE_URL: 'https://gate.bench.example' }
    rows.push(await crash('PostgreSQL, three servers', kills, 3, shared))
    return { rows }
  } finally {
    await database.stop()
  }
}

async function crash(store: string, kills: number, many: number, env: { readonly [name: string]: string }) {
  const folder = newFolder()
  const acknowledged: Told = new Map()
  let before: { size: number; root: string } | undefined
  const row = { store, kills, acknowledged: 0, entries: 0, lost: 0, unsettled_after: 0, broken_trees: 0, broken_chains: 0 }
  const start = (at: number) => serve(join(folder, `${at}`), env)
  const servers = await Promise.all(Array.from({ length: many }, (_, at) => start(at)))
  try {
    const input = { type: 'object', properties: { text: { type: 'string' } } }
    const body = { input, effect: 'execute', arguments: { text: 'prose' } } as const
    await servers[0]?.client.tools.put({ params: { name: 'work' }, query: {}, body })
    for (let kill = 0; kill < kills; kill++) {
      let over = false
      const callers = servers.flatMap((served, at) =>
        Array.from({ length: Math.ceil(16 / many) }, (_, n) => ({ served, name: `${kill}-${at}-${n}` })),
      )
      const load = callers.map(({ served, name }) => work(served, acknowledged, name, () => over))
      await busy(acknowledged)
      const victim = kill % many
      await servers[victim]?.end('SIGKILL')
      over = true
      await Promise.all(load)
      servers[victim] = await start(victim)
      for (const served of servers) await grown(served)
    }
    for (const { client } of servers) if (!(await client.evidence.verifyChain()).valid) row.broken_chains++
    const [first] = servers
    for (const [id, state] of acknowledged) {
      const found = await first?.client.traces.get({ params: { id } }).catch(() => undefined)
      if (!found) row.lost++
      else if (state === 'settled' && found.trace.status === 'running') row.unsettled_after++
    }
    row.acknowledged = acknowledged.size
    row.entries = before?.size ?? 0
    return row
  } finally {
    for (const served of servers) await served.end('SIGTERM')
    removeFolder(folder)
  }

  async function grown({ client }: Served): Promise<void> {
    const { size, root } = await client.evidence.checkpoint()
    if (before) {
      const { hashes } = await client.evidence.consistency({ query: { from: before.size, to: size } })
      if (!(await verifyConsistency({ older: before.size, olderRoot: before.root, size, root }, hashes))) row.broken_trees++
    }
    before = { size, root }
  }
}

/** Waits until some calls more are acknowledged, a different number each time; half a minute at most. */
async function busy(acknowledged: Told): Promise<void> {
  const enough = acknowledged.size + 30 + Math.random() * 60
  for (const end = performance.now() + 30_000; acknowledged.size < enough && performance.now() < end; )
    await new Promise((resolve) => setTimeout(resolve, 5))
}

/** Decides and settles until the server is gone or it is over, and notes what it was told. */
async function work({ client }: Served, acknowledged: Told, name: string, over: () => boolean): Promise<void> {
  for (let n = 0; !over(); n++) {
    try {
      const { id } = await client.calls.decide({ body: { action: 'work', input: { text: `Order ${name} ${n} is ready` } } })
      acknowledged.set(id, 'decided')
      await client.calls.outcome({ params: { id }, body: { status: 'succeeded', output: n } })
      acknowledged.set(id, 'settled')
    } catch {
      return
    }
  }
}
