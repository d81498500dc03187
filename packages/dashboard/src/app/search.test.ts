import { describe, expect, it } from 'vitest'
import { oneOf, present, safeNext, text, whole } from './search.ts'

describe('what the URL asks for', () => {
  it('is kept when it is known, and ignored when it is not', () => {
    expect(oneOf(['allow', 'deny'], 'deny')).toBe('deny')
    expect(oneOf(['allow', 'deny'], 'drop table')).toBeUndefined()
    expect(text('x'.repeat(301))).toBeUndefined()
    expect(text(12)).toBe('12')
    expect([whole(3), whole('3')]).toEqual([3, 3])
    for (const bad of [0, -1, 1.5, 'x', '', '1e3', null, 1e12]) expect(whole(bad)).toBeUndefined()
    expect(present({ verdict: undefined, tool: 'chat' })).toEqual({ tool: 'chat' })
  })

  it('never leads to another site after sign-in', () => {
    expect(safeNext('/traces?verdict=deny')).toBe('/traces?verdict=deny')
    for (const bad of [
      '//evil.example',
      '/\\evil.example',
      'https://evil.example',
      'javascript:alert(1)',
      '/sign-in?next=/x',
      '/a\n',
      null,
      7,
    ])
      expect(safeNext(bad)).toBe('/dashboard')
  })
})
