import { describe, expect, it } from 'vitest'
import { conclusion } from './pin.ts'

describe('what a verification came to', () => {
  it('is called valid in one case only', () => {
    const codes = ['valid', 'invalid', 'untrusted-key', 'refused'] as const
    expect(codes.filter((code) => /^valid\b/i.test(conclusion(code).title))).toEqual(['valid'])
  })

  it('says that an unpinned key means that nothing is known', () => {
    expect(conclusion('untrusted-key').means).toContain('nothing is known')
  })
})
