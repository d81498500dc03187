import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'

describe('examples/prompt-guard', () => {
  it('refuses the first two messages and answers the third', () => {
    const lines = execFileSync(process.execPath, ['examples/prompt-guard.ts'], { encoding: 'utf8' }).trim().split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[0]).toMatch(/^refused \(prompt-injection\)/)
    expect(lines[1]).toMatch(/^refused \(prompt-injection\)/)
    expect(lines[2]).toBe('You asked: What is the capital of France?')
  })
})
