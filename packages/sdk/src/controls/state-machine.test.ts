import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Agent, memoryCounter, Refused, statefulGuardrail } from '../index.ts'
import type { Move } from './state-machine.ts'

const moves: readonly Move[] = [
  { from: 'draft', tool: 'review', to: 'reviewed' },
  { from: 'reviewed', tool: 'change_*', to: 'draft' },
  { from: 'reviewed', tool: 'publish', to: 'published' },
  { from: 'published', tool: 'retract', to: 'draft' },
]

function documents(counter = memoryCounter(), scope?: 'global') {
  const agent = new Agent({ counter, controls: [statefulGuardrail({ policies: [{ start: 'draft', moves, ...(scope && { scope }) }] })] })
  const ran: string[] = []
  const going = Promise.withResolvers<void>()
  for (const name of ['review', 'change_text', 'publish', 'retract', 'read']) {
    const input = z.object({ how: z.enum(['fine', 'fails', 'waits']) })
    const execute = async ({ how }: { how: 'fine' | 'fails' | 'waits' }) => {
      if (how === 'fails') throw new Error('no')
      if (how === 'waits') await going.promise
      ran.push(name)
    }
    agent.tool({ name, input, execute })
  }
  const call = (name: string, session = 's', how = 'fine') =>
    agent.call(name, { how }, { session }).then(
      () => 'ran',
      (error: unknown) => (error instanceof Refused ? `${error.code}: ${error.message}` : 'failed'),
    )
  return { call, ran, go: () => going.resolve() }
}

describe('a state machine', () => {
  it('lets calls pass that lead on from where its session is, and says what could be called instead', async () => {
    const { call } = documents()
    expect(await call('publish')).toMatch(/^out-of-order: .*`draft`: call `review` first/)
    expect(await call('read')).toBe('ran')
    expect(await call('review')).toBe('ran')
    expect(await call('review')).toMatch(/`reviewed`: call `change_\*` or `publish` first/)
    expect(await call('change_text')).toBe('ran')
    expect(await call('publish')).toMatch(/`draft`/)
    expect([await call('review'), await call('publish'), await call('retract'), await call('review')]).toEqual(Array(4).fill('ran'))
    expect(await call('publish', 'another session')).toMatch(/`draft`/)
  })

  it('stays where it is when a call fails', async () => {
    const { call } = documents()
    expect(await call('review', 's', 'fails')).toBe('failed')
    expect(await call('publish')).toMatch(/`draft`/)
    expect(await call('review')).toBe('ran')
  })

  it('lets one call at a time pass, on every replica that shares its counter', async () => {
    const counter = memoryCounter()
    const [one, other] = [documents(counter, 'global'), documents(counter, 'global')]
    const slow = one.call('review', 's', 'waits')
    const late = async () => {
      const answers = await Promise.all([other.call('review'), one.call('publish')])
      return answers.every((each) => each.includes('only one at a time'))
    }
    await expect.poll(late).toBe(true)
    one.go()
    expect(await slow).toBe('ran')
    const all = await Promise.all([other, one, other, one].map(({ call }) => call('publish')))
    expect(all.filter((each) => each === 'ran')).toHaveLength(1)
    expect(await other.call('retract')).toBe('ran')
  })

  it('never goes where no move leads, whatever is called', async () => {
    const tools = ['review', 'change_text', 'publish', 'retract'] as const
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(...tools), fc.constantFrom('fine', 'fails')), { maxLength: 12 }),
        async (calls) => {
          const { call, ran } = documents()
          for (const [name, how] of calls) await call(name, 's', how)
          let state = 'draft'
          for (const name of ran) {
            const move = moves.find(
              ({ from, tool }) => from === state && (tool === name || (tool === 'change_*' && name === 'change_text')),
            )
            expect(move).toBeDefined()
            state = move?.to ?? ''
          }
        },
      ),
      { numRuns: 20 },
    )
  })

  it('is refused without moves, or with two that cannot both be made', () => {
    expect(() => statefulGuardrail({ policies: [{ start: 'a', moves: [] }] })).toThrow(TypeError)
    const twice = { from: 'a', tool: 'x', to: 'b' }
    expect(() => statefulGuardrail({ policies: [{ start: 'a', moves: [twice, { ...twice, to: 'c' }] }] })).toThrow(/two moves from `a`/)
  })
})
