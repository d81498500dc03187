import { describe, expect, it } from 'vitest'
import { fold } from './fold.ts'

describe('folding', () => {
  it.each([
    ['Müller', 'muller'],
    ['Þórólfur', 'thorolfur'],
    ['ŁUKASZ', 'lukasz'],
    ['Søren Æbelø', 'soren aebelo'],
    ['O’Neil', "o'neil"],
    ['Weiß', 'weiss'],
    ['Παφος', 'παφος'],
  ])('%s reads %s in the lists', (word, folded) => expect(fold(word)).toBe(folded))
})
