import { describe, expect, it } from 'vitest'
import { tokensOf } from './tokens.ts'

const said = (line: string) => tokensOf(line).map(({ from, to, kind }) => [kind, line.slice(from, to)])

describe('the colours of a line', () => {
  it('tell what permits from what forbids, and names from words', () => {
    expect(said('@id("a") permit (principal, action == Action::"chat", resource);')).toEqual([
      ['annotation', '@id'],
      ['string', '"a"'],
      ['permit', 'permit'],
      ['keyword', 'principal'],
      ['keyword', 'action'],
      ['entity', 'Action'],
      ['string', '"chat"'],
      ['keyword', 'resource'],
    ])
  })

  it('see no code in strings and comments', () => {
    expect(said('"forbid // \\" 7" // permit 7')).toEqual([
      ['string', '"forbid // \\" 7"'],
      ['comment', '// permit 7'],
    ])
  })

  it('are given up on a line that nobody wrote', () => {
    expect(tokensOf('permit '.repeat(1000))).toEqual([])
  })
})
