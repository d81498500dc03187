import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Call, CallId, PrincipalId, SessionId, TenantId, ToolFacts } from '../../packages/core/src/call.ts'
import type { JsonObject } from '../../packages/core/src/json.ts'
import { createDetector, detectInTurns, type Detector } from '../../packages/core/src/pii/detect.ts'
import { defaultKinds, nameKinds, patternKinds } from '../../packages/core/src/pii/kinds.ts'
import { pii } from '../../packages/core/src/pii/mask.ts'
import { memoryVault } from '../../packages/core/src/pii/vault.ts'

type Rows = Record<string, unknown>[]

const names: ReadonlySet<string> = new Set(nameKinds)
const patterns = createDetector({ kinds: defaultKinds.filter((kind) => !names.has(kind)) })
const everything = createDetector({ kinds: [...patternKinds, ...nameKinds] })

const prose =
  'Yesterday the committee met in the small hall to talk about the new library. It was agreed that the shelves should be moved before the rain comes, and that somebody had to ask the carpenter. '
const code = 'export function sum(values: readonly number[]): number {\n  return values.reduce((total, each) => total + each, 0)\n}\n'
const dense = 'Ann Lee, 123-45-6789, ann.lee@example.org, (555) 123-4567, 4111 1111 1111 1111, 12 Mill Road, 192.168.1.20; '

/** Texts that make a careless detector slow: their time must grow with their length and no faster. */
const hard: readonly (readonly [name: string, make: (length: number) => string])[] = [
  ['prose', (length) => prose.repeat(length / prose.length + 1).slice(0, length)],
  ['code', (length) => code.repeat(length / code.length + 1).slice(0, length)],
  ['personal data throughout', (length) => dense.repeat(length / dense.length + 1).slice(0, length)],
  ['one run of digits', (length) => '1'.repeat(length)],
  ['digits and gaps', (length) => '1 '.repeat(length / 2)],
  ['nested brackets', (length) => '[{('.repeat(length / 3)],
  ['no space at all', (length) => 'a1-b2_c3.'.repeat(length / 9 + 1).slice(0, length)],
  ['signs of addresses', (length) => 'a@b.'.repeat(length / 4)],
  ['colons', (length) => 'a:'.repeat(length / 2)],
  ['capitals', (length) => 'Aa Bb '.repeat(length / 6)],
  ['beginnings of keys', (length) => '-----BEGIN PRIVATE KEY-----\n'.repeat(length / 28)],
  ['assignments', (length) => 'token=a1 '.repeat(length / 9)],
  ['house numbers', (length) => '12 Aa 34 '.repeat(length / 9)],
]

const sizes = [125_000, 250_000, 500_000, 1_000_000]

/** Of processor time, so that what else the machine does, does not count. */
function milliseconds(detect: Detector, text: string): number {
  const times = [0, 1, 2].map(() => {
    const before = process.cpuUsage()
    detect(text)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  })
  return Math.min(...times)
}

/** `growth`: how time grows when the text grows eightfold, as a power of its length; 1 is linear, 2 would be quadratic. */
function against(detect: Detector): Rows {
  return hard.map(([text, make]) => {
    const times = sizes.map((size) => milliseconds(detect, make(size)))
    const [least = 1] = times
    const most = times.at(-1) ?? 1
    return {
      text,
      ...Object.fromEntries(sizes.map((size, index) => [`${size / 1000} kB, ms`, round(times[index] ?? 0)])),
      'MB/s': round(1000 / most),
      growth: round(Math.log(most / least) / Math.log(8)),
    }
  })
}

/**
 * Does something while a timer watches how long others had to wait: `longest wait` by the clock, which on a busy machine counts
 * the work of other programs too, and `longest hold` by this program's own processor time between two turns of the timer.
 */
async function watched(what: string, work: () => Promise<number>): Promise<Record<string, unknown>> {
  const delays = monitorEventLoopDelay({ resolution: 1 })
  delays.enable()
  const start = performance.now()
  let hold = 0
  let last = process.cpuUsage()
  const watch = setInterval(() => {
    const { user, system } = process.cpuUsage(last)
    hold = Math.max(hold, user + system)
    last = process.cpuUsage()
  }, 1)
  const found = await work()
  const took = performance.now() - start
  await new Promise((resolve) => setTimeout(resolve, 20))
  clearInterval(watch)
  delays.disable()
  return {
    what,
    found,
    'took, ms': round(took),
    'longest hold, ms': round(hold / 1000),
    'longest wait, ms': round(delays.max / 1e6),
    'p99 wait, ms': round(delays.percentile(99) / 1e6),
  }
}

const tool: ToolFacts = { name: 'bench', digest: '', effect: 'execute', boundary: 'external', arguments: {} }

function callOf(input: JsonObject): Call {
  const tenant = 'bench' as TenantId
  const principal = { id: 'Agent::bench' as PrincipalId, tenant, roles: [], mfa: false }
  return { id: 'c' as CallId, tenant, principal, session: 's' as SessionId, tool, action: 'bench', resource: '', input, context: {} }
}

async function masked(input: JsonObject): Promise<number> {
  const room = pii({ vault: memoryVault() })
  const { facts } = await room.mask(callOf(input), { now: 0, earlier: [], signal: new AbortController().signal })
  return Number(facts?.pii_count ?? 0)
}

/** Speed and growth of detection, and how long a big document keeps others waiting. */
export async function bench(): Promise<Record<string, Rows>> {
  everything('John Smith')
  const ten = (dense + prose.repeat(50)).repeat(Math.ceil(10_000_000 / (dense.length + prose.length * 50))).slice(0, 10_000_000)
  const document = { text: ten }
  const rows = {
    items: Array.from({ length: 100_000 }, (_, index) =>
      index % 500 === 0 ? `mail ann${index}@example.org` : `item ${index} of the list`,
    ),
  }
  return {
    'patterns, time against size': against(patterns),
    'all layers, time against size': against(everything),
    'how long others wait': [
      await watched(
        '10 MB text, found by patterns',
        async () => (await detectInTurns(ten, { kinds: defaultKinds.filter((kind) => !names.has(kind)) })).length,
      ),
      await watched(
        '10 MB text, found by all layers',
        async () => (await detectInTurns(ten, { kinds: [...defaultKinds, ...nameKinds] })).length,
      ),
      await watched('10 MB text, masked', () => masked(document)),
      await watched('100,000 texts, masked', () => masked(rows)),
    ],
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
