import type { JsonObject } from '../../json.ts'
import type { StreamShape } from './events.ts'

/** What a golden stream is made of, piece by piece: two texts at a time and the arguments of two tools, interleaved. */
export interface Golden {
  readonly text: string
  readonly other: string
  readonly reasoning: string
  readonly first: string
  readonly second: string
}

/** The texts of a stream, as a client puts them together. */
export type Heard = { readonly [K in keyof Golden]: string }

/** A stream as a provider sends it, each text cut into pieces of that many characters. */
export function golden(shape: StreamShape, said: Golden, size: number): readonly JsonObject[] {
  const pieces = (text: string) => Array.from({ length: Math.ceil(text.length / size) }, (_, at) => text.slice(at * size, (at + 1) * size))
  switch (shape) {
    case 'openai-chat':
      return chat(said, pieces)
    case 'openai-responses':
      return responses(said, pieces)
    case 'anthropic-messages':
      return anthropic(said, pieces)
    case 'ai-sdk':
      return aiSdk(said, pieces)
  }
}

/** The texts that the deltas of a stream add up to. */
export function heard(shape: StreamShape, events: readonly JsonObject[]): Heard {
  const texts: Record<keyof Golden, string> = { text: '', other: '', reasoning: '', first: '', second: '' }
  for (const event of events) for (const [name, text] of spoken(shape, event)) texts[name] += text
  return texts
}

/** The event that says that the stream is complete, and what it stands for. */
export function isFinal(shape: StreamShape, event: JsonObject): boolean {
  const type = event['type']
  return shape === 'openai-chat'
    ? JSON.stringify(event).includes('"finish_reason":"')
    : type === 'response.completed' || type === 'message_stop' || type === 'finish'
}

type Pieces = (text: string) => readonly string[]

/** One of each in turn, as long as there are any. */
function interleaved<T>(...lists: readonly (readonly T[])[]): readonly T[] {
  const longest = Math.max(...lists.map(({ length }) => length))
  return Array.from({ length: longest }, (_, at) => lists.flatMap((list) => list[at] ?? [])).flat()
}

function chat({ text, other, reasoning, first, second }: Golden, pieces: Pieces): readonly JsonObject[] {
  const chunk = (index: number, delta: JsonObject, finish_reason: string | null = null): JsonObject => ({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'gpt-5-mini',
    choices: [{ index, delta, logprobs: null, finish_reason }],
  })
  const call = (index: number, text: string) => chunk(0, { tool_calls: [{ index, function: { arguments: text } }] })
  const begun = (index: number, name: string) => ({ index, id: `call_${index}`, type: 'function', function: { name, arguments: '' } })
  return [
    chunk(0, { role: 'assistant', content: '' }),
    chunk(1, { role: 'assistant', content: '' }),
    ...pieces(reasoning).map((piece) => chunk(0, { reasoning_content: piece })),
    ...interleaved(
      pieces(text).map((piece) => chunk(0, { content: piece })),
      pieces(other).map((piece) => chunk(1, { content: piece })),
    ),
    chunk(0, { tool_calls: [begun(0, 'lookup'), begun(1, 'send')] }),
    ...interleaved(
      pieces(first).map((piece) => call(0, piece)),
      pieces(second).map((piece) => call(1, piece)),
    ),
    chunk(1, {}, 'stop'),
    chunk(0, {}, 'tool_calls'),
    { ...chunk(0, {}), choices: [], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } },
  ]
}

function responses({ text, other, reasoning, first, second }: Golden, pieces: Pieces): readonly JsonObject[] {
  const deltas = (type: string, place: JsonObject, all: string) => pieces(all).map((delta) => ({ type: `${type}.delta`, ...place, delta }))
  const call = (output_index: number, name: string, text: string): JsonObject => ({
    type: 'function_call',
    id: `fc_${output_index}`,
    call_id: `call_${output_index}`,
    name,
    arguments: text,
  })
  const at = (output_index: number, content_index: number) => ({ item_id: `item_${output_index}`, output_index, content_index })
  const content = [text, other].map((each) => ({ type: 'output_text', text: each, annotations: [], logprobs: [] }))
  const message = { type: 'message', id: 'item_1', role: 'assistant', content }
  const calls = [call(2, 'lookup', first), call(3, 'send', second)]
  const events: readonly JsonObject[] = [
    { type: 'response.created', response: { id: 'resp_1', object: 'response', model: 'gpt-5-mini', output: [] } },
    ...deltas('response.reasoning_summary_text', { item_id: 'item_0', output_index: 0, summary_index: 0 }, reasoning),
    { type: 'response.reasoning_summary_text.done', item_id: 'item_0', output_index: 0, summary_index: 0, text: reasoning },
    { type: 'response.output_item.added', output_index: 1, item: { ...message, content: [] } },
    ...interleaved(deltas('response.output_text', at(1, 0), text), deltas('response.output_text', at(1, 1), other)),
    { type: 'response.output_text.done', ...at(1, 0), text },
    { type: 'response.content_part.done', ...at(1, 0), part: content[0] ?? {} },
    { type: 'response.output_text.done', ...at(1, 1), text: other },
    { type: 'response.output_item.done', output_index: 1, item: message },
    ...calls.map((item, n) => ({ type: 'response.output_item.added', output_index: 2 + n, item: { ...item, arguments: '' } })),
    ...interleaved(
      deltas('response.function_call_arguments', { item_id: 'fc_2', output_index: 2 }, first),
      deltas('response.function_call_arguments', { item_id: 'fc_3', output_index: 3 }, second),
    ),
    { type: 'response.function_call_arguments.done', item_id: 'fc_2', output_index: 2, arguments: first },
    { type: 'response.function_call_arguments.done', item_id: 'fc_3', output_index: 3, arguments: second },
    ...calls.map((item, n) => ({ type: 'response.output_item.done', output_index: 2 + n, item })),
    { type: 'response.completed', response: { id: 'resp_1', object: 'response', model: 'gpt-5-mini', output: [message, ...calls] } },
  ]
  return events.map((event, sequence_number) => ({ ...event, sequence_number }))
}

function anthropic({ text, other, reasoning, first, second }: Golden, pieces: Pieces): readonly JsonObject[] {
  const block = (index: number, content_block: JsonObject, deltas: readonly JsonObject[]): readonly JsonObject[] => [
    { type: 'content_block_start', index, content_block },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ]
  const spell = (all: string) => pieces(all).map((each) => ({ type: 'text_delta', text: each }))
  const use = (index: number, name: string, all: string) =>
    block(
      index,
      { type: 'tool_use', id: `toolu_${index}`, name, input: {} },
      pieces(all).map((partial_json) => ({ type: 'input_json_delta', partial_json })),
    )
  return [
    {
      type: 'message_start',
      message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude', content: [], stop_reason: null },
    },
    ...block(0, { type: 'thinking', thinking: '', signature: '' }, [
      ...pieces(reasoning).map((thinking) => ({ type: 'thinking_delta', thinking })),
      { type: 'signature_delta', signature: 'Eo8BCkYIAhgC' },
    ]),
    { type: 'ping' },
    ...interleaved(block(1, { type: 'text', text: '' }, spell(text)), block(2, { type: 'text', text: '' }, spell(other))),
    ...use(3, 'lookup', first),
    ...use(4, 'send', second),
    { type: 'message_delta', delta: { stop_reason: 'tool_use', stop_sequence: null }, usage: { output_tokens: 1 } },
    { type: 'message_stop' },
  ]
}

function aiSdk({ text, other, reasoning, first, second }: Golden, pieces: Pieces): readonly JsonObject[] {
  const spell = (kind: string, id: string, all: string, more: JsonObject = {}): readonly JsonObject[] => [
    { type: `${kind}-start`, id, ...more },
    ...pieces(all).map((delta) => ({ type: `${kind}-delta`, id, delta })),
    { type: `${kind}-end`, id },
  ]
  const call = (toolCallId: string, toolName: string, input: string) => ({ type: 'tool-call', toolCallId, toolName, input })
  const usage = { inputTokens: { total: 1 }, outputTokens: { total: 1 } }
  return [
    { type: 'stream-start', warnings: [] },
    { type: 'response-metadata', id: 'resp_1', modelId: 'gpt-5-mini' },
    ...spell('reasoning', 'reasoning', reasoning),
    ...interleaved(spell('text', 'text', text), spell('text', 'other', other)),
    ...interleaved(
      spell('tool-input', 'first', first, { toolName: 'lookup' }),
      spell('tool-input', 'second', second, { toolName: 'send' }),
    ),
    call('first', 'lookup', first),
    call('second', 'send', second),
    { type: 'finish', finishReason: { unified: 'tool-calls', raw: 'tool_calls' }, usage },
  ]
}

/** The pieces of texts in one event, read the way a client reads them. */
function spoken(shape: StreamShape, event: JsonObject): readonly (readonly [keyof Golden, string])[] {
  const { type, index, output_index, content_index } = event as Record<string, unknown>
  if (shape === 'openai-responses') {
    const delta = String((event as { delta?: unknown }).delta ?? '')
    if (type === 'response.reasoning_summary_text.delta') return [['reasoning', delta]]
    if (type === 'response.output_text.delta') return [[content_index === 0 ? 'text' : 'other', delta]]
    return type === 'response.function_call_arguments.delta' ? [[output_index === 2 ? 'first' : 'second', delta]] : []
  }
  if (shape === 'anthropic-messages') {
    if (type !== 'content_block_delta') return []
    const { text, thinking, partial_json } = (event as { delta: { text?: string; thinking?: string; partial_json?: string } }).delta
    const name = (['reasoning', 'text', 'other', 'first', 'second'] as const)[Number(index)] ?? 'text'
    return [[name, text ?? thinking ?? partial_json ?? '']]
  }
  if (shape === 'ai-sdk') {
    const { id, delta } = event as { id?: keyof Golden; delta?: string }
    return id !== undefined && delta !== undefined ? [[id, delta]] : []
  }
  interface Choice {
    index: number
    delta: { content?: string; reasoning_content?: string; tool_calls?: { index: number; function?: { arguments?: string } }[] }
  }
  return (event as unknown as { choices: Choice[] }).choices.flatMap(({ index: choice, delta }) => [
    [choice === 0 ? 'text' : 'other', delta.content ?? ''] as const,
    ['reasoning', delta.reasoning_content ?? ''] as const,
    ...(delta.tool_calls ?? []).map((call) => [call.index === 0 ? 'first' : 'second', call.function?.arguments ?? ''] as const),
  ])
}
