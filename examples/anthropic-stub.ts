import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type Anthropic from '@anthropic-ai/sdk'

/** Answers as a model would, given all messages so far. */
export type Script = (messages: readonly Anthropic.MessageParam[]) => Anthropic.TextBlockParam | Anthropic.ToolUseBlockParam

/** A server on loopback that speaks Anthropic's messages, whole and streamed. */
export async function anthropicStub(script: Script): Promise<{ baseURL: string; close: () => void }> {
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      const { model, messages, stream } = JSON.parse(body) as Anthropic.MessageCreateParams
      const block = script(messages)
      const stop_reason = block.type === 'tool_use' ? 'tool_use' : 'end_turn'
      const message = {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model,
        usage: { input_tokens: 1, output_tokens: 1 },
        stop_sequence: null,
      }
      if (!stream) {
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify({ ...message, content: [block], stop_reason }))
        return
      }
      const empty = block.type === 'tool_use' ? { ...block, input: {} } : { type: 'text', text: '' }
      const text = block.type === 'tool_use' ? JSON.stringify(block.input) : block.text
      const deltas = (text.match(/.{1,7}/gs) ?? []).map((piece) =>
        block.type === 'tool_use' ? { type: 'input_json_delta', partial_json: piece } : { type: 'text_delta', text: piece },
      )
      response.setHeader('content-type', 'text/event-stream')
      for (const event of [
        { type: 'message_start', message: { ...message, content: [], stop_reason: null } },
        { type: 'content_block_start', index: 0, content_block: empty },
        ...deltas.map((delta) => ({ type: 'content_block_delta', index: 0, delta })),
        { type: 'content_block_stop', index: 0 },
        { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 1 } },
        { type: 'message_stop' },
      ]) {
        response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
      }
      response.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { baseURL: `http://127.0.0.1:${port}`, close: () => server.close() }
}
