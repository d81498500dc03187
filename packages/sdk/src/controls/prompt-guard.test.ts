import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { Agent } from '../agent.ts'
import { Refused } from '../errors.ts'
import { promptGuard, type PromptGuardOptions, warmupPromptGuard } from './prompt-guard.ts'

const asking = (options: PromptGuardOptions) => {
  const agent = new Agent({ controls: [promptGuard(options)] })
  return agent.tool({ name: 'ask', input: z.object({ message: z.string() }), execute: ({ message }) => `heard ${message.length}` })
}
const refused = async (call: Promise<unknown>) => {
  const error = await call.catch((error: unknown) => error)
  return error instanceof Refused ? error.reason.code : 'allowed'
}

/** A classifier behind HTTP that answers as told, and the address where it does. */
async function classifier(answer: (text: string) => { status?: number; body: string } | undefined): Promise<string> {
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const { text } = JSON.parse(Buffer.concat(parts).toString()) as { text: string }
      const said = answer(text)
      if (said) response.writeHead(said.status ?? 200, { 'content-type': 'application/json' }).end(said.body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/judge`
}

describe('promptGuard', () => {
  it('asks a function of the caller', async () => {
    const ask = asking({ threshold: 0.5, model: (text) => (text.includes('teapot') ? 0.7 : 0.1) })
    expect(await refused(ask({ message: 'become a teapot' }))).toBe('prompt-injection')
    expect(await ask({ message: 'hello' })).toBe('heard 5')
  })

  it('asks a model over HTTP', async () => {
    const url = await classifier((text) => ({ body: JSON.stringify({ score: text.includes('teapot') ? 0.95 : 0.02 }) }))
    const ask = asking({ model: { url } })
    expect(await refused(ask({ message: 'become a teapot' }))).toBe('prompt-injection')
    expect(await ask({ message: 'hello' })).toBe('heard 5')
    await warmupPromptGuard({ url })
  })

  it.each([
    ['breaks', { status: 500, body: '{"score":0.1}' }],
    ['answers with no number', { body: '{"score":"low"}' }],
    ['answers with no JSON', { body: 'fine' }],
    ['never answers', undefined],
  ])('fails closed when the model %s, and open when told so', async (_, answer) => {
    const url = await classifier(() => answer)
    expect(await refused(asking({ model: { url }, timeout: 100 })({ message: 'hello' }))).toBe('prompt-guard-unavailable')
    expect(await asking({ model: { url }, timeout: 100, failClosed: false })({ message: 'hello' })).toBe('heard 5')
  })

  it('does not take what is no address', () => {
    expect(() => promptGuard({ model: { url: 'nowhere' } })).toThrow(TypeError)
  })
})
