import autocannon from 'autocannon'
import { newFolder, removeFolder, serve } from './process/served.ts'

/** Decisions per second over HTTP, durable and signed, on the embedded store: `POST /api/calls` from 1 to 64 connections. */
export async function bench() {
  const folder = newFolder()
  const { url, token, client, end } = await serve(folder)
  try {
    const input = { type: 'object', properties: { message: { type: 'string' } } }
    await client.tools.put({ params: { name: 'echo' }, query: {}, body: { input, effect: 'read', arguments: { message: 'prose' } } })
    const body = JSON.stringify({ action: 'echo', input: { message: 'Order 17 is ready' } })
    const decide = (connections: number, duration: number) =>
      autocannon({
        url: `${url}/api/calls`,
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body,
        connections,
        duration,
      })
    await decide(8, 2)
    const rows = []
    for (const connections of [1, 16, 64]) {
      const { requests, latency, non2xx, errors } = await decide(connections, 5)
      rows.push({
        connections,
        decisions_per_second: Math.round(requests.average),
        p50_ms: latency.p50,
        p99_ms: latency.p99,
        failed: non2xx + errors,
      })
    }
    return { rows }
  } finally {
    await end('SIGTERM')
    removeFolder(folder)
  }
}
