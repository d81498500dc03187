import { Agent, piiVault, rateLimiter, validator } from 'agentgate'
import { z } from 'zod'
import { percentiles } from './percentiles.ts'

/** Decisions per second of a whole governed call in this process: masked, judged, signed, recorded, settled. */
export async function bench() {
  const agent = new Agent({
    controls: [piiVault(), validator(), rateLimiter({ maxCalls: 1_000_000, window: '1h' })],
  })
  const echo = agent.tool({ name: 'echo', input: z.object({ message: z.string() }), effect: 'read', execute: ({ message }) => message })
  const calls = async (count: number, at: (ms: number) => void) => {
    for (let n = 0; n < count; n++) {
      const from = performance.now()
      await echo({ message: `Order ${n} is for ada@example.com` })
      at(performance.now() - from)
    }
  }
  await calls(500, () => undefined)
  const times: number[] = []
  const from = performance.now()
  await calls(3_000, (ms) => times.push(ms))
  return {
    rows: [
      {
        what: 'governed calls in process, one after another',
        per_second: Math.round((3_000 / (performance.now() - from)) * 1000),
        ...percentiles(times),
      },
    ],
  }
}
