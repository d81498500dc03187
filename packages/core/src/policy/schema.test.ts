import { describe, expect, it } from 'vitest'
import { askCedar } from './cedar-wasm.ts'
import { inputType } from './input-type.ts'
import { cedarSchema, type PolicyTool } from './schema.ts'

const tool = (more: Partial<PolicyTool> = {}): PolicyTool => ({
  name: 'act',
  action: 'act',
  effect: 'write',
  inputSchema: { type: 'object' },
  ...more,
})

describe('the schema of the registered tools', () => {
  it('is one that Cedar reads, with and without tools', () => {
    for (const tools of [[], [tool()], [tool({ name: 'we ird"name', action: 'model.call', effect: 'execute' })]]) {
      const { schema, errors } = cedarSchema(tools)
      expect(errors).toEqual([])
      expect(askCedar((cedar) => cedar.checkParseSchema(schema))).toEqual({ type: 'success' })
    }
  })

  it('puts each tool in the group of its effect and of the action that it declares', () => {
    const actions = cedarSchema([tool({ name: 'chat', action: 'model.call', effect: 'execute' })]).schema['']?.actions
    expect(actions?.['chat']?.memberOf).toEqual([{ id: 'model.call' }, { id: 'execute' }])
    expect(actions?.['model.call']?.memberOf).toEqual([{ id: 'execute' }])
  })

  it('refuses names that would put a tool under two effects', () => {
    expect(cedarSchema([tool({ name: 'read', action: 'read', effect: 'delete' })]).errors).toHaveLength(1)
    expect(cedarSchema([tool(), tool({ name: 'other', action: 'act', effect: 'pay' })]).errors).toHaveLength(1)
    expect(cedarSchema([tool({ name: 'write', action: 'write' })]).errors).toEqual([])
  })

  it('refuses tools that would stand above themselves, and stays one that Cedar reads', () => {
    const round = (...names: string[]) => names.map((name, at) => tool({ name, action: names[(at + 1) % names.length] ?? name }))
    for (const tools of [
      [tool({ name: 'write', action: 'change' })],
      round('a', 'b'),
      round('a', 'b', 'c'),
      [tool({ name: 'x' }), ...round('a', 'b')],
    ]) {
      const { schema, errors } = cedarSchema(tools)
      expect(errors).toEqual([expect.objectContaining({ code: 'action-conflict', message: expect.stringContaining('above itself') })])
      expect(askCedar((cedar) => cedar.checkParseSchema(schema))).toEqual({ type: 'success' })
    }
    const chain = [tool({ name: 'a', action: 'b' }), tool({ name: 'b', action: 'c' }), tool({ name: 'c' })]
    expect(cedarSchema(chain).errors).toEqual([])
    expect(askCedar((cedar) => cedar.checkParseSchema(cedarSchema(chain).schema))).toEqual({ type: 'success' })
  })
})

describe('the types that policies see of an input', () => {
  const typeOf = (schema: { [name: string]: unknown }) =>
    inputType({ type: 'object', properties: { x: schema as never }, required: ['x'] }).attributes['x']

  it('are those that JSON Schema and Cedar share', () => {
    expect(typeOf({ type: 'string', format: 'email' })?.of).toEqual({ type: 'String' })
    expect(typeOf({ type: 'integer' })?.of).toEqual({ type: 'Long' })
    expect(typeOf({ type: 'number' })?.of).toEqual({ type: 'Decimal' })
    expect(typeOf({ enum: ['a', 'b'] })?.of).toEqual({ type: 'String' })
    expect(typeOf({ type: 'array', items: { type: 'boolean' } })?.of).toEqual({ type: 'Set', element: { type: 'Boolean' } })
  })

  it('make what may be null optional', () => {
    expect(typeOf({ type: ['string', 'null'] })).toEqual({ of: { type: 'String' }, required: false })
    expect(typeOf({ anyOf: [{ type: 'integer' }, { type: 'null' }] })).toEqual({ of: { type: 'Long' }, required: false })
  })

  it('leave out what has no one type, and names that Cedar reserves', () => {
    for (const schema of [
      {},
      { anyOf: [{ type: 'string' }, { type: 'integer' }] },
      { type: ['string', 'integer'] },
      { $ref: '#' },
      { type: 'array' },
      { enum: ['a', 1] },
    ]) {
      expect(typeOf(schema)).toBeUndefined()
    }
    expect(inputType({ properties: { __entity: { type: 'string' }, __extn: { type: 'string' } } })).toEqual({
      type: 'Record',
      attributes: {},
    })
  })

  it('end on a schema that nests without end', () => {
    let schema: { [name: string]: unknown } = { type: 'string' }
    for (let depth = 0; depth < 1_000; depth++) schema = { type: 'array', items: schema }
    expect(typeOf(schema)).toBeUndefined()
  })
})
