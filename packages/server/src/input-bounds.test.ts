import { describe, expect, it } from 'vitest'
import { maxText, maxValues, withinBounds } from './input-bounds.ts'

const refusal = (value: unknown) => {
  try {
    withinBounds(value, '/input')
    return undefined
  } catch (error) {
    return error
  }
}

describe('the bounds of an input', () => {
  it('take an input at each limit', () => {
    expect(refusal({ all: Array.from({ length: maxValues - 2 }, () => '') })).toBeUndefined()
    expect(refusal({ text: 'x'.repeat(maxText) })).toBeUndefined()
  })

  it('refuse one value, one member or one character more, and name the limit', () => {
    const many = Object.fromEntries(Array.from({ length: maxValues }, (_, index) => [`k${index}`, 1]))
    for (const value of [{ all: Array.from({ length: maxValues - 1 }, () => '') }, many])
      expect(refusal(value)).toMatchObject({ status: 422, code: 'input-too-large', message: expect.stringContaining(String(maxValues)) })
    for (const value of [{ text: 'x'.repeat(maxText + 1) }, { ['x'.repeat(maxText + 1)]: 1 }])
      expect(refusal(value)).toMatchObject({ status: 422, message: expect.stringContaining(String(maxText)) })
  })

  it('look as deep as a value goes', () => {
    let deep: unknown = 'x'.repeat(maxText + 1)
    for (let level = 0; level < 15_000; level++) deep = [deep]
    expect(refusal(deep)).toMatchObject({ status: 422 })
  })
})
