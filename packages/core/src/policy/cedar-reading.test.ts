import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonical, parseCedar, readCedar, unquote } from './cedar-text.ts'
import { askCedar } from './cedar-wasm.ts'

/** What Cedar's own parser takes each policy of a text to be; nothing when it refuses the text. */
function cedarReads(text: string): readonly string[] | undefined {
  if (askCedar((cedar) => cedar.checkParsePolicySet({ staticPolicies: text }))?.type !== 'success') return undefined
  const parts = askCedar((cedar) => cedar.policySetTextToParts(text))
  return parts?.type === 'success' ? parts.policies.map(meaningOf) : undefined
}

/** Cedar's JSON form of a policy, with nothing of how it is spaced. */
function meaningOf(policy: string): string {
  const answer = askCedar((cedar) => cedar.policyToJson(policy))
  if (answer?.type !== 'success') throw new Error(`Cedar refuses ${JSON.stringify(policy)}`)
  return JSON.stringify(answer.json)
}

const weReads = (text: string) => {
  const parsed = parseCedar(text)
  return parsed.ok ? parsed.policies : undefined
}

const spaces = ['\t', '\n', '\v', '\f', '\r', ' ', '\u0085', '\u00a0', '\u1680', '\u2003', '\u2028', '\u2029', '\u202f', '\u205f', '\u3000']
const noSpaces = ['\u180e', '\u200b', '\u2060', '\ufeff', '\u001c', '\0', 'é']
const ends = ['\n', '\r', '\r\n', '\n\r']
const inComments = fc
  .array(fc.constantFrom('a', ' ', '//', '"', ';', '@id("c")', 'permit', '\u2028', '\u0085', '\f', '\ufeff', '*/', "'"), { maxLength: 5 })
  .map((parts) => parts.join(''))
const comment = fc.tuple(inComments, fc.constantFrom(...ends)).map(([text, end]) => `//${text}${end}`)
const gap = fc.oneof(
  { weight: 160, arbitrary: fc.constantFrom(...spaces) },
  { weight: 60, arbitrary: comment },
  { weight: 60, arbitrary: fc.constant(' ') },
  { weight: 1, arbitrary: fc.constantFrom(...noSpaces) },
)
const maybe = fc.oneof({ weight: 3, arbitrary: fc.constant('') }, { weight: 2, arbitrary: gap })
const literal = fc
  .array(
    fc.oneof(
      {
        weight: 30,
        arbitrary: fc.constantFrom('a', ' ', ';', '//', '@id(', 'é𝒳', '\n', '\u2028', '\u0085', '\ufeff', '\\n', '\\"', '\\\\', "'", '*'),
      },
      { weight: 10, arbitrary: fc.constantFrom('\\0', "\\'", '\\t', '\\r', '\\x41', '\\x7f', '\\u{1F600}', '\\u{4_1}', '\\u{10ffff}') },
      { weight: 1, arbitrary: fc.constantFrom('\r', '\\\n', '\\*', '\\a', '\\x80', '\\u{D800}', '\\u{_41}', '\\u{}', '\\u{1234567}', '"') },
    ),
    { maxLength: 4 },
  )
  .map((parts) => `"${parts.join('')}"`)
const glued = (...parts: readonly (string | fc.Arbitrary<string>)[]) =>
  fc.tuple(...parts.flatMap((part) => [typeof part === 'string' ? fc.constant(part) : part, maybe])).map((all) => all.join(''))
const annotation = fc
  .constantFrom('id', 'advice', 'if', 'permit', '_x', '__proto__', 'constructor', 'X9')
  .chain((name) =>
    fc.oneof(
      { weight: 5, arbitrary: glued('@', name, '(', literal, ')') },
      { weight: 1, arbitrary: fc.tuple(glued('@', name), gap).map(([text, after]) => text + after) },
    ),
  )
const condition = fc.oneof(
  glued(fc.constantFrom('when', 'unless'), '{', 'context', '.', 's', '==', literal, '}'),
  glued(fc.constantFrom('when', 'unless'), '{', 'context', '[', literal, ']', 'like', literal, '}'),
  glued('when', '{', 'resource', '==', 'Resource', '::', literal, '||', '007', '<=', '-', '9223372036854775808', '}'),
)
const statement = fc
  .tuple(
    fc.array(annotation, { maxLength: 3 }),
    fc.oneof(
      { weight: 20, arbitrary: glued(fc.constantFrom('permit', 'forbid'), '(', 'principal', ',', 'action', ',', 'resource', ')') },
      { weight: 1, arbitrary: glued('permit', '(', 'principal', '==', '?', 'principal', ',', 'action', ',', 'resource', ')') },
    ),
    fc.array(condition, { maxLength: 2 }),
    fc.oneof({ weight: 30, arbitrary: fc.constant(';') }, { weight: 1, arbitrary: fc.constant('') }),
  )
  .map(([annotations, scope, conditions, end]) => [...annotations, scope, ...conditions, end].join(''))
const text = fc
  .tuple(
    maybe,
    fc.array(fc.tuple(statement, maybe), { maxLength: 4 }),
    fc.oneof(
      fc.constant(''),
      inComments.map((each) => `//${each}`),
    ),
  )
  .map(([first, statements, last]) => first + statements.flat().join('') + last)

describe('a text is read as Cedar reads it', () => {
  it('policy by policy, with the same effects and annotations, whatever stands between the words', () => {
    let accepted = 0
    fc.assert(
      fc.property(text, (each) => {
        const theirs = cedarReads(each)
        const ours = weReads(each)
        expect(ours?.map((policy) => meaningOf(policy.text))).toEqual(theirs)
        if (!ours || !theirs) return
        accepted += ours.length
        const said = ours.map(({ effect, annotations }) => ({ effect, annotations: { ...annotations } }))
        const meant = theirs.map((json) => JSON.parse(json, (_, value) => value ?? ''))
        expect(said).toEqual(meant.map(({ effect, annotations = {} }) => ({ effect, annotations })))
        const literals = ours.flatMap(({ tokens }) => tokens.flatMap((token) => (token.kind === 'string' ? [unquote(token.text)] : [])))
        for (const literal of theirs.flatMap(literalsIn)) expect(literals).toContain(literal)
        expect(weReads(canonical(each))?.map((policy) => meaningOf(policy.text))).toEqual(theirs)
      }),
      { numRuns: 500 },
    )
    expect(accepted).toBeGreaterThan(100)
  })

  it('after comments that end at a carriage return', () => {
    const read = readCedar('// note\r@id("a") forbid (principal, action, resource);// c\rpermit (principal, action, resource);')
    expect(read.ok && read.policies.map(({ id, effect }) => `${id} ${effect}`)).toEqual(['a forbid', 'policy1 permit'])
  })

  it('with every space of Unicode, and no other character, between words', () => {
    for (const each of [...spaces, ...noSpaces]) {
      const odd = `@id("a")${each}@advice("b")${each}permit (principal,${each}action, resource);`
      expect([each, weReads(odd)?.map(({ id, effect }) => `${id} ${effect}`)]).toEqual([each, cedarReads(odd) && ['a permit']])
    }
  })
})

/** The text of each string that Cedar's JSON form of a policy compares with. */
function literalsIn(json: string): readonly string[] {
  const found: string[] = []
  JSON.parse(json, (key, value) => {
    if (key === 'Value' && typeof value === 'string') found.push(value)
    return value
  })
  return found
}
