import { type JsonObject, register } from '@agentgate/core'
import { describe, expect, it } from 'vitest'
import { compileSchema, validateBySchema } from './validate.ts'

const check = async (schema: JsonObject, input: JsonObject) => {
  const tool = register({ name: 't', input: schema, effect: 'read' }, () => JSON.stringify(schema))
  const checked = await validateBySchema()(tool, input)
  return 'issues' in checked ? checked.issues.join('; ') : 'fits'
}

describe('input against the schema of its tool', () => {
  it('fits, or not, and unknown keys are refused', async () => {
    const schema = { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] }
    expect(await check(schema, { text: 'x' })).toBe('fits')
    expect(await check(schema, { text: 1 })).toContain('/text')
    expect(await check(schema, { text: 'x', more: 1 })).toContain('must not have keys')
  })

  it('says nothing of keys that the schema does not name: they may be personal data', async () => {
    const map = { type: 'object', properties: { map: { type: 'object', additionalProperties: { type: 'string' } } } }
    for (const input of [{ map: { 'ada@example.com': 1 } }, { 'ada@example.com': 1 }, { map: { '321-54-9876': {} } }]) {
      const said = await check(map, input)
      expect(said).not.toMatch(/ada|321/)
      expect(said).not.toBe('fits')
    }
    expect(await check(map, { map: { 'ada@example.com': 1 } })).toContain('/map/*')
  })

  it('judges patterns in linear time, and takes none that cannot be', async () => {
    const slow = { type: 'object', properties: { text: { type: 'string', pattern: '^(a+)+$' } } }
    expect(await check(slow, { text: `${'a'.repeat(50_000)}!` })).toContain('/text')
    expect(await check(slow, { text: 'aaa' })).toBe('fits')
    expect(() => compileSchema({ type: 'object', properties: { text: { type: 'string', pattern: '(?=a)b' } } })).toThrow()
    expect(() => compileSchema({ type: 'string' })).toThrow('"type": "object"')
  })
})

describe('integers beyond 2^53, carried as their digits', () => {
  const big = '9223372036854775807'
  const schema = {
    type: 'object',
    properties: {
      n: { type: 'integer', minimum: 5, maximum: 9223372036854775807n },
      list: { type: 'array', items: { type: ['integer', 'null'] } },
      text: { type: 'string' },
      free: {},
    },
  }
  const plain = JSON.parse(JSON.stringify(schema, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value))) as JsonObject

  it('fit where an integer belongs, and a text stays a text', async () => {
    expect(await check(plain, { n: big, list: [1, big, null, '-9223372036854775808'], text: big, free: big })).toBe('fits')
    for (const wrong of ['5', '9223372036854775808', '9007199254740991', '<SSN_1>', '09223372036854775807', ` ${big}`])
      expect(await check(plain, { n: wrong })).toContain('/n')
    expect(await check(plain, { n: '-9223372036854775807' })).toContain('>= 5')
    expect(await check(plain, { list: Array.from({ length: 100 }, () => big) })).toContain('/list')
  })

  it('do not fit a schema that rounding could deceive', async () => {
    expect(await check({ type: 'object', properties: { n: { type: 'integer', multipleOf: 2 } } }, { n: big })).toContain('/n')
    expect(await check({ type: 'object', properties: { n: { type: 'integer', maximum: 2 ** 60 } } }, { n: `${2n ** 60n + 1n}` })).toContain(
      '/n',
    )
  })
})
