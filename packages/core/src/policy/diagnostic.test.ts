import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { placeOf } from './diagnostic.ts'
import { preparePolicySet } from './publish.ts'

const errorsOf = (text: string) => {
  const found = preparePolicySet({ form: 'cedar', text }, { tools: [] })
  return found.ok ? [] : found.errors
}

describe('a place in a text', () => {
  it('counts lines as editors do: each of \\n, \\r\\n and \\r begins one', () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const text = `a${end}b${end}  cd`
      expect(placeOf(text, text.indexOf('c'), text.length)).toEqual({ line: 3, column: 3, text: 'cd' })
    }
    expect(errorsOf('// note\r\rpermit (principal, action, ressource);')).toMatchObject([{ line: 3, column: 28, text: 'ressource' }])
  })

  it('is where counting from the beginning comes to, in whatever order places are asked for', () => {
    const pieces = fc.array(fc.constantFrom('a', 'é', '😀', ' ', '\n', '\r\n', '\r'), { maxLength: 60 })
    fc.assert(
      fc.property(pieces, pieces, fc.array(fc.nat(60), { minLength: 1 }), (some, others, at) => {
        for (const [index, place] of at.entries()) {
          const all = index % 2 === 0 ? some : others
          const before = all.slice(0, place).join('')
          const text = all.join('')
          if (before.endsWith('\r') && text[before.length] === '\n') continue
          const lines = before.split(/\r\n?|\n/u)
          const { line, column } = placeOf(text, before.length, text.length)
          expect([line, column]).toEqual([lines.length, (lines.at(-1) ?? '').length + 1])
        }
      }),
    )
  })
})

describe('a diagnostic', () => {
  it('names a character that nobody sees, at its place', () => {
    expect(errorsOf('\ufeffpermit (principal, action, resource);')).toMatchObject([
      { code: 'syntax', line: 1, column: 1, message: expect.stringContaining('byte order mark (U+FEFF)') },
    ])
    expect(errorsOf('permit (principal,\u200b action, resource);')).toMatchObject([
      { code: 'syntax', line: 1, column: 19, message: expect.stringContaining('an invisible character (U+200B)') },
    ])
    expect(errorsOf('permit (principal, action, resource)\nwhen { context.session == “a” };')).toMatchObject([
      { code: 'syntax', line: 2, column: 27, message: expect.stringContaining('`“` (U+201C)') },
    ])
  })

  it('names nothing inside strings and comments', () => {
    expect(errorsOf('// \ufeff é\n@advice("\u200b“") permit (principal, action, resource);')).toEqual([])
    expect(errorsOf('permit (principal, action, resource) when { context.session == "é };')).toMatchObject([
      { code: 'syntax', message: expect.not.stringContaining('U+') },
    ])
  })

  it('cuts long words of the text short', () => {
    const long = 'x'.repeat(200_000)
    for (const text of [
      `permit (principal, action, ${long});`,
      `permit (principal, action, resource) when { context.${long} == 1 };`,
      `permit (principal, action, resource) when { ${long}(1) };`,
      `permit (principal is ${long}, action, resource);`,
      `permit (principal, action == Action::"${long}", resource);`,
      `@${long}("x") permit (principal, action, resource);`,
      `@id("${long}") permit (principal, action, resource) when { context.nothing };`,
      `permit (principal, action, resource) when { context.session == "\\q${long}" };`,
      `@id("a") permit (principal, action, resource); @id("a") permit (principal, action, resource) when { ${long} };`,
    ]) {
      const errors = errorsOf(text)
      expect(errors.length).toBeGreaterThan(0)
      expect([text.slice(0, 60), JSON.stringify(errors).length < 3_000]).toEqual([text.slice(0, 60), true])
      for (const { message } of errors) expect(message).not.toMatch(/x{100}/u)
    }
  })
})

describe('the size of a set', () => {
  it('is what was written: formatting may make it larger', () => {
    const policies = 'permit(principal,action,resource);'.repeat(100)
    const text = `${policies}//${'x'.repeat(4 * 1024 * 1024 - policies.length - 2)}`
    const found = preparePolicySet({ form: 'cedar', text }, { tools: [] })
    expect(found.ok && found.set.text.length).toBeGreaterThan(text.length)
    expect(errorsOf(`${text}x`)).toMatchObject([{ code: 'too-large', message: expect.stringContaining('4194305 bytes') }])
  })
})
