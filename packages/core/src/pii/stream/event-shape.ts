import { isObject, type Json, type JsonObject } from '../../json.ts'
import type { StreamPlace } from './place.ts'

/** A piece of a text in an event of a stream. */
export interface Part {
  /** Where in the event it stands: `/choices/0/delta/content`. */
  readonly path: string
  /** Which text it continues: unique in the stream. */
  readonly channel: string
  readonly place: StreamPlace
  readonly text: string
  /** An event that carries more of the same text, and nothing else. */
  readonly carry: (text: string) => JsonObject
}

/** What an event says about the texts of its stream. */
export interface Reading {
  readonly parts: readonly Part[]
  /** Whether a text ends with this event, at the latest. */
  readonly ends: (channel: string) => boolean
  /** Where the event tells the raw pieces of a text once more, as `logprobs` do. */
  readonly echoes: readonly string[]
}

/** How the events of a provider's streams carry texts. */
export interface EventShape {
  readonly read: (event: JsonObject) => Reading
  /** The event that says in the provider's words that the stream ends here, and why. */
  readonly failure: (code: string, message: string) => JsonObject
}

/** Members whose strings are names and opaque data, no text: they are neither masked nor restored. */
const opaque = new Set(
  (
    'id type object role model name status index item_id call_id tool_call_id tool_use_id response_id previous_response_id ' +
    'approval_request_id server_label container_id file_id phase finish_reason stop_reason system_fingerprint service_tier obfuscation ' +
    'signature thought_signature encrypted_content encrypted_index encrypted_stdout data format b64_json partial_image_b64 ' +
    'media_type truncation effort verbosity tool_choice prompt_cache_key'
  ).split(' '),
)

/** Whether the strings of a member are names or opaque data. */
export function isOpaque(key: string, holder: JsonObject): boolean {
  return opaque.has(key) || (key === 'result' && holder['type'] === 'image_generation_call')
}

/** The texts in a part of an event: its strings, but for names and opaque data. In a list, an item goes by its `index`. */
export function textsIn(
  value: Json | undefined,
  path: string,
  channel: string,
): { readonly path: string; readonly channel: string; readonly text: string }[] {
  if (typeof value === 'string') return [{ path, channel, text: value }]
  if (isArray(value)) return value.flatMap((item, at) => textsIn(item, `${path}/${at}`, `${channel}/${indexOf(item, at)}`))
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([key, item]) => (isOpaque(key, value) ? [] : textsIn(item, `${path}/${key}`, `${channel}/${key}`)))
}

function indexOf(item: Json, at: number): string {
  const index = isObject(item) ? item['index'] : undefined
  const kind = isObject(item) ? item['type'] : undefined
  return typeof index === 'number' ? String(index) : typeof kind === 'string' && kind !== 'function' ? `${at} ${kind}` : String(at)
}

export function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

/**
 * The value with its strings, lists and objects changed: one that becomes another is not looked into. Names and opaque data stay
 * as they are.
 */
export function changed(value: Json, path: string, key: string, change: (value: Json, path: string, key: string) => Json): Json {
  if (typeof value !== 'string' && (typeof value !== 'object' || value === null)) return value
  const now = change(value, path, key)
  if (now !== value || typeof value === 'string') return now
  if (isArray(value)) return value.map((item, at) => changed(item, `${path}/${at}`, key, change))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, isOpaque(name, value) ? item : changed(item, `${path}/${name}`, name, change)]),
  )
}
