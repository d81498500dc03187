import { describe, expect, it } from 'vitest'
import { cookieIn, cookiesFor } from './cookies.ts'
import { createThrottle, networkOf } from './throttle.ts'
import { turns } from './turns.ts'

describe('slowing down guesses', () => {
  let now = 0
  const clock = { now: () => now }
  const key = { key: 'k', free: 2 }

  it('doubles the wait with each attempt, up to a quarter of an hour, and then forgets', () => {
    now = 0
    const throttle = createThrottle(clock)
    throttle.attempt([key])
    const waits = Array.from({ length: 6 }, () => {
      expect(throttle.attempt([key])).toBeUndefined()
      const wait = throttle.attempt([key]) ?? 0
      now += wait
      return wait / 1000
    })
    expect(waits).toEqual([30, 60, 120, 240, 480, 900])
    expect([throttle.attempt([key]), throttle.attempt([key])]).toEqual([undefined, undefined])
  })

  it('counts attempts that are made at once', () => {
    now = 0
    const throttle = createThrottle(clock)
    expect([1, 2, 3, 4].map(() => throttle.attempt([key]))).toEqual([undefined, undefined, 30_000, 30_000])
  })

  it('forgets on success what was counted for the account, and that attempt for the network', () => {
    now = 0
    const throttle = createThrottle(clock)
    const network = { key: 'n', free: 3 }
    for (let index = 0; index < 10; index++) {
      expect(throttle.attempt([key, network])).toBeUndefined()
      throttle.succeeded([key, network])
    }
    throttle.attempt([key, network])
    throttle.attempt([key, network])
    expect(throttle.attempt([key, network])).toBe(30_000)
    expect(throttle.attempt([{ key: 'other', free: 2 }, network])).toBeUndefined()
    expect(throttle.attempt([{ key: 'third', free: 2 }, network])).toBe(30_000)
  })

  it('remembers no more than it may', () => {
    now = 0
    const throttle = createThrottle(clock, 10)
    throttle.attempt([key])
    throttle.attempt([key])
    for (let index = 0; index < 10; index++) throttle.attempt([{ key: `${index}`, free: 2 }])
    expect(throttle.attempt([key])).toBeUndefined()
  })

  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::FFFF:cb00:7109', '203.0.113.9'],
    ['0:0:0:0:0:ffff:203.0.113.9', '203.0.113.9'],
    ['2001:db8:0:0:1::', '2001:db8:0:0'],
    ['::', '0:0:0:0'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:DB8:0001:2::9', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
  ])('takes %s for the network %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })
})

describe('taking turns', () => {
  it('runs so many at once, lets so many wait, and refuses the rest', async () => {
    const turn = turns(2, 3)
    const gate = Promise.withResolvers<void>()
    let [running, most] = [0, 0]
    const work = async () => {
      most = Math.max(most, ++running)
      await gate.promise
      running--
    }
    const all = Array.from({ length: 7 }, () => turn(work))
    gate.resolve()
    const settled = await Promise.allSettled(all)
    expect(settled.map(({ status }) => status)).toEqual([...Array.from({ length: 5 }, () => 'fulfilled'), 'rejected', 'rejected'])
    expect(most).toBe(2)
    await expect(turn(async () => Promise.reject(new Error('x')))).rejects.toThrow('x')
    expect(await turn(async () => 1)).toBe(1)
  })
})

describe('cookies', () => {
  it('are bound to their host over HTTPS, and carry the port over HTTP', () => {
    expect(cookiesFor('https://gate.example.com')).toMatchObject({
      access: { name: '__Host-agentgate', options: { secure: true, httpOnly: true, sameSite: 'strict', path: '/' } },
      refresh: { name: '__Secure-agentgate_refresh', options: { secure: true, httpOnly: true, sameSite: 'strict', path: '/api/auth' } },
    })
    expect(cookiesFor('http://localhost:3000').access).toMatchObject({ name: 'agentgate_3000', options: { secure: false } })
  })

  it('are found by their exact name', () => {
    expect(cookieIn('xa=1; a=2;a=3', 'a')).toBe('2')
    expect(cookieIn('a=b=c', 'a')).toBe('b=c')
    expect(cookieIn('a', 'a')).toBeUndefined()
    expect(cookieIn(undefined, 'a')).toBeUndefined()
  })
})
