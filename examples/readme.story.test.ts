import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

describe('README', () => {
  const readme = readFileSync('README.md', 'utf8')

  it('shows example files exactly as the tests run them', () => {
    const shown = [...readme.matchAll(/<!-- (examples\/[\w.-]+) -->\n```ts\n([\s\S]*?)```/g)]
    expect(shown.length).toBeGreaterThan(0)
    for (const [, file = '', code] of shown) expect(code, `the block of ${file} in README.md`).toBe(readFileSync(file, 'utf8'))
  })

  it('links to files that exist', () => {
    for (const [, path = ''] of readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) expect(existsSync(path), path).toBe(true)
  })
})
