import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findNames } from './find.ts'

const found = (text: string, hint = '') => findNames(text, hint, []).map(({ kind, start, end }) => `${kind} ${text.slice(start, end)}`)

describe('names', () => {
  it.each([
    ['Delete user John Smith, SSN 123-45-6789, and export account history', ['PERSON John Smith']],
    ['Hi Zsófia, thanks for your help', ['PERSON Zsófia']],
    ['my name is vitoria', ['PERSON vitoria']],
    ['Please ask Dr. Okonkwo about it.', ['PERSON Okonkwo']],
    ["I met Sigríður Jónsdóttir's brother", ['PERSON Sigríður Jónsdóttir']],
    ['The book is by J. K. Rowling.', ['PERSON J. K. Rowling']],
    ['Customer: Ludwig van der Berg', ['PERSON Ludwig van der Berg']],
    ['We moved here from Burkina Faso last year', ['LOCATION Burkina Faso']],
    ['She lives in Tampere, Finland', ['LOCATION Tampere', 'LOCATION Finland']],
    ['I work for Merrill Lynch in Den Haag', ['ORGANIZATION Merrill Lynch', 'LOCATION Den Haag']],
    ['the invoice of Brightwater Systems Ltd. is late', ['ORGANIZATION Brightwater Systems Ltd']],
    ["I'm Bojka Žilih, and we'll meet", ['PERSON Bojka Žilih']],
    ['They arrived at Khandallah by train', ['LOCATION Khandallah']],
    ['the firm of Hall, Ward and Coleman', ['ORGANIZATION Hall, Ward and Coleman']],
    ['Lake Chad is shrinking', ['LOCATION Lake Chad']],
    ['She studied at the University of Copenhagen', ['ORGANIZATION University of Copenhagen']],
  ])('in %j', (text, expected) => expect(found(text)).toEqual(expected))

  it.each([
    'Please select a table by the window and drop me a line; our union meets at 5 # room 12 | bring type O -- thanks',
    'Will you mark the page? May I grant him access in March?',
    'The Quick Start guide says: Open Settings, then press Save.',
    'const John = require("./lib/Smith"); class Paris extends London {}',
    'see /home/maria/Documents and https://example.com/Anna and anna@example.com',
    'WARNING: DO NOT CLOSE THIS WINDOW',
    'Monday is my day off. I speak English and French.',
    'Explain Bayes Theorem to a child, then write it in Ruby on Rails',
    'Compare Mercedes Benz with Alfa Romeo, and Travis CI with Jenkins',
    'Use Apache Kafka behind an Elastic Stack, with a Markov Model',
  ])('none in %j', (text) => expect(found(text)).toEqual([]))

  it.each([
    'An important header for Fastify, in TypeScript.',
    'Default: the Buffer of the Parser, or an AssertionError of the GoogleMapsPlugin.',
    'It compiles to WASM by a Deterministic Finite Automaton.',
    'console.log("Hello World!")',
  ])('are none where programs and their parts are called by theirs: %s', (text) => {
    expect(found(text).filter((each) => each.startsWith('PERSON'))).toEqual([])
  })

  it('are of people where a program is written by one', () => {
    expect(found('The Parser was written by Vyacheslav Egorov and Jasmine McDonald.')).toEqual([
      'PERSON Vyacheslav Egorov',
      'PERSON Jasmine McDonald',
    ])
  })

  it('take the name of the field for a word before', () => {
    expect(found('Kadiev', 'customer name')).toEqual(['PERSON Kadiev'])
    expect(found('Kadiev', 'title')).toEqual([])
  })

  it('are in reading order, apart and inside the text, for any text', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'John',
        ' ',
        '. ',
        'Smith',
        'in',
        'Paris',
        'Mr',
        "'s",
        ',',
        '\n',
        'and',
        'Inc',
        'de',
        'Þór',
        'J.',
        '-',
        '(',
        '"',
        'ACME',
        'mary',
      ),
      fc.string({ unit: 'binary', maxLength: 5 }),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join('')
        let last = 0
        for (const { start, end, score } of findNames(text, '', [])) {
          expect(start).toBeGreaterThanOrEqual(last)
          expect(end).toBeGreaterThan(start)
          expect(end).toBeLessThanOrEqual(text.length)
          expect(score).toBeLessThanOrEqual(0.9)
          expect(text.slice(start, end).trim()).toBe(text.slice(start, end))
          last = end
        }
      }),
      { numRuns: 300 },
    )
  })
})
