import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'

/** Examples that need nothing around them: what a comment after `console.log` says is what it prints. */
const examples = ['formal-verification', 'stateful-guardrail', 'transaction']

describe.each(examples)('examples/%s', (name) => {
  it('prints what its comments say', () => {
    const cwd = mkdtempSync(join(tmpdir(), `agentgate-${name}-`))
    onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
    const file = resolve(`examples/${name}.ts`)
    const said = [...readFileSync(file, 'utf8').matchAll(/^\s*console\.log\(.*\) \/\/ (.+)$/gm)].map(([, comment]) => comment)
    const printed = execFileSync(process.execPath, [file], { cwd, encoding: 'utf8' }).trim().split('\n')
    expect(said.length).toBeGreaterThan(0)
    expect(printed).toEqual(said)
  })
})
