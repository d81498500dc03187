import { describe, expect, it } from 'vitest'
import { createIdempotency } from './idempotency.ts'

const counting = (most?: number) => {
  let now = 0
  let asked = 0
  const once = createIdempotency({ now: () => now }, most)
  const ask = (key: string, answer = 'x') => once('me', key, {}, async () => `${answer}${asked++}`)
  return { ask, pass: (ms: number) => void (now += ms) }
}

describe('a repeated request', () => {
  it('is answered as the first, for ten minutes', async () => {
    const { ask, pass } = counting()
    expect([await ask('a'), await ask('a')]).toEqual(['x0', 'x0'])
    pass(600_001)
    expect(await ask('a')).toBe('x1')
  })

  it('is answered afresh when its answer was among the oldest, and more was answered than is kept', async () => {
    const { ask } = counting(1000)
    await ask('old')
    for (const key of ['one', 'two', 'three']) await ask(key, 'y'.repeat(400))
    expect(await ask('old')).toBe('x4')
    expect(await ask('three')).toMatch(/y3$/)
  })

  it('is answered afresh after a failure', async () => {
    const once = createIdempotency({ now: () => 0 })
    await expect(once('me', 'a', {}, async () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await once('me', 'a', {}, async () => 'yes')).toBe('yes')
  })
})
