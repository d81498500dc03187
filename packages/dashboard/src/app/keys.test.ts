import { describe, expect, it } from 'vitest'
import { type Binding, matcher, type Press } from './keys.ts'

const bindings: readonly Binding[] = ['g t', 'g a', 'j', '?'].map((keys) => ({ keys, does: keys, run: () => undefined }))
const press = (key: string, more: Partial<Press> = {}): Press => ({ key, plain: true, typing: false, ...more })

describe('keys', () => {
  it('match alone and in sequence', () => {
    const match = matcher()
    expect(match(press('j'), 0, bindings)?.keys).toBe('j')
    expect(match(press('g'), 10, bindings)).toBeUndefined()
    expect(match(press('t'), 20, bindings)?.keys).toBe('g t')
  })

  it('forget the first of two when the second comes late', () => {
    const match = matcher()
    match(press('g'), 0, bindings)
    expect(match(press('t'), 5000, bindings)).toBeUndefined()
  })

  it('mean themselves while somebody types or holds a modifier', () => {
    const match = matcher()
    expect(match(press('?', { typing: true }), 0, bindings)).toBeUndefined()
    expect(match(press('j', { plain: false }), 0, bindings)).toBeUndefined()
    match(press('g'), 10, bindings)
    match(press('x', { typing: true }), 20, bindings)
    expect(match(press('t'), 30, bindings)).toBeUndefined()
  })
})
