import { describe, expect, it } from 'vitest'
import { detecting } from './detect.ts'
import { maxLength } from './kind.ts'
import { atOnce, inSlices, type Judging, maxSteps, sliceSteps, stepsWithin } from './steps.ts'

const forever = new AbortController().signal

describe('steps', () => {
  it('end at their limit, however they are taken', () => {
    const steps = stepsWithin(10)
    steps.take(4)
    steps.take(6)
    expect(() => steps.take(1)).toThrow('more than 10 steps')
  })

  it('say once for each slice that it is time for others', () => {
    const steps = stepsWithin(100, 10)
    steps.take(9)
    expect(steps.due()).toBe(false)
    steps.take(1)
    expect([steps.due(), steps.due()]).toEqual([true, false])
    steps.take(25)
    expect([steps.due(), steps.due()]).toEqual([true, false])
  })
})

describe('slices', () => {
  function* counting(): Judging<number> {
    for (let slice = 0; slice < 5; slice++) yield
    return 7
  }

  it('come to the same end as all at once', async () => {
    expect(atOnce(counting())).toBe(7)
    expect(await inSlices(counting(), forever)).toBe(7)
  })

  it('let everything else have a turn between them', async () => {
    let turns = 0
    let over = false
    const turn = (): void => {
      turns++
      if (!over) setImmediate(turn)
    }
    setImmediate(turn)
    await inSlices(counting(), forever)
    over = true
    expect(turns).toBeGreaterThanOrEqual(5)
  })

  it('end when nobody waits for them any more', async () => {
    const gone = new AbortController()
    let slices = 0
    function* endless(): Judging<void> {
      for (;;) {
        if (++slices === 3) gone.abort(new Error('gone'))
        yield
      }
    }
    await expect(inSlices(endless(), gone.signal)).rejects.toThrow('gone')
    expect(slices).toBe(3)
  })

  it('pass on that judging cannot tell', async () => {
    await expect(inSlices(detecting("it's a sentence", undefined, stepsWithin(50)), forever)).rejects.toThrow(RangeError)
  })

  // What is looked at before the first place to stop: a text is folded, unescaped and surveyed in one go each, at most six steps a unit.
  const longest = 8 * maxLength
  it.each([
    `'`,
    `' or `,
    '; cat ',
    '<a b="',
    'if(',
    'http://1.1.1.1',
    '%25',
    '&lt;',
    'a=b&',
    ')(',
    '{{',
    'union select ',
    "it's fine; I'd go. ",
    '\n',
  ])('no slice of a million units of %j is long, and all of it fits or is refused', (piece) => {
    const text = piece.repeat(Math.ceil(maxLength / piece.length)).slice(0, maxLength)
    const counted = stepsWithin(maxSteps, sliceSteps)
    let taken = 0
    let total = 0
    let worst = 0
    const judging = detecting(text, undefined, {
      take: (count) => {
        taken += count
        total += count
        worst = Math.max(worst, taken)
        counted.take(count)
      },
      due: counted.due,
    })
    try {
      while (!judging.next().done) taken = 0
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError)
    }
    expect(worst).toBeLessThan(longest)
    expect(total).toBeLessThan(maxSteps + longest)
  })
})
