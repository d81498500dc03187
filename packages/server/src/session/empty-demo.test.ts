import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openStore } from '../store/store.ts'
import { demoUsersFile } from './demo.ts'
import { emptyDemo } from './empty-demo.ts'

const folder = () => {
  const made = mkdtempSync(join(tmpdir(), 'agentgate-fresh-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

describe('a fresh demo', () => {
  it('removes the state of a demo, and nothing else that is there', async () => {
    const data = folder()
    await (await openStore({ folder: data, vaultSecret: new Uint8Array(32).fill(5) })).close()
    writeFileSync(join(data, demoUsersFile), '[]')
    writeFileSync(join(data, 'thesis.txt'), 'mine')
    expect(emptyDemo(data)).toBeUndefined()
    expect(readdirSync(data)).toEqual(['thesis.txt'])
    expect(emptyDemo(join(data, 'nowhere'))).toBeUndefined()
  })

  it('leaves alone what is not a demo', () => {
    const data = folder()
    expect(emptyDemo(data)).toBeUndefined()
    writeFileSync(join(data, 'file'), '')
    expect(emptyDemo(join(data, 'file'))).toContain('is a file')
    rmSync(join(data, 'file'))
    writeFileSync(join(data, 'thesis.txt'), 'mine')
    expect(emptyDemo(data)).toContain('not the folder of a demo')
    expect(readdirSync(data)).toEqual(['thesis.txt'])
  })

  it('leaves alone what another process works in', async () => {
    const data = folder()
    const store = await openStore({ folder: data, vaultSecret: new Uint8Array(32).fill(5) })
    writeFileSync(join(data, demoUsersFile), '[]')
    expect(emptyDemo(data)).toContain('in use')
    expect(existsSync(join(data, 'agentgate.db'))).toBe(true)
    await store.close()
  })
})
