import { isObject, type Json, type JsonObject } from '../../json.ts'
import { changed, type EventShape, isArray, type Part } from './event-shape.ts'
import type { Flow } from './flow.ts'
import type { Treatment } from './treatment.ts'

/** A stream of events whose texts are treated on their way, each text for itself, however they interleave. */
export interface EventFlow {
  /** The events that can be let out once this one came, in order: most often the same one with other texts. */
  readonly push: (event: JsonObject) => Promise<readonly JsonObject[]>
  /** What is still held, where the provider said that the stream is complete. Where it broke off, what is held is never let out. */
  readonly end: () => Promise<readonly JsonObject[]>
  /** How many of its texts have not ended. */
  readonly open: () => number
  /** How many characters are held back of the text that most is held back of. */
  readonly held: () => number
}

interface Channel {
  readonly flow: Flow
  last: Part
}

/** How many texts of one stream may be open at a time. */
const mostChannels = 1_000

/** Throws what its flows throw, and a `RangeError` for a stream of too many texts: nothing of that event is let out then. */
export function eventFlow(shape: EventShape, treatment: Treatment): EventFlow {
  const channels = new Map<string, Channel>()
  let inserted = 0

  async function push(event: JsonObject): Promise<readonly JsonObject[]> {
    const reading = shape.read(event)
    const texts = new Map<string, Json>()
    for (const part of reading.parts) texts.set(part.path, await continued(part))
    const before: JsonObject[] = []
    for (const [name, { flow, last }] of channels) {
      if (!reading.ends(name)) continue
      channels.delete(name)
      const rest = await flow.end()
      if (rest === '') continue
      const here = reading.parts.findLast(({ channel }) => channel === name)
      if (here) texts.set(here.path, String(texts.get(here.path)) + rest)
      else before.push(last.carry(rest))
    }
    if (treatment.silencesEchoes) for (const path of reading.echoes) texts.set(path, null)
    await wholes(event, texts)
    const treated = changed(event, '', '', (value, path) => (texts.has(path) ? (texts.get(path) ?? nothing(value)) : value))
    return numbered(event, [...before, isObject(treated) ? treated : event])
  }

  async function continued(part: Part): Promise<string> {
    const known = channels.get(part.channel)
    if (known) {
      known.last = part
      return known.flow.push(part.text)
    }
    if (channels.size >= mostChannels) throw new RangeError(`A stream of more than ${mostChannels} texts at a time is too many.`)
    const flow = treatment.flow(part.place)
    channels.set(part.channel, { flow, last: part })
    return flow.push(part.text)
  }

  /** Treats every other string of the event as a whole, and answers by path. */
  async function wholes(event: JsonObject, texts: Map<string, Json>): Promise<void> {
    const found: { readonly path: string; readonly key: string; readonly value: Json }[] = []
    changed(event, '', '', (value, path, key) => {
      if (texts.has(path)) return value
      if (typeof value === 'string' ? treatment.concerns(value) : isObject(value) && key === 'input') found.push({ path, key, value })
      return value
    })
    for (const { path, key, value } of found)
      texts.set(path, typeof value === 'string' ? await whole(value, key) : await treatment.json(value))
  }

  async function whole(text: string, key: string): Promise<string> {
    const flow = treatment.flow(key === 'arguments' || key === 'partial_json' ? 'json' : 'text')
    return (await flow.push(text)) + (await flow.end())
  }

  /** Events that were put between others move the numbers of those that follow. */
  function numbered(event: JsonObject, events: readonly JsonObject[]): readonly JsonObject[] {
    const first = event['sequence_number']
    const moved = typeof first === 'number' ? events.map((each, at) => ({ ...each, sequence_number: first + inserted + at })) : events
    inserted += events.length - 1
    return moved
  }

  return {
    push,
    async end() {
      const rests: JsonObject[] = []
      for (const { flow, last } of channels.values()) {
        const rest = await flow.end()
        if (rest !== '') rests.push(last.carry(rest))
      }
      channels.clear()
      return rests
    },
    open: () => channels.size,
    held: () => Math.max(0, ...Array.from(channels.values(), ({ flow }) => flow.held())),
  }
}

/** Log probabilities without any. */
function nothing(value: Json): Json {
  return isArray(value) ? [] : null
}
