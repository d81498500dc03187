import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { labelledNames, namedInWindows, windowsOf } from './labelled.ts'

const said = (words: string) =>
  words.split(' ').map((each) => {
    const [word = '', label = 'O'] = each.split('/')
    return { word, label, score: 0.9 }
  })
const found = (text: string, words: string) =>
  labelledNames(text, said(words), 'm').map(({ kind, start, end }) => `${kind} ${text.slice(start, end)}`)

describe('names by the labels of a token classifier', () => {
  it('are whole words, whatever the tokeniser made of them', () => {
    expect(
      found('My name is Zsófia Nagy-Kovács.', 'my name is zs/B-PER ##of/I-PER ##ia/I-PER nagy/I-PER -/I-PER kov/I-PER ##acs .'),
    ).toEqual(['PERSON Zsófia Nagy-Kovács'])
    expect(found('Sarah lives in New York', '▁Sarah/B-PER ▁lives ▁in ▁New/B-LOC ▁York/I-LOC')).toEqual([
      'PERSON Sarah',
      'LOCATION New York',
    ])
    expect(found('Ann and Bob at ACME', 'Ann/S-PER and Bob/S-PER at AC/B-ORG ##ME/E-ORG')).toEqual([
      'PERSON Ann',
      'PERSON Bob',
      'ORGANIZATION ACME',
    ])
  })

  it('are apart where the labels begin anew, and pass over tokens that are not in the text', () => {
    expect(found('Ann Bob', 'Ann/B-PER Bob/B-PER')).toEqual(['PERSON Ann', 'PERSON Bob'])
    expect(found('I met 🦄 Ann today', 'i met [UNK] ann/B-PER today')).toEqual(['PERSON Ann'])
    expect(found('x', 'y/B-PER Z/B-DATE')).toEqual([])
  })

  it('are found in windows as in the whole, wherever the windows are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('Ann', 'Bob Smith', 'and', 'söme', '数字', 'x'.repeat(100), '.'), { maxLength: 300 }),
        (words) => {
          const text = words.join(' ')
          const windows = windowsOf(text)
          const covered = windows.reduce((to, { at, text: part }) => (at <= to ? at + part.length : Number.NaN), 0)
          expect(covered).toBe(text.length)
          for (const { text: part } of windows) expect(Buffer.byteLength(part)).toBeLessThanOrEqual(720)
          const labels = windows.map(({ text: part }) =>
            part
              .split(' ')
              .map((word) => ({ word, score: 0.9, label: word === 'Ann' || word === 'Bob' ? 'B-PER' : word === 'Smith' ? 'I-PER' : 'O' })),
          )
          const expected = [...text.matchAll(/Ann|Bob Smith/g)].map(({ index, 0: name }) => `${index} ${index + name.length}`)
          expect(namedInWindows(text, windows, labels, 'm').map(({ start, end }) => `${start} ${end}`)).toEqual(expected)
        },
      ),
    )
  })
})
