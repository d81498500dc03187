import { describe, expect, it } from 'vitest'
import { quotesOf } from './quotes.ts'

describe('quotes', () => {
  const text = `a'b"c'd;'`
  const quotes = quotesOf(text, [1, 3, 5, 7, 8])

  it('are counted by kind, up to a place with the one that stands there, and after it', () => {
    expect([1, 5, 8].map(quotes.upTo)).toEqual([1, 2, 3])
    expect([1, 5, 8].map(quotes.after)).toEqual([2, 1, 0])
    expect([quotes.upTo(3), quotes.after(3)]).toEqual([1, 0])
  })

  it('count only near a place', () => {
    const far = `'${' '.repeat(500)}'${' '.repeat(100)}'`
    const near = quotesOf(far, [0, 501, 602])
    expect([near.upTo(501), near.after(501)]).toEqual([1, 1])
    expect([near.upTo(0), near.after(0)]).toEqual([1, 0])
  })
})
