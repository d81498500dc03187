import { createReadStream } from 'node:fs'
import { appendFile, mkdir, readdir, readFile, rename, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { type Client, decisionIn, ledgerEntry, period as periodShape, type WirePeriod } from '@agentgate/api'
import { canonical, freeze, type Trusted, verifyBundle, verifyPeriod } from '@agentgate/core'
import { type Output, Trouble } from './output.ts'

/** The folder of an export: the period, its entries a line each, the bundle of each decision, and the keys of the server as hints. */
const parts = { period: 'period.json', entries: 'entries.ndjson', bundles: 'bundles', keys: 'keys.json' } as const
const page = 500

/** Whether a folder is what `exportPeriod` writes. */
export async function isExport(folder: string): Promise<boolean> {
  return stat(join(folder, parts.period)).then(
    (found) => found.isFile(),
    () => false,
  )
}

/**
 * Writes a period of the ledger into a folder, and says how far it is. Begun again in the same folder it goes on where it stopped;
 * a folder of another period is `Trouble`. It ends now unless `to` is given.
 */
export async function exportPeriod(
  client: Client,
  { from, to, folder, say }: { readonly from: string; readonly to?: string; readonly folder: string; readonly say: Output },
): Promise<{ readonly entries: number; readonly bundles: number; readonly folder: string }> {
  await mkdir(join(folder, parts.bundles), { recursive: true })
  const { first, end } = await begun(client, { from, to, folder })
  const file = join(folder, parts.entries)
  for (let at = first + (await wholeLines(file)); at < end; ) {
    const { items } = await client.evidence.entries({ query: { from: at, to: Math.min(end, at + page) } })
    if (items.length === 0) throw new Trouble(`The server does not have entry ${at}, which the period has: verify its audit chain.`)
    await appendFile(file, items.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
    at += items.length
    say(`${at - first} of ${end - first} entries`)
  }
  const here = new Set(await readdir(join(folder, parts.bundles)))
  let bundles = 0
  for await (const { type, body } of entriesIn(folder)) {
    if (type !== 'decision') continue
    const id = decisionIn(body)
    if (id === undefined) continue
    const name = `${id}.agentgate.json`
    bundles++
    if (here.has(name)) continue
    await whole(join(folder, parts.bundles, name), canonical(freeze(await client.evidence.bundle({ params: { id } }))))
    if (bundles % 100 === 0) say(`${bundles} bundles`)
  }
  return { entries: end - first, bundles, folder }
}

/** The period of the folder; where there is none yet, as the server says it is now. */
async function begun(
  client: Client,
  { from, to, folder }: { readonly from: string; readonly to?: string | undefined; readonly folder: string },
): Promise<WirePeriod> {
  if (await isExport(folder)) {
    const known = await periodIn(folder)
    if (known.from === from && (to === undefined || known.to === to)) return known
    throw new Trouble(`\`${folder}\` holds the period ${known.from} to ${known.to}: go on with that one, or name another folder.`)
  }
  const [period, keys] = await Promise.all([
    client.evidence.period({ query: { from, to: to ?? new Date().toISOString() } }),
    client.evidence.keys(),
  ])
  await whole(join(folder, parts.keys), JSON.stringify(keys, undefined, 2))
  await writeFile(join(folder, parts.entries), '')
  await whole(join(folder, parts.period), `${JSON.stringify(period, undefined, 2)}\n`)
  return period
}

/**
 * Checks an export against pinned keys, without any network, and prints each check by name: the period, then that each of its
 * decisions has its bundle, and each bundle by itself. Answers the exit code.
 */
export async function verifyExport(folder: string, trust: readonly Trusted[], print: Output): Promise<number> {
  const period: unknown = JSON.parse(await readFile(join(folder, parts.period), 'utf8').catch(() => 'null'))
  const { code, checks, decisions } = await verifyPeriod(period, entriesIn(folder), trust, await hintsIn(folder))
  for (const { name, ok, detail } of checks) print(`${ok ? 'pass' : 'FAIL'}  ${name.padEnd(22)} ${detail}`)
  const wrong: string[] = []
  for (const [id, index] of decisions) {
    const bytes = await readFile(join(folder, parts.bundles, `${id}.agentgate.json`)).catch(() => undefined)
    const found = bytes && (await verifyBundle(bytes, trust))
    if (!found?.valid || found.certificate?.decision_id !== id)
      wrong.push(`entry ${index}, ${id}: ${bytes ? (found?.code ?? '') : 'missing'}`)
  }
  const good = wrong.length === 0
  print(
    `${good ? 'pass' : 'FAIL'}  ${'bundles'.padEnd(22)} ${good ? `${decisions.size} bundles, each valid by itself.` : `${wrong.length} of ${decisions.size}: ${wrong.slice(0, 5).join('; ')}`}`,
  )
  print('')
  print(said[code === 'valid' && !good ? 'invalid' : code])
  return code === 'valid' && good ? 0 : 1
}

const said = {
  valid: 'VALID: these are all entries of the period, as the signed tree has them.',
  invalid: 'INVALID: a check failed. Do not rely on this evidence.',
  'untrusted-key': 'UNTRUSTED: no pinned key signed this. Nothing it says is known to be true.',
  refused: 'REFUSED: this is not an export of a period.',
} as const

async function periodIn(folder: string): Promise<WirePeriod> {
  const read = periodShape.safeParse(await json(join(folder, parts.period)))
  if (read.success) return read.data
  throw new Trouble(`\`${join(folder, parts.period)}\` holds no period: name another folder.`)
}

/** The public keys that the export came with: they complete pinned fingerprints, and are not trusted themselves. */
async function hintsIn(folder: string): Promise<Uint8Array<ArrayBuffer>[]> {
  const found = await json(join(folder, parts.keys)).catch(() => undefined)
  const keys = typeof found === 'object' && found !== null && 'keys' in found && Array.isArray(found.keys) ? found.keys : []
  return keys.flatMap((key: { x?: unknown } | null) => {
    const raw = typeof key?.x === 'string' ? new Uint8Array(Buffer.from(key.x, 'base64url')) : undefined
    return raw?.length === 32 ? [raw] : []
  })
}

async function json(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8'))
}

/** The entries of an export, one by one. Ends before the first line that is none. */
async function* entriesIn(folder: string) {
  const lines = createInterface({ input: createReadStream(join(folder, parts.entries)), crlfDelay: Number.POSITIVE_INFINITY })
  for await (const line of lines) {
    const read = ledgerEntry.safeParse(parsed(line))
    if (!read.success) return
    yield read.data
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** How many whole lines a file has; what follows the last of them was cut off by an interruption, and is taken away. */
async function wholeLines(file: string): Promise<number> {
  let lines = 0
  let bytes = 0
  let last = 0
  for await (const chunk of createReadStream(file)) {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) {
      lines++
      last = bytes + at + 1
    }
    bytes += chunk.length
  }
  if (last < bytes) await truncate(file, last)
  return lines
}

/** Writes a file as a whole or not at all. */
async function whole(file: string, text: string): Promise<void> {
  await writeFile(`${file}.part`, text)
  await rename(`${file}.part`, file)
}
