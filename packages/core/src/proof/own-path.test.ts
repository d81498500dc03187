import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalPath, pathsAbove as above } from '../policy/path.ts'
import { pathsAbove, shortestPath } from './own-path.ts'

const pieces = [
  '/',
  '/',
  '.',
  '..',
  '%2e',
  '%2F',
  '%c3%a9',
  '%C3',
  '%e2%80%8b',
  '%f0%9f%98%80',
  '%ed%a0%80',
  '%c0%af',
  '%f8',
  '%',
  '%4',
  '%61',
  '%20',
]
const path = fc
  .array(fc.oneof(fc.constantFrom(...pieces, 'a', 'é', '\u200b', '\\', '?', ';', 'A'), fc.string({ unit: 'binary', maxLength: 2 })), {
    maxLength: 12,
  })
  .map((parts) => `/${parts.join('')}`)

describe('a path as a theorem reads it', () => {
  it('is the one that policies judge, and so is what is above it', () => {
    fc.assert(
      fc.property(path, (text) => {
        const read = shortestPath(text)
        expect(read).toBe(canonicalPath(text))
        expect(pathsAbove(read)).toEqual(above(read))
        expect(shortestPath(read)).toBe(read)
      }),
      { numRuns: 5_000 },
    )
  })

  it.each([
    ['/', '/'],
    ['//', '/'],
    ['/..', '/'],
    ['/a/b/../../..', '/'],
    ['/a/./b//c/', '/a/b/c'],
    ['/%61%2e%2E', '/a..'],
    ['/x/%2e%2E/y', '/y'],
    ['/%2f%3f%c3%A9%20%5c', '/%2F%3Fé %5C'],
    ['/%41%zz', '/%41%zz'],
    ['/%c3/%e2%80%8b', '/%C3/%E2%80%8B'],
    ['a/../b', 'a/../b'],
    ['%2Fprod', '%2Fprod'],
  ])('of %s is %s', (text, read) => {
    expect(shortestPath(text)).toBe(read)
    expect(canonicalPath(text)).toBe(read)
  })
})
