import { decisionIn } from '@agentgate/api'
import { api } from '../../app/client.ts'
import { bundleBytes } from './bundle.ts'
import { type Packed, tar } from './tar.ts'

/** The most entries that a browser takes home at once; for more there is `agentgate evidence export`. */
export const mostEntries = 20_000

export interface Progress {
  readonly done: number
  readonly of: number
}

/** A period as the archive of a folder that `agentgate evidence verify` reads. Says how far it is; throws a `RangeError` for too much. */
export async function exported(
  { from, to }: { readonly from: string; readonly to: string },
  { say, signal }: { readonly say: (progress: Progress) => void; readonly signal: AbortSignal },
): Promise<Blob> {
  const [period, keys] = await Promise.all([api.evidence.period({ query: { from, to }, signal }), api.evidence.keys({ signal })])
  const { first, end } = period
  if (end - first > mostEntries)
    throw new RangeError(
      `The period has ${end - first} entries, and a browser takes ${mostEntries} at once: use \`agentgate evidence export\`, or a shorter period.`,
    )
  const lines: string[] = []
  const bundles: Packed[] = []
  for (let at = first; at < end; ) {
    const { items } = await api.evidence.entries({ query: { from: at, to: Math.min(end, at + 100) }, signal })
    if (items.length === 0) throw new RangeError(`The server does not have entry ${at}, which the period has: check its audit chain.`)
    for (const entry of items) {
      lines.push(`${JSON.stringify(entry)}\n`)
      const id = entry.type === 'decision' ? decisionIn(entry.body) : undefined
      if (id !== undefined)
        bundles.push({ name: `period/bundles/${id}.agentgate.json`, text: new TextDecoder().decode(await bundleBytes(id)) })
      signal.throwIfAborted()
      say({ done: ++at - first, of: end - first })
    }
  }
  return tar(
    [
      { name: 'period/period.json', text: `${JSON.stringify(period, undefined, 2)}\n` },
      { name: 'period/keys.json', text: JSON.stringify(keys, undefined, 2) },
      { name: 'period/entries.ndjson', text: lines.join('') },
      ...bundles,
    ],
    Date.now(),
  )
}
