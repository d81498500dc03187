import type { lookup as systemLookup } from 'node:dns'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AddressRefused, guardedLookup, isPublic, listOf } from './webhook-address.ts'

/** A resolver that answers one question after the other by what is next. */
function resolver(...answers: readonly (readonly string[])[]): typeof systemLookup & { readonly asked: () => number } {
  let asked = 0
  const resolve = (_: string, __: object, callback: (error: null, addresses: object[]) => void) => {
    const addresses = answers[Math.min(asked++, answers.length - 1)] ?? []
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }
  return Object.assign(resolve as unknown as typeof systemLookup, { asked: () => asked })
}

describe('the addresses of webhooks', () => {
  it('are those of the public Internet', () => {
    for (const address of ['1.1.1.1', '93.184.216.34', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450::1']) {
      expect(isPublic(address), address).toBe(true)
    }
    const others =
      '0.0.0.0 10.0.0.1 100.64.0.1 127.0.0.1 127.255.255.255 169.254.169.254 172.16.0.1 172.31.255.255 192.168.1.1 198.18.0.1 224.0.0.1 ' +
      '255.255.255.255 :: ::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 64:ff9b::a00:1 fc00::1 fd00:ec2::254 fe80::1 ff02::1 2001:db8::1 2002:a00:1:: localhost 1.1'
    for (const address of others.split(' ')) expect(isPublic(address), address).toBe(false)
  })

  it('are looked up once, and what was checked is what is connected to', async () => {
    const server = createServer((_, response) => response.end('here'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const get = (resolve: typeof systemLookup, networks: readonly string[] = []) =>
      new Promise<unknown>((done) => {
        const sent = request({ host: 'rebinding.example', port, agent: false, lookup: guardedLookup(listOf(networks), resolve) })
        sent.on('error', done)
        sent.on('response', ({ statusCode }) => done(statusCode))
        sent.end()
      })
    // It would be public the second time.
    const rebinding = resolver(['127.0.0.1'], ['93.184.216.34'])
    expect(await get(rebinding)).toBeInstanceOf(AddressRefused)
    expect(rebinding.asked()).toBe(1)
    expect(await get(resolver(['93.184.216.34', '127.0.0.1']))).toBeInstanceOf(AddressRefused)
    expect(await get(resolver(['::ffff:127.0.0.1']))).toBeInstanceOf(AddressRefused)
    expect(await get(resolver([]))).toBeInstanceOf(AddressRefused)
    const allowed = resolver(['127.0.0.1'], ['93.184.216.34'])
    expect(await get(allowed, ['127.0.0.0/8'])).toBe(200)
    expect(allowed.asked()).toBe(1)
  })
})
