import { describe, expect, it } from 'vitest'
import { emptyInput, requestOf } from './request.ts'

describe('a call to judge', () => {
  it('is read from the address', () => {
    const asked = {
      who: 'User::a',
      roles: 'developer, viewer',
      mfa: 'yes',
      action: 'chat',
      resource: '/x',
      context: '{"taint":"none"}',
    } as const
    expect(requestOf(asked, { policy_set_id: 'mine', draft: true })).toEqual({
      ok: true,
      body: {
        policy_set_id: 'mine',
        draft: true,
        principal: { id: 'User::a', roles: ['developer', 'viewer'], mfa: true },
        action: 'chat',
        resource: '/x',
        context: { taint: 'none' },
      },
    })
  })

  it('is not sent while its facts are no object', () => {
    expect(requestOf({ context: '{\n"a" 1}' }, {})).toMatchObject({ ok: false, line: 2 })
    expect(requestOf({ context: '[]' }, {})).toMatchObject({ ok: false })
  })

  it('begins with the input that its tool asks for', () => {
    const schema = {
      type: 'object',
      required: ['text', 'to', 'kind'],
      properties: {
        text: { type: 'string' },
        to: { type: 'object', properties: { count: { type: 'integer' }, all: { type: 'boolean' } } },
        kind: { enum: ['a', 'b'] },
        more: { type: 'string' },
      },
    }
    expect(emptyInput(schema)).toEqual({ text: '', to: { count: 0, all: false }, kind: 'a' })
    expect(emptyInput(7)).toBe(null)
  })
})
