import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../json.ts'
import { mayHide, unseenIn } from './hidden-field.ts'

const integer = { type: 'integer' } as const
const schema = (more: JsonObject): JsonObject => ({ type: 'object', ...more })
const hides = (more: JsonObject, path = 'amount') => mayHide({ inputSchema: schema(more) }, path.split('.'))

describe('a field that a schema may hide', () => {
  it.each([
    ['a reference', { properties: { amount: { $ref: '#/$defs/money' } }, $defs: { money: integer } }],
    ['a union of types', { properties: { amount: { type: ['integer', 'string'] } } }],
    ['a union of schemas', { properties: { amount: { anyOf: [integer, { type: 'string' }] } } }],
    ['numbers that are listed', { properties: { amount: { enum: [1, 2] } } }],
    ['one number', { properties: { amount: { const: 5 } } }],
    ['no type', { properties: { amount: {} } }],
    ['a part of all', { allOf: [{ properties: { amount: integer } }] }],
    ['a part of some, beside one that is listed', { properties: { other: integer }, anyOf: [{ properties: { amount: integer } }] }],
    ['a branch', { if: { properties: { kind: { const: 'x' } } }, then: { properties: { amount: integer } } }],
    ['a part that depends on another', { dependentSchemas: { kind: { properties: { amount: integer } } } }],
    ['a reference to a part', { $ref: '#/$defs/base', $defs: { base: { properties: { amount: integer } } } }],
    ['a reference to elsewhere', { $ref: 'https://example.com/schema.json' }],
    ['names by a pattern', { patternProperties: { '^a': integer } }],
    ['any other name', { additionalProperties: true }],
    ['any other name, of one type', { additionalProperties: integer }],
    ['any other name that nothing evaluated', { unevaluatedProperties: integer }],
    ['a dynamic reference', { $dynamicRef: '#node' }],
  ])('is behind %s', (_, more) => expect(hides(more)).toBe(true))

  it('is within what is hidden, or open in words', () => {
    expect(
      hides({ properties: { order: { $ref: '#/$defs/o' } }, $defs: { o: schema({ properties: { amount: integer } }) } }, 'order.amount'),
    ).toBe(true)
    expect(hides({ properties: { order: schema({ additionalProperties: true }) } }, 'order.amount')).toBe(true)
    expect(hides({ properties: { order: schema({ properties: { id: integer } }) } }, 'order.amount')).toBe(false)
  })

  it('is not where nothing of that name can be', () => {
    for (const more of [
      {},
      { properties: { other: integer } },
      { properties: { other: { $ref: '#/$defs/x' } }, $defs: { x: { properties: { amount: integer } } } },
      { properties: { other: integer }, additionalProperties: false },
      { properties: { amount: { type: 'null' } } },
      { allOf: [{ properties: { other: integer } }], $defs: { amount: integer } },
    ])
      expect([more, hides(more)]).toEqual([more, false])
    expect(hides({ properties: { amount: integer } }, 'amount.value')).toBe(false)
  })

  it('is told of schemas that go round in circles', () => {
    const round = { properties: { child: { $ref: '#' } }, $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/a' } } }
    expect(hides(round)).toBe(true)
    expect(hides({ properties: { child: { $ref: '#' }, amount: integer } }, 'child.child.amount')).toBe(true)
  })
})

describe('what is unseen in an input', () => {
  it('is the outermost place that has no one type, and nothing that is null or known', () => {
    const of = schema({
      properties: {
        amount: integer,
        either: { type: ['integer', 'string'] },
        order: schema({ properties: { id: integer } }),
        none: { type: ['integer', 'null'] },
      },
    })
    expect(unseenIn({ amount: 1, none: null }, of)).toEqual([])
    expect(unseenIn({ amount: 1, either: 2, order: { id: 1, more: { x: 1 } } }, of)).toEqual([['either'], ['order', 'more']])
    expect(unseenIn({ either: null, toString: 1 }, of)).toEqual([['toString']])
  })
})
