import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { loadKeys } from '../key-files.ts'
import { makeFolder } from './make-folder.ts'

const folder = mkdtempSync(join(tmpdir(), 'agentgate-folder-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('a data folder', () => {
  it('is made with those it is in, for this user alone, and left alone when it is there', () => {
    const deep = join(folder, 'a', 'b', 'c')
    makeFolder(deep)
    makeFolder(deep)
    expect(statSync(deep).mode & 0o777).toBe(0o700)
  })

  it('that is a file, or in one, is refused by the file system', () => {
    writeFileSync(join(folder, 'file'), '')
    expect(() => makeFolder(join(folder, 'file'))).toThrow(/EEXIST/)
    expect(() => makeFolder(join(folder, 'file', 'x'))).toThrow(/ENOTDIR|EEXIST/)
  })

  it.runIf(process.platform === 'linux')('where the system makes none is refused in one line, and soon', () => {
    const load = () => loadKeys({ mode: 'demo', data: '/proc/agentgate/data', keys: {} })
    expect(load).toThrow(expect.objectContaining({ name: 'StoreError', code: 'not-writable' }))
    expect(load).toThrow('`/proc/agentgate/data` cannot be written')
  })
})
