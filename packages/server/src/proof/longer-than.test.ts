import type { Json } from '@agentgate/core'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { longerThan } from './longer-than.ts'

const length = (value: Json): number =>
  typeof value === 'string'
    ? value.length + 1
    : 1 + (typeof value === 'object' && value !== null ? Object.values(value).reduce((sum: number, each) => sum + length(each), 0) : 0)

it('says whether a value is longer, as counting all of it does', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(60), (value, most) => {
      expect(longerThan(most, value as Json)).toBe(length(value as Json) > most)
    }),
  )
})
