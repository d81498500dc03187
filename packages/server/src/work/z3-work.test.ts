import { describe, expect, it } from 'vitest'
import { z3Work } from './z3-work.ts'

const script = (body: string) => `(set-logic ALL)\n${body}\n(check-sat)`
/** Thirteen pigeons in twelve holes: far too long to decide. */
const endless = (() => {
  const all = Array.from({ length: 13 }, (_, each) => each)
  const holes = all.slice(1)
  return script(
    [
      ...all.flatMap((one) => holes.map((hole) => `(declare-fun p${one}_${hole} () Bool)`)),
      ...all.map((one) => `(assert (or ${holes.map((hole) => `p${one}_${hole}`).join(' ')}))`),
      ...holes.flatMap((hole) =>
        all.flatMap((one) => all.filter((two) => two > one).map((two) => `(assert (not (and p${one}_${hole} p${two}_${hole})))`)),
      ),
    ].join('\n'),
  )
})()

describe('Z3 in a worker', () => {
  it('is started by the first question, and leaves the event loop free while it solves', async () => {
    const work = z3Work()
    expect(work.running()).toBe(false)
    await work.check(script('(assert true)'))
    expect(work.running()).toBe(true)
    const slow = work.check(endless, { limit: 400 })
    let turns = 0
    const turning = setInterval(() => turns++, 5)
    expect(await slow).toMatchObject({ answer: 'unknown' })
    clearInterval(turning)
    expect(turns).toBeGreaterThan(10)
    await work.close()
  })

  it('is ended when whoever asked goes away, and the next question gets another', async () => {
    const work = z3Work()
    const gone = new AbortController()
    await work.check(script('(assert true)'))
    const asked = work.check(endless, { limit: 60_000, signal: gone.signal })
    const waiting = work.check(script('(assert false)'))
    const never = work.check(endless, { signal: gone.signal })
    gone.abort(new Error('gone'))
    await expect(asked).rejects.toThrow('gone')
    await expect(never).rejects.toThrow('gone')
    expect(await waiting).toEqual({ answer: 'unsat' })
    await work.close()
  })

  it('is replaced after so many questions, or when it has grown', async () => {
    const few = z3Work({ questions: 2 })
    await few.check(script('(assert true)'))
    expect(few.running()).toBe(true)
    await few.check(script('(assert true)'))
    expect(few.running()).toBe(false)
    expect(await few.check(script('(assert false)'))).toEqual({ answer: 'unsat' })
    await few.close()

    const small = z3Work({ memory: 1 })
    expect(await small.check(script('(assert false)'))).toEqual({ answer: 'unsat' })
    expect(small.running()).toBe(false)
    await small.close()
  })

  it('refuses when too many wait, and tells whoever waits that it was closed', async () => {
    const work = z3Work({ waiting: 1 })
    const first = work.check(endless, { limit: 60_000 })
    const second = work.check(script('(assert true)'))
    await expect(work.check(script('(assert true)'))).rejects.toThrow(RangeError)
    const both = Promise.allSettled([first, second])
    await work.close()
    expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await expect(work.check(script('(assert true)'))).rejects.toThrow('closed')
  })
})
