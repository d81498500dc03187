import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Agent } from './agent.ts'

const person = z.object({
  name: z.string(),
  get friends() {
    return z.array(person).optional()
  },
})

const input = z.object({
  who: z.object({ id: z.string() }),
  rows: z.array(z.object({ n: z.number() })).optional(),
  either: z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]).optional(),
  person: person.optional(),
  free: z.record(z.string(), z.unknown()).optional(),
  named: z
    .object({ first: z.string(), last: z.string() })
    .transform(({ first, last }) => ({ full: `${first} ${last}` }))
    .optional(),
})

function looking() {
  const agent = new Agent()
  const ran: unknown[] = []
  agent.tool({ name: 'look', input, execute: (given) => void ran.push(given) })
  return { ran, look: async (given: unknown) => agent.call('look', given) }
}

describe('keys that a schema does not name', () => {
  it.each([
    ['at the top', { who: { id: '1' }, admin: true }],
    ['in an object', { who: { id: '1', admin: true } }],
    ['in an item of a list', { who: { id: '1' }, rows: [{ n: 1 }, { n: 2, admin: true }] }],
    ['in one of several forms', { who: { id: '1' }, either: { b: 'x', admin: true } }],
    ['however deep', { who: { id: '1' }, person: { name: 'a', friends: [{ name: 'b', friends: [{ name: 'c', admin: true }] }] } }],
    ['beside one that is made another', { who: { id: '1' }, named: { first: 'a', last: 'b', admin: true } }],
  ])('are refused, and never ignored: %s', async (_, given) => {
    const { look, ran } = looking()
    await expect(look(given)).rejects.toMatchObject({ code: 'invalid-input', message: expect.stringContaining('1 of its keys') })
    expect(ran).toEqual([])
  })

  it('are none where the schema takes any, or makes something else of those that it names', async () => {
    const { look, ran } = looking()
    await look({ who: { id: '1' }, free: { any: { thing: 1 } }, named: { first: 'Ada', last: 'L' }, either: { a: 'x' } })
    expect(ran).toEqual([{ who: { id: '1' }, free: { any: { thing: 1 } }, named: { full: 'Ada L' }, either: { a: 'x' } }])
  })
})
