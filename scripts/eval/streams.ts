import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { SessionId, TenantId } from '../../packages/core/src/call.ts'
import { isObject, type JsonObject } from '../../packages/core/src/json.ts'
import { defaultKinds, patternKinds } from '../../packages/core/src/pii/kinds.ts'
import { maskStream, restoreStream } from '../../packages/core/src/pii/stream.ts'
import type { EventFlow } from '../../packages/core/src/pii/stream/event-flow.ts'
import { flowOf, shapeOf, type StreamShape } from '../../packages/core/src/pii/stream/events.ts'
import { restoreSse } from '../../packages/core/src/pii/stream/sse-events.ts'
import { sseReader } from '../../packages/core/src/pii/stream/sse.ts'
import { masking, restoring } from '../../packages/core/src/pii/stream/treatment.ts'
import { memoryVault, type Owner, type Vault } from '../../packages/core/src/pii/vault.ts'
import { type Evaluated, read } from './pii-rows.ts'

export const sets = ['streams'] as const

const owner: Owner = { tenant: 'eval' as TenantId, principal: 'User::eval', session: 'eval' as SessionId }

/**
 * Texts cut into chunks in several ways, by themselves and as the deltas of three providers and the AI SDK: masked the same for every cut, and
 * restored to what they were. And recorded streams of providers, as they came: masked and restored they say what they said, and
 * restored where nothing is masked they are untouched.
 */
export async function evaluate(folder: string): Promise<Evaluated[]> {
  return [await texts(folder), await recorded(folder)]
}

async function texts(folder: string): Promise<Evaluated> {
  let passed = 0
  let failed = 0
  const counts = { masked: 0, same: 0, back: 0, events: 0 }
  const rows = read(folder, 'streams')
  for (const { text, chunks_o200k, chunks_small } of rows) {
    const cuts = [chunks_o200k, chunks_small, Array.from(text)]
    let same = true
    let back = true
    for (const kinds of [defaultKinds, patternKinds]) {
      const vault = memoryVault()
      const mask = (chunks: readonly string[]) => through(maskStream({ vault, owner, kinds }), chunks)
      const restore = (chunks: readonly string[]) => through(restoreStream({ vault, owner }), chunks)
      const whole = await mask([text])
      if (whole !== text && kinds === defaultKinds) counts.masked++
      for (const each of await Promise.all(cuts.map(mask))) same &&= each === whole
      for (const each of await Promise.all([[whole], Array.from(whole), whole.split(/(?<=[<_\d])/)].map(restore))) back &&= each === text
    }
    const events = (await Promise.all(cuts.slice(0, 2).map((chunks) => asEvents(text, chunks)))).every(Boolean)
    if (same) counts.same++
    if (back) counts.back++
    if (events) counts.events++
    if (same && back && events) passed++
    else failed++
  }
  return {
    set: 'streams',
    passed,
    failed,
    rows: [
      { what: 'texts with something to mask', rows: rows.length, hold: counts.masked },
      { what: 'masked the same for every cut', rows: rows.length, hold: counts.same },
      { what: 'restored for every cut', rows: rows.length, hold: counts.back },
      { what: 'the same as deltas of three providers', rows: rows.length, hold: counts.events },
    ],
    must: true,
    ok: failed === 0,
  }
}

async function through(stream: TransformStream<string, string>, chunks: readonly string[]): Promise<string> {
  let out = ''
  for await (const chunk of ReadableStream.from(chunks).pipeThrough(stream)) out += chunk
  return out
}

const deltas: Record<StreamShape, (delta: string) => JsonObject> = {
  'openai-chat': (content) => ({ choices: [{ index: 0, delta: { content }, finish_reason: null }] }),
  'openai-responses': (delta) => ({ type: 'response.output_text.delta', output_index: 0, content_index: 0, delta }),
  'anthropic-messages': (text) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
  'ai-sdk': (delta) => ({ type: 'text-delta', id: '0', delta }),
}
const ends: Record<StreamShape, JsonObject> = {
  'openai-chat': { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
  'openai-responses': { type: 'response.output_item.done', output_index: 0 },
  'anthropic-messages': { type: 'content_block_stop', index: 0 },
  'ai-sdk': { type: 'text-end', id: '0' },
}

/** Whether the text comes back from every provider's deltas, masked and restored, and is the same masked as in one piece. */
async function asEvents(text: string, chunks: readonly string[]): Promise<boolean> {
  for (const shape of ['openai-chat', 'openai-responses', 'anthropic-messages', 'ai-sdk'] as const) {
    const vault = memoryVault()
    const events = [...chunks.map(deltas[shape]), ends[shape]]
    const masked = await pushed(flowOf(shape, masking({ vault, owner })), events)
    const restored = await pushed(flowOf(shape, restoring({ vault, owner })), masked)
    const whole = await through(maskStream({ vault, owner }), [text])
    if ([...said(shape, masked).values()].join('') !== whole || [...said(shape, restored).values()].join('') !== text) return false
  }
  return true
}

async function pushed(flow: EventFlow, events: readonly JsonObject[]): Promise<readonly JsonObject[]> {
  const out: JsonObject[] = []
  for (const event of events) out.push(...(await flow.push(event)))
  return [...out, ...(await flow.end())]
}

/** What the deltas of a stream add up to, text by text. */
function said(shape: StreamShape, events: readonly JsonObject[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  for (const event of events) {
    for (const { channel, text } of shapeOf(shape).read(event).parts) texts.set(channel, (texts.get(channel) ?? '') + text)
  }
  return texts
}

interface Recorded {
  readonly id: string
  readonly provider?: string
  readonly endpoint?: string
  readonly stream?: boolean
  readonly kind?: string
  readonly chunks?: readonly unknown[]
  readonly response?: { readonly body?: unknown }
}

async function recorded(folder: string): Promise<Evaluated> {
  const streams: { readonly shape: StreamShape; readonly events: readonly JsonObject[]; readonly bytes?: Uint8Array }[] = []
  for (const { kind, chunks } of lines(folder, 'traffic/fixtures_vercel')) {
    const events = (chunks ?? []).map(opened).filter(isObject)
    const shape = shapeOfEvents(events)
    if (kind === 'stream' && shape) streams.push({ shape, events })
  }
  for (const { stream, response } of lines(folder, 'traffic/exchanges')) {
    if (stream !== true || typeof response?.body !== 'string') continue
    const bytes = new TextEncoder().encode(response.body)
    const events = eventsIn(bytes)
    const shape = shapeOfEvents(events)
    if (shape) streams.push({ shape, events, bytes })
  }
  const rows = new Map<
    StreamShape,
    { shape: string; streams: number; events: number; untouched: number; 'masked and back': number; bytes: number; recut: number }
  >()
  let failed = 0
  for (const { shape, events, bytes } of streams) {
    const row = rows.get(shape) ?? { shape, streams: 0, events: 0, untouched: 0, 'masked and back': 0, bytes: 0, recut: 0 }
    rows.set(shape, row)
    row.streams++
    row.events += events.length
    const vault = memoryVault()
    const restore = () => flowOf(shape, restoring({ vault, owner, unknownToken: 'best_effort' }))
    const untouched = same(said(shape, await pushed(restore(), events)), said(shape, events))
    const masked = await pushed(flowOf(shape, masking({ vault, owner, kinds: patternKinds })), events)
    const back = same(said(shape, await pushed(restore(), masked)), said(shape, events))
    const cut = bytes === undefined || (await recut(shape, bytes, vault))
    if (untouched) row.untouched++
    if (back) row['masked and back']++
    if (bytes) row.bytes++
    if (bytes && cut) row.recut++
    if (!untouched || !back || !cut) failed++
  }
  return {
    set: 'streams recorded',
    passed: streams.length - failed,
    failed,
    rows: [...rows.values()],
    must: true,
    ok: failed === 0,
  }
}

function lines(folder: string, name: string): readonly Recorded[] {
  const file = join(folder, `${name}.jsonl.gz`)
  if (!existsSync(file)) return []
  return gunzipSync(readFileSync(file))
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Recorded => JSON.parse(line))
}

/** Some recordings hold an event as text. */
function opened(chunk: unknown): unknown {
  const raw = isObject(chunk) ? chunk['_raw'] : undefined
  if (typeof raw !== 'string') return chunk
  try {
    return JSON.parse(raw)
  } catch {
    return undefined
  }
}

function shapeOfEvents(events: readonly JsonObject[]): StreamShape | undefined {
  if (events.some((event) => String(event['type']).startsWith('response.'))) return 'openai-responses'
  if (events.some((event) => String(event['type']).startsWith('content_block'))) return 'anthropic-messages'
  return events.some((event) => Array.isArray(event['choices']) && event['choices'].length > 0) ? 'openai-chat' : undefined
}

function eventsIn(bytes: Uint8Array): readonly JsonObject[] {
  return sseReader()
    .push(bytes)
    .flatMap((event) => {
      if ('comment' in event || event.data === '[DONE]') return []
      try {
        const value: unknown = JSON.parse(event.data)
        return isObject(value) ? [value] : []
      } catch {
        return []
      }
    })
}

function same(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
  return one.size === other.size && [...one].every(([channel, text]) => other.get(channel) === text)
}

/** Whether the bytes of a response say the same however they are cut. */
async function recut(shape: StreamShape, bytes: Uint8Array, vault: Vault): Promise<boolean> {
  const expected = said(shape, eventsIn(bytes))
  for (const size of [1, 7, 1_024]) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size))
    const out: Uint8Array[] = []
    const stream = ReadableStream.from(chunks).pipeThrough(restoreSse(shape, { vault, owner, unknownToken: 'best_effort' }))
    for await (const each of stream) out.push(each)
    if (!same(said(shape, eventsIn(Buffer.concat(out))), expected)) return false
  }
  return true
}
