import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

/** Every file that a file imports for its values, itself included; `node:` modules as they are named. */
function reaches(file: URL, seen = new Set<string>()): Set<string> {
  if (seen.has(file.href)) return seen
  seen.add(file.href)
  for (const [, names = '', from = ''] of readFileSync(file, 'utf8').matchAll(/^(?:import|export)\b([^;]*?)from '([^']+)'/gm)) {
    if (/^\s*type\s/.test(names)) continue
    if (from.startsWith('.')) reaches(new URL(from, file), seen)
    else seen.add(from)
  }
  return seen
}

const node = (name: string) => [...reaches(new URL(name, import.meta.url))].filter((file) => !file.startsWith('file:'))

describe('what verifies evidence', () => {
  it('needs nothing but a browser', () => {
    expect(node('./verify.ts')).toEqual([])
    expect(node('./trust.ts')).toEqual([])
    expect(node('./checkpoint.ts')).toEqual([])
    expect(node('./tree-proof.ts')).toEqual([])
  })

  it('would be told if it did', () => {
    expect(node('./keys.ts')).toEqual(['node:crypto'])
  })
})
