import { isObject, type Json, type JsonObject } from '../json.ts'

/** What a model used, in tokens. No token is counted twice: `input` leaves out the cached ones, `output` the reasoning. */
export interface Usage {
  readonly input: number
  readonly cached: number
  readonly cacheWrite: number
  readonly output: number
  readonly reasoning: number
  /** How it was served, where the provider says so: `batch`. */
  readonly tier?: string
}

/**
 * What a model's answer says that it used: OpenAI's chat completions and responses, Anthropic's messages, the AI SDK; whole, or as
 * the events of a stream, of which the last that says something counts. `undefined` where it says nothing that can be read.
 */
export function usageIn(output: Json): Usage | undefined {
  if (!Array.isArray(output)) return usageOf(found(output) ?? {}, tierOf(output))
  let all: JsonObject = {}
  let tier: string | undefined
  for (const event of output) {
    all = { ...all, ...found(event) }
    tier = tierOf(event) ?? tier
  }
  return usageOf(all, tier)
}

/** Where an answer or an event keeps it: `usage`, in itself, its `message` or its `response`. */
function found(value: Json): JsonObject | undefined {
  if (!isObject(value)) return undefined
  const holders = [value, value['message'], value['response']]
  return holders.map((holder) => (isObject(holder) ? holder['usage'] : undefined)).find((usage) => isObject(usage))
}

function tierOf(value: Json): string | undefined {
  if (!isObject(value)) return undefined
  const { response } = value
  const tier = found(value)?.['service_tier'] ?? value['service_tier'] ?? (isObject(response) ? response['service_tier'] : undefined)
  return typeof tier === 'string' ? tier : undefined
}

function usageOf(usage: JsonObject, tier: string | undefined): Usage | undefined {
  const read = vendors.map((vendor) => vendor(usage)).find((each) => each !== undefined)
  if (!read || !Object.values(read).every((tokens) => Number.isSafeInteger(tokens) && tokens >= 0)) return undefined
  return { ...read, ...(tier !== undefined && { tier }) }
}

type Read = (usage: JsonObject) => Omit<Usage, 'tier'> | undefined

const openaiChat: Read = (usage) => {
  const { prompt_tokens: input, completion_tokens: output } = usage
  if (typeof input !== 'number' || typeof output !== 'number') return undefined
  const cached = within(usage, 'prompt_tokens_details', 'cached_tokens')
  const reasoning = within(usage, 'completion_tokens_details', 'reasoning_tokens')
  return { input: input - cached, cached, cacheWrite: 0, output: output - reasoning, reasoning }
}

const anthropic: Read = ({ input_tokens: input, output_tokens: output, ...usage }) => {
  const { cache_read_input_tokens: cached, cache_creation_input_tokens: cacheWrite } = usage
  if (typeof input !== 'number' || typeof output !== 'number' || (cached === undefined && cacheWrite === undefined)) return undefined
  return { input, cached: number(cached), cacheWrite: number(cacheWrite), output, reasoning: 0 }
}

/** Also Anthropic's answers without a cache, which say no more. */
const openaiResponses: Read = (usage) => {
  const { input_tokens: input, output_tokens: output } = usage
  if (typeof input !== 'number' || typeof output !== 'number') return undefined
  const cached = within(usage, 'input_tokens_details', 'cached_tokens')
  const reasoning = within(usage, 'output_tokens_details', 'reasoning_tokens')
  return { input: input - cached, cached, cacheWrite: 0, output: output - reasoning, reasoning }
}

/** As its models say it (`inputTokens.total`), and as its results do (`inputTokens`, and details of it). */
const aiSdk: Read = (usage) => {
  const { inputTokens, outputTokens } = usage
  const input = isObject(inputTokens) ? inputTokens['total'] : inputTokens
  const output = isObject(outputTokens) ? outputTokens['total'] : outputTokens
  if (typeof input !== 'number' || typeof output !== 'number') return undefined
  const cached = within(usage, 'inputTokens', 'cacheRead') || within(usage, 'inputTokenDetails', 'cacheReadTokens')
  const cacheWrite = within(usage, 'inputTokens', 'cacheWrite') || within(usage, 'inputTokenDetails', 'cacheWriteTokens')
  const reasoning = within(usage, 'outputTokens', 'reasoning') || within(usage, 'outputTokenDetails', 'reasoningTokens')
  return { input: input - cached - cacheWrite, cached, cacheWrite, output: output - reasoning, reasoning }
}

const vendors: readonly Read[] = [openaiChat, anthropic, openaiResponses, aiSdk]

function within(usage: JsonObject, details: string, name: string): number {
  const holder = usage[details]
  return isObject(holder) ? number(holder[name]) : 0
}

function number(value: Json | undefined): number {
  return typeof value === 'number' ? value : 0
}
