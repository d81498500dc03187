import { Problem } from '@agentgate/api'
import { describe, expect, it } from 'vitest'
import { explain } from './trouble.ts'

describe('an error', () => {
  it('is told in the words of the server', () => {
    const problem = { type: 'forbidden', status: 403, detail: 'Needs `trace:read`.', instance: 'req-1' }
    expect(explain(new Problem({ ...problem, title: 'Forbidden' }))).toEqual({
      status: 403,
      code: 'forbidden',
      denied: true,
      detail: 'Needs `trace:read`.',
      request: 'req-1',
    })
    expect(explain(problem).denied).toBe(true)
  })

  it('is not taken for a refusal when the server could not be asked', () => {
    expect(explain(new TypeError('Failed to fetch'))).toEqual({
      denied: false,
      detail: 'The server cannot be reached: check that it runs, then try again.',
    })
  })

  it('is told whatever it is', () => {
    for (const odd of [undefined, null, 7, 'x', {}, { status: 'x' }, { body: null }]) expect(explain(odd).detail).not.toBe('')
  })
})
