import { afterAll, describe, expect, it } from 'vitest'
import { analysisWork } from './analysis-work.ts'

const work = analysisWork()
afterAll(() => work.close())
const asked = { limit: 60_000 }
const same = { tools: [], limit: 5_000 }
const guards = { id: 'guards', text: '@id("reads") permit (principal, action in Action::"read", resource);' }
const more = { id: 'more', text: '@id("reads") permit (principal, action in Action::"delete", resource) when { context.mfa };' }

describe('the analysis in a worker', () => {
  it('judges invariants over several sets together', async () => {
    const invariants = '@invariant("nothing is deleted") forbid (principal, action in Action::"delete", resource);'
    expect(await work.ask({ ask: 'invariants', sets: [guards], invariants, ...same }, asked)).toEqual([
      { answer: 'holds', invariant: { id: 'invariant0', says: 'nothing is deleted' } },
    ])
    expect(await work.ask({ ask: 'invariants', sets: [guards, more], invariants, ...same }, asked)).toMatchObject([
      { answer: 'violated', counterexample: { request: { context: { mfa: true } } } },
    ])
  })

  it('answers the other questions', async () => {
    const differs = await work.ask({ ask: 'difference', before: [guards], after: [guards, more], ...same }, asked)
    expect(differs).toMatchObject({ newlyAllowed: { answer: 'violated' }, newlyDenied: { answer: 'holds' } })
    expect(await work.ask({ ask: 'at-most', narrow: [guards], wide: [guards, more], ...same }, asked)).toEqual({ answer: 'holds' })
    const twice = [guards, { ...guards, id: 'again' }]
    expect(await work.ask({ ask: 'findings', sets: twice, ...same }, asked)).toEqual({
      found: [
        { policy: 'guards/reads', kind: 'shadowed', by: ['again/reads'] },
        { policy: 'again/reads', kind: 'shadowed', by: ['guards/reads'] },
      ],
      unknown: [],
    })
  })

  it('says why it cannot answer, and that nothing is known when the time is over', async () => {
    await expect(work.ask({ ask: 'findings', sets: [{ id: 'x', text: 'permit' }], ...same }, asked)).rejects.toThrow('`x` cannot be read')
    expect(await work.ask({ ask: 'findings', sets: [guards], ...same }, { limit: 0 })).toBeUndefined()
    expect(work.running()).toBe(false)
    expect(await work.ask({ ask: 'findings', sets: [guards], ...same }, asked)).toEqual({ found: [], unknown: [] })
  })
})
