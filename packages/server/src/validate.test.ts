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
