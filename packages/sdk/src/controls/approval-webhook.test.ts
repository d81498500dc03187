import { createServer as createSocketServer, type AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { z } from 'zod'
import { Agent, ApprovalTimeout, humanApproval } from '../index.ts'

describe('the addresses of approval webhooks', () => {
  it.each(['localhost', '127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '0x7f.1', '2130706433'])(
    'are none of this machine by https://%s: nothing connects',
    async (host) => {
      let connected = 0
      const server = createSocketServer((socket) => {
        connected++
        socket.destroy()
      })
      await new Promise<void>((resolve) => server.listen(0, '::', resolve))
      onTestFinished(() => void server.close())
      const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
      onTestFinished(() => warned.mockRestore())
      const webhook = `https://${host}:${(server.address() as AddressInfo).port}/approvals`
      const ask = async (webhookNetworks: readonly string[]) => {
        const control = humanApproval({ tools: ['*'], webhook, webhookSecret: 'x'.repeat(32), webhookNetworks, timeout: 400 })
        const agent = new Agent({ controls: [control] })
        return agent
          .tool({ name: 'remove', input: z.object({}), execute: () => 'ran' })({})
          .catch((error: unknown) => error)
      }
      expect(await ask([])).toBeInstanceOf(ApprovalTimeout)
      expect(connected).toBe(0)
      expect(await ask(['127.0.0.0/8', '::1', '::ffff:127.0.0.1'])).toBeInstanceOf(ApprovalTimeout)
      expect(connected).toBeGreaterThan(0)
    },
  )

  it('of networks are given as networks', () => {
    for (const wrong of ['10.0.0.0/33', 'example.com', '10.0.0.0/', '::1/129', '10.0.0.0/-1']) {
      expect(
        () => humanApproval({ tools: ['*'], webhook: 'https://a.example/', webhookSecret: 'x'.repeat(32), webhookNetworks: [wrong] }),
        wrong,
      ).toThrow('no network')
    }
  })
})
