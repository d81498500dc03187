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
      const { model, messages } = JSON.parse(body) as OpenAI.ChatCompletionCreateParams
      const message = { role: 'assistant', refusal: null, ...script(messages) }
      const finish = message.tool_calls ? 'tool_calls' : 'stop'
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

/** A message in which the model asks for one tool. */
export function asks(id: string, name: string, input: object): ReturnType<Script> {
  return { content: null, tool_calls: [{ id, type: 'function', function: { name, arguments: JSON.stringify(input) } }] }
}
