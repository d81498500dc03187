import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Answer = (response: ServerResponse) => void
export const answering: Answer = (response) => void response.writeHead(204).end()
export const failing: Answer = (response) => void response.writeHead(503).end('no')
export const hanging: Answer = () => undefined

/** What was posted to it. */
export interface Received {
  readonly headers: IncomingMessage['headers']
  readonly body: string
  readonly json: { readonly [name: string]: unknown }
}

export interface TestReceiver {
  readonly url: string
  readonly seen: readonly Received[]
  /** How it answers from the next request on. */
  answer: Answer
  readonly stop: () => void
}

/** A receiver of webhooks on a free port of this machine. */
export async function startReceiver(answer: Answer): Promise<TestReceiver> {
  const seen: Received[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      seen.push({ headers: request.headers, body, json: JSON.parse(body) as Received['json'] })
      receiver.answer(response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const receiver: TestReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`,
    seen,
    answer,
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
  return receiver
}
