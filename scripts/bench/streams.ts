import type { SessionId, TenantId } from '../../packages/core/src/call.ts'
import { isObject, type JsonObject } from '../../packages/core/src/json.ts'
import type { EventFlow } from '../../packages/core/src/pii/stream/event-flow.ts'
import { flowOf, shapeOf, type StreamShape } from '../../packages/core/src/pii/stream/events.ts'
import type { Flow } from '../../packages/core/src/pii/stream/flow.ts'
import { golden } from '../../packages/core/src/pii/stream/golden.sample.ts'
import { maskFlow } from '../../packages/core/src/pii/stream/mask-flow.ts'
import { restoreFlow } from '../../packages/core/src/pii/stream/restore-flow.ts'
import { maskSse, restoreSse } from '../../packages/core/src/pii/stream/sse-events.ts'
import { sseReader, sseText } from '../../packages/core/src/pii/stream/sse.ts'
import { masking, restoring } from '../../packages/core/src/pii/stream/treatment.ts'
import { memoryVault, type Owner, type Vault } from '../../packages/core/src/pii/vault.ts'
import { percentiles } from './percentiles.ts'

const owner: Owner = { tenant: 'bench' as TenantId, principal: 'User::bench', session: 'bench' as SessionId }
const shapes = ['openai-chat', 'openai-responses', 'anthropic-messages', 'ai-sdk'] as const

const prose = 'The parcel left the depot in the morning, and the driver will ring the bell twice before he leaves it with a neighbour. '
const raw = `${prose}Write to jane.doe@example.com or call (555) 123-4567; the card 4111 1111 1111 1111 was charged 42.50 on it. ${prose}`
const said = { text: raw.repeat(4), other: '', reasoning: prose, first: `{"to":"jane.doe@example.com","note":"${prose}"}`, second: '{}' }

/**
 * Streams with and without masking and restoring, side by side: how long until the first text is out, how much text a second one
 * core takes, and how much is held back at most. A piece is four characters, about what a model's token is.
 */
export async function bench(): Promise<Record<string, Record<string, unknown>[]>> {
  const vault = memoryVault()
  const masked = await maskedTexts(vault)
  return {
    'time to first text, ms': await firstTexts(vault, masked),
    'throughput of one core': await throughputs(vault, masked),
    'held back, characters': await holds(vault, masked),
  }
}

async function maskedTexts(vault: Vault): Promise<typeof said> {
  const mask = async (text: string, place: 'text' | 'json') => {
    const flow = maskFlow({ vault, owner, place })
    return (await flow.push(text)) + (await flow.end())
  }
  return { ...said, text: await mask(said.text, 'text'), first: await mask(said.first, 'json') }
}

function bytesOf(events: readonly JsonObject[]): readonly Uint8Array[] {
  const encoder = new TextEncoder()
  return events.map((event) =>
    encoder.encode(sseText({ ...(typeof event['type'] === 'string' && { event: event['type'] }), data: JSON.stringify(event) })),
  )
}

type Bytes = TransformStream<Uint8Array, Uint8Array>

/** Reads and writes events as the treated streams do, and changes nothing: what is measured beside is the treatment alone. */
function relayed(): Bytes {
  const reader = sseReader()
  const encoder = new TextEncoder()
  return new TransformStream({
    transform(bytes, controller) {
      for (const event of reader.push(bytes)) {
        if ('comment' in event) continue
        controller.enqueue(encoder.encode(sseText({ ...event, data: JSON.stringify(JSON.parse(event.data)) })))
      }
    },
  })
}

/** Milliseconds from the first bytes of a response until an event with text came through: by the clock, and of the processor. */
async function firstText(shape: StreamShape, chunks: readonly Uint8Array[], through: Bytes): Promise<readonly [number, number]> {
  const reader = sseReader()
  const start = performance.now()
  const used = process.cpuUsage()
  for await (const bytes of ReadableStream.from(chunks).pipeThrough(through)) {
    for (const event of reader.push(bytes)) {
      const value: unknown = 'comment' in event ? undefined : JSON.parse(event.data)
      if (
        !isObject(value) ||
        shapeOf(shape)
          .read(value)
          .parts.every(({ text }) => text === '')
      )
        continue
      const { user, system } = process.cpuUsage(used)
      return [performance.now() - start, (user + system) / 1000]
    }
  }
  throw new TypeError(`No text came through the stream of \`${shape}\`.`)
}

async function firstTexts(vault: Vault, masked: typeof said): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = []
  for (const shape of shapes) {
    const ways: readonly (readonly [what: string, chunks: readonly Uint8Array[], make: () => Bytes])[] = [
      ['relayed', bytesOf(golden(shape, { ...masked, reasoning: '' }, 4)), relayed],
      ['restored', bytesOf(golden(shape, { ...masked, reasoning: '' }, 4)), () => restoreSse(shape, { vault, owner })],
      ['masked', bytesOf(golden(shape, { ...said, reasoning: '' }, 4)), () => maskSse(shape, { vault, owner })],
    ]
    const times = ways.map((): (readonly [number, number])[] => [])
    for (let turn = 0; turn < 320; turn++) {
      // The ways take turns, so that whatever else the machine does meets all of them.
      for (const [index, [, chunks, make]] of ways.entries()) {
        const time = await firstText(shape, chunks, make())
        if (turn >= 20) times[index]?.push(time)
      }
    }
    const measured = times.map((each) => ({
      ...percentiles(each.map(([clock]) => clock)),
      processor: percentiles(each.map(([, processor]) => processor)),
    }))
    const [without] = measured
    for (const [index, { p50_ms, p99_ms, processor }] of measured.entries()) {
      const more = Math.round((p50_ms - (without?.p50_ms ?? 0)) * 1000) / 1000
      rows.push({
        shape,
        way: ways[index]?.[0],
        p50_ms,
        p99_ms,
        more_p50_ms: more,
        processor_p50_ms: processor.p50_ms,
        processor_p99_ms: processor.p99_ms,
      })
    }
  }
  return rows
}

async function throughputs(vault: Vault, masked: typeof said): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = []
  const flows: readonly (readonly [way: string, text: string, make: () => Flow])[] = [
    ['restored', masked.text, () => restoreFlow({ vault, owner })],
    ['masked', said.text, () => maskFlow({ vault, owner })],
  ]
  for (const [way, text, make] of flows) {
    for (const size of [4, 64, 1_024]) {
      const pieces = cut(text.repeat(10), size)
      const { seconds, rounds } = await timed(async () => {
        const flow = make()
        for (const piece of pieces) await flow.push(piece)
        await flow.end()
      })
      rows.push(rate('text', way, size, (text.length * 10 * rounds) / seconds, (pieces.length * rounds) / seconds))
    }
  }
  for (const shape of shapes) {
    const events = { masked: golden(shape, said, 4), restored: golden(shape, masked, 4) }
    const ways: readonly (readonly ['masked' | 'restored', () => EventFlow])[] = [
      ['restored', () => flowOf(shape, restoring({ vault, owner }))],
      ['masked', () => flowOf(shape, masking({ vault, owner }))],
    ]
    for (const [way, make] of ways) {
      const { seconds, rounds } = await timed(async () => {
        const flow = make()
        for (const event of events[way]) await flow.push(event)
        await flow.end()
      })
      const text = (way === 'masked' ? said : masked).text.length
      rows.push(rate(shape, way, 4, (text * rounds) / seconds, (events[way].length * rounds) / seconds))
    }
  }
  return rows
}

function rate(what: string, way: string, piece: number, characters: number, pieces: number): Record<string, unknown> {
  return { what, way, piece, mb_per_s: Math.round(characters / 1e4) / 100, pieces_per_s: Math.round(pieces) }
}

function cut(text: string, size: number): readonly string[] {
  return Array.from({ length: Math.ceil(text.length / size) }, (_, at) => text.slice(at * size, (at + 1) * size))
}

/** At least half a second of it, by the processor's time: whatever else the machine does is left out. */
async function timed(work: () => Promise<void>): Promise<{ seconds: number; rounds: number }> {
  await work()
  const spent = (since?: NodeJS.CpuUsage) => {
    const { user, system } = process.cpuUsage(since)
    return (user + system) / 1e6
  }
  const start = process.cpuUsage()
  let rounds = 0
  while (rounds === 0 || spent(start) < 0.5) {
    await work()
    rounds++
  }
  return { seconds: spent(start), rounds }
}

/** The most that is held back after a piece, in texts that are hard on it; and how much text there must be before any is out. */
async function holds(vault: Vault, masked: typeof said): Promise<Record<string, unknown>[]> {
  const key = `sk-ant-api03-${'aB3dE6gH9jK2mN5pQ8'.repeat(6)}`
  const block = `-----BEGIN PRIVATE KEY-----\n${'MIIEvQIBADANBgkqhkiG'.repeat(80)}\n-----END PRIVATE KEY-----`
  const restoredTexts: readonly (readonly [text: string, of: string])[] = [
    ['prose with tokens', masked.text],
    ['every spelling', '&lt; CREDIT\\_CARD_1 &gt; \\<SSN\\_1\\> \\u003cSSN_1\\u003e < SSN_1 > %3CSSN_1%3E <'.repeat(20)],
    ['nearly tokens', `<${'A'.repeat(31)}_${'B'.repeat(31)}_1 &lt;${'C'.repeat(60)} \\\\u003cX_`.repeat(20)],
  ]
  const maskedTexts: readonly (readonly [text: string, of: string])[] = [
    ['prose', prose.repeat(10)],
    ['prose with personal data', said.text],
    ['digits', '1234567890'.repeat(100)],
    ['a word that is no key', 'x'.repeat(4_000)],
    ['a key', `the key is ${key} and so on`],
    ['a private key', `the key is ${block} and so on`],
  ]
  const rows: Record<string, unknown>[] = []
  for (const [text, of] of restoredTexts) {
    rows.push(await held('restored', text, of, restoreFlow({ vault, owner, unknownToken: 'best_effort' })))
  }
  for (const [text, of] of maskedTexts) rows.push(await held('masked', text, of, maskFlow({ vault, owner })))
  return rows
}

async function held(way: string, text: string, of: string, flow: Flow): Promise<Record<string, unknown>> {
  let most = 0
  let before = 0
  let first = -1
  for (const char of of) {
    const out = await flow.push(char)
    before += char.length
    if (first < 0 && out !== '') first = before
    most = Math.max(most, flow.held())
  }
  await flow.end()
  return { way, text, characters: of.length, most, 'read when the first is out': first < 0 ? before : first }
}
