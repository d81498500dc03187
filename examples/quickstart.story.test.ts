import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'

describe('examples/quickstart', () => {
  it('governs a call, and openssl accepts its evidence', () => {
    const cwd = mkdtempSync(join(tmpdir(), 'agentgate-quickstart-'))
    onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
    const printed = execFileSync(process.execPath, [resolve('examples/quickstart.ts')], { cwd, encoding: 'utf8' })
    expect(printed).toContain('You wrote: My SSN is 123-45-6789, please help')
    expect(printed).toMatch(/certificate [0-9a-f-]{36} verifies: true/)

    const lines = readFileSync(join(cwd, 'traces.jsonl'), 'utf8').trim().split('\n')
    expect(lines).toHaveLength(2)
    expect(lines.join()).toContain('My SSN is <SSN_1>, please help')
    expect(`${lines.join()}${readFileSync(join(cwd, 'call.agentgate.json'), 'utf8')}`).not.toContain('123-45-6789')

    const script = resolve('scripts/verify-with-openssl.sh')
    const verdict = execFileSync('bash', [script, 'call.agentgate.json', 'trust.pem'], { cwd, encoding: 'utf8' })
    expect(verdict).not.toMatch(/fail/i)
  })
})
