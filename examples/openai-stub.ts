import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type OpenAI from 'openai'

/** Answers as a model would, given all messages so far. */
export type Script = (
  messages: readonly OpenAI.ChatCompletionMessageParam[],
) => Pick<OpenAI.ChatCompletionMessage, 'content' | 'tool_calls'>

/** An OpenAI-compatible server on loopback, scripted. `seen` is every request body that reached it, as text. */
export async function openaiStub(script: Script): Promise<{ baseURL: string; seen: string[]; close: () => void }> {
  const seen: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      seen.push(body)
      const { model, messages, stream } = JSON.parse(body) as OpenAI.ChatCompletionCreateParams
      const message = { role: 'assistant', refusal: null, ...script(messages) }
      const finish = message.tool_calls ? 'tool_calls' : 'stop'
      if (stream) {
        response.setHeader('content-type', 'text/event-stream')
        for (const chunk of chunksOf(message, finish)) {
          const choices = [{ index: 0, logprobs: null, ...chunk }]
          response.write(
            `data: ${JSON.stringify({ id: `chatcmpl-${seen.length}`, object: 'chat.completion.chunk', created: 0, model, choices })}\n\n`,
          )
        }
        response.end('data: [DONE]\n\n')
        return
      }
      response.setHeader('content-type', 'application/json')
      response.end(
        JSON.stringify({
          id: `chatcmpl-${seen.length}`,
          object: 'chat.completion',
          created: 0,
          model,
          choices: [{ index: 0, message, finish_reason: finish, logprobs: null }],
          usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
        }),
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { baseURL: `http://127.0.0.1:${port}/v1`, seen, close: () => server.close() }
}

/** The message in deltas of three characters, so that a token comes in several. */
function* chunksOf({ content, tool_calls }: ReturnType<Script>, finish_reason: string) {
  const pieces = (text: string) => text.match(/.{1,3}/gsu) ?? []
  yield { delta: { role: 'assistant', content: '' }, finish_reason: null }
  for (const piece of pieces(content ?? '')) yield { delta: { content: piece }, finish_reason: null }
  for (const [index, call] of (tool_calls ?? []).entries()) {
    if (call.type !== 'function') continue
    const { name, arguments: text } = call.function
    yield { delta: { tool_calls: [{ index, id: call.id, type: 'function', function: { name, arguments: '' } }] }, finish_reason: null }
    for (const piece of pieces(text)) yield { delta: { tool_calls: [{ index, function: { arguments: piece } }] }, finish_reason: null }
  }
  yield { delta: {}, finish_reason }
}

/** A message in which the model asks for one tool. */
export function asks(id: string, name: string, input: object): ReturnType<Script> {
  return { content: null, tool_calls: [{ id, type: 'function', function: { name, arguments: JSON.stringify(input) } }] }
}

/** A model that calls the tool its question needs, and tells what the tool said. */
export const desk: Script = (messages) => {
  const last = messages.at(-1)
  if (last?.role === 'tool') return { content: `The tool said: ${String(last.content)}` }
  const question = String(last?.content)
  if (question.startsWith('Who is user')) return asks('c1', 'get_user', { id: /usr_\d+/.exec(question)?.[0] ?? '' })
  return asks('c2', 'run_query', { query: question.replace('Run this query: ', '') })
}
