import { describe, expect, it } from 'vitest'
import { serially } from './serially.ts'

describe('works of one key', () => {
  it('run one after the other, though one fails, while other keys go on', async () => {
    const inTurn = serially<string>()
    const log: string[] = []
    const { promise: gate, resolve } = Promise.withResolvers<void>()
    const first = inTurn('a', async () => {
      await gate
      log.push('a1')
      throw new Error('no')
    })
    const second = inTurn('a', async () => log.push('a2'))
    await inTurn('b', async () => log.push('b'))
    resolve()
    await expect(first).rejects.toThrow('no')
    await second
    expect(log).toEqual(['b', 'a1', 'a2'])
  })
})
