import { describe, expect, it } from 'vitest'
import { notable } from './notable.ts'

describe('what people should see of a control that let a call pass', () => {
  it('is the attacks that it found, and what entered the session or was taken back', () => {
    expect(notable({ threat_kinds: ['prompt_injection', 'sql_injection'], taint: 'untrusted' })).toBe(
      'Found prompt injection, sql injection.',
    )
    expect(notable({ taint: 'untrusted' })).toBe('What strangers wrote has entered the session.')
    expect(notable({ taint: 'none', declassified: 'untrusted' })).toContain('begins anew')
  })

  it('is nothing where it found none', () => {
    for (const facts of [undefined, {}, { threat_kinds: [] }, { threat_kinds: 'x' }, { taint: 'user' }])
      expect(notable(facts)).toBeUndefined()
  })
})
