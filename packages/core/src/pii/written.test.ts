import { describe, expect, it } from 'vitest'
import { keptNumber, keptText, keptWritten, readKept } from './kept.ts'
import { written } from './written.ts'

const value = '","admin":true,"<b>&\'\n'
const text = { writing: 'text', depth: 0, strict: false } as const

describe('a value in its place', () => {
  it('stands as it is in a text', () => expect(written(value, text)).toBe(value))

  it('is escaped once for each JSON string that it stands in', () => {
    expect(JSON.parse(`"${written(value, { ...text, depth: 1 })}"`)).toBe(value)
    const inner: unknown = JSON.parse(`"${written(value, { ...text, depth: 2 })}"`)
    expect(JSON.parse(`"${String(inner)}"`)).toBe(value)
  })

  it('is escaped as the token is spelled', () => {
    expect(JSON.parse(`"${written(value, { ...text, writing: 'json' })}"`)).toBe(value)
    expect(JSON.parse(`"${written(value, { ...text, writing: 'json', depth: 1 })}"`)).toBe(value)
    expect(written(value, { ...text, writing: 'html' })).not.toMatch(/[<>"']/)
    expect(JSON.parse(`"${written('<b>', { ...text, writing: 'html', depth: 1 })}"`)).toBe('&#60;b&#62;')
    expect(decodeURIComponent(written(value, { ...text, writing: 'url' }))).toBe(value)
    expect(written('\ud83d', { ...text, writing: 'url' })).toBe('%EF%BF%BD')
  })

  it('is a JSON value where only one may stand', () => {
    const bare = { ...text, strict: true }
    expect(JSON.parse(written(value, bare))).toBe(value)
    expect(written(keptNumber('4111'), bare)).toBe('4111')
    expect(written(keptWritten('a@x.co', 0), bare)).toBe('a@x.co')
    expect(JSON.parse(written(keptWritten('[1]', 0), bare))).toBe('[1]')
  })

  it('is quoted in a document where it would become members, and nowhere else', () => {
    const bare = { ...text, document: true }
    expect(JSON.parse(written(value, bare))).toBe(value)
    expect(written('4111', bare)).toBe('4111')
    expect(written(value, text)).toBe(value)
  })

  it('comes back as it was written, in its own depth only', () => {
    const unusual = keptWritten('a\\u0041\\"', 1)
    expect(written(unusual, { ...text, depth: 1 })).toBe('a\\u0041\\"')
    expect(written(unusual, text)).toBe('aA"')
    expect(written(unusual, { ...text, depth: 2 })).toBe('aA\\\\\\"')
  })

  it.each(['\0', '\0{"t":"x","n":true}', '\ud83d', 'a\udc00b', ''])('keeps %j letter by letter', (odd) => {
    expect(readKept(keptText(odd))).toEqual({ text: odd, number: false })
    expect(keptText(odd).isWellFormed()).toBe(true)
    expect(readKept(keptWritten(odd, 2))).toEqual({ text: odd, number: false, depth: 2 })
  })
})
