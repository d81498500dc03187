import { isObject, type Json, type JsonObject } from '../json.ts'

/** A conversation with a model, as providers take it. */
export interface Conversation {
  readonly messages: readonly Json[]
  /** The input without what the operator says in it. */
  readonly others: JsonObject
}

/** Where providers have the operator's own words beside the conversation. */
const operators: ReadonlySet<string> = new Set(['system', 'instructions', 'systemInstruction', 'system_instruction'])

/**
 * The conversation that an input holds: `messages` (OpenAI's chat, Anthropic), or else `prompt` (AI SDK), `input` (OpenAI's responses) or
 * `contents` (Google), where any of their items has a role or is what a tool answered.
 */
export function conversationIn(input: Json): Conversation | undefined {
  if (!isObject(input)) return undefined
  const place = Array.isArray(input['messages']) ? 'messages' : ['prompt', 'input', 'contents'].find((each) => isTalk(input[each]))
  const messages = place === undefined ? undefined : input[place]
  if (place === undefined || !Array.isArray(messages)) return undefined
  const rest = Object.entries(input).filter(([key]) => !operators.has(key))
  return { messages, others: { ...Object.fromEntries(rest), [place]: messages.filter((each: Json) => !isOperators(each)) } }
}

function isTalk(value: Json | undefined): boolean {
  return Array.isArray(value) && value.some((each: Json) => isObject(each) && (typeof each['role'] === 'string' || isResult(each)))
}

function isOperators(message: Json): boolean {
  return isObject(message) && (message['role'] === 'system' || message['role'] === 'developer')
}

/** Whether an item of a conversation is what a tool answered, or a part of one is. */
export function isResult(item: Json): boolean {
  return isObject(item) && ('functionResponse' in item || /tool[-_]result|_output$|document|search/.test(String(item['type'])))
}
