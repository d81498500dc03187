import { verifyConsistency } from '@agentgate/core'
import { newFolder, removeFolder, serve, type Served } from './process/served.ts'

/** Kills the server under load, again and again: what it acknowledged must be there, in a tree that only grew. */
export async function bench(kills = 20) {
  const folder = newFolder()
  const acknowledged = new Map<string, 'decided' | 'settled'>()
  let before: { size: number; root: string } | undefined
  const row = { kills, acknowledged: 0, lost: 0, unsettled_after: 0, broken_trees: 0, broken_chains: 0 }
  try {
    for (let kill = 0; kill <= kills; kill++) {
      const served = await serve(folder)
      await check(served)
      if (kill === kills) {
        await served.end('SIGTERM')
        break
      }
      const input = { type: 'object', properties: { text: { type: 'string' } } }
      await served.client.tools.put({
        params: { name: 'work' },
        query: {},
        body: { input, effect: 'execute', arguments: { text: 'prose' } },
      })
      const load = Array.from({ length: 16 }, (_, index) => work(served, acknowledged, `${kill}-${index}`))
      await new Promise((resolve) => setTimeout(resolve, 300 + Math.random() * 700))
      await served.end('SIGKILL')
      await Promise.all(load)
    }
    row.acknowledged = acknowledged.size
    return { rows: [row] }
  } finally {
    removeFolder(folder)
  }

  async function check({ client }: Served): Promise<void> {
    const { size, root } = await client.evidence.checkpoint()
    if (before) {
      const { hashes } = await client.evidence.consistency({ query: { from: before.size, to: size } })
      const grew = await verifyConsistency({ older: before.size, olderRoot: before.root, size, root }, hashes)
      if (!grew) row.broken_trees++
    }
    if (!(await client.evidence.verifyChain()).valid) row.broken_chains++
    for (const [id, state] of acknowledged) {
      const found = await client.traces.get({ params: { id } }).catch(() => undefined)
      if (!found) row.lost++
      else if (state === 'settled' && found.trace.status === 'running') row.unsettled_after++
    }
    before = { size, root }
  }
}

/** Decides and settles until the server is gone, and notes what it was told. */
async function work({ client }: Served, acknowledged: Map<string, 'decided' | 'settled'>, name: string): Promise<void> {
  for (let n = 0; ; n++) {
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
