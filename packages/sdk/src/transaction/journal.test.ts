import { execFileSync, spawn } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { fileJournal } from './file-journal.ts'
import { FolderTaken } from './folder-lock.ts'
import { memoryJournal } from './journal.ts'
import { journalContract } from './journal.contract.ts'

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'agentgate-journal-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const key = randomBytes(32)
const started = (transaction: string, step: number) =>
  ({ transaction, kind: 'started', step, tool: 'pay', input: { to: 'ada@example.com' } }) as const

journalContract('memory', memoryJournal)
journalContract('files', () => fileJournal({ folder: newFolder(), key }))

describe('a journal in files', () => {
  it('says what key it wants where it has none', () => {
    for (const key of [undefined, 'x'.repeat(32), new Uint8Array(31)])
      expect(() => fileJournal({ folder: 'unused', key } as never)).toThrow('give 32 random ones')
  })

  it('is there for who opens it later, and holds nothing readable', async () => {
    const folder = newFolder()
    const id = randomUUID()
    await fileJournal({ folder, key }).append(started(id, 0))
    const later = fileJournal({ folder, key })
    expect(await later.read()).toEqual([started(id, 0)])
    await later.append({ transaction: id, kind: 'failed', step: 0 })
    expect((await fileJournal({ folder, key }).read()).map(({ kind }) => kind)).toEqual(['started', 'failed'])
    expect(readFileSync(join(folder, `${id}.journal`), 'utf8')).not.toMatch(/ada|pay|started/)
  })

  it('leaves out the line that a crash tore, wherever it tore it, and writes on after what was whole', async () => {
    const folder = newFolder()
    const id = randomUUID()
    const journal = fileJournal({ folder, key })
    for (const step of [0, 1]) await journal.append(started(id, step))
    const file = join(folder, `${id}.journal`)
    const text = readFileSync(file, 'utf8')
    const first = text.indexOf('\n') + 1
    for (let cut = first; cut < text.length; cut += 17) {
      writeFileSync(file, text)
      truncateSync(file, cut)
      const torn = fileJournal({ folder, key })
      expect(await torn.read()).toEqual([started(id, 0)])
      await torn.append(started(id, 7))
      expect((await torn.read()).map((entry) => 'step' in entry && entry.step)).toEqual([0, 7])
    }
  })

  it('cannot tell what was changed, moved, or sealed under another key', async () => {
    const folder = newFolder()
    const [id, other] = [randomUUID(), randomUUID()]
    const journal = fileJournal({ folder, key })
    for (const step of [0, 1]) await journal.append(started(id, step))
    const file = join(folder, `${id}.journal`)
    const [first = '', second = ''] = readFileSync(file, 'utf8').split('\n')
    await expect(fileJournal({ folder, key: randomBytes(32) }).read()).rejects.toThrow('another key')
    for (const text of [
      `${second}\n${first}\n`,
      `${second}\n`,
      `${first.slice(0, 30)}${first[30] === 'A' ? 'B' : 'A'}${first.slice(31)}\n`,
    ]) {
      writeFileSync(file, text)
      await expect(fileJournal({ folder, key }).read()).rejects.toThrow('was changed')
    }
    writeFileSync(file, `${first}\n`)
    writeFileSync(join(folder, `${other}.journal`), `${first}\n`)
    await expect(fileJournal({ folder, key }).read()).rejects.toThrow('was changed')
  })

  it('asks for a key of 32 bytes, and for ids that are no paths', async () => {
    expect(() => fileJournal({ folder: newFolder(), key: randomBytes(16) })).toThrow('32 random')
    await expect(fileJournal({ folder: newFolder(), key }).append(started('../x', 0))).rejects.toThrow('no id')
  })

  it('belongs to one process while that lives, and to the next once it is gone', async () => {
    const folder = newFolder()
    const script = `import { lockFolder } from ${JSON.stringify(join(import.meta.dirname, 'folder-lock.ts'))}
      await lockFolder(${JSON.stringify(folder)}); console.log('locked'); setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    await new Promise((resolve) => child.stdout.once('data', resolve))
    await expect(fileJournal({ folder, key }).read()).rejects.toThrow(FolderTaken)
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('exit', resolve))
    expect(await fileJournal({ folder, key }).read()).toEqual([])
    expect(readdirSync(folder)).toEqual(['lock'])
  })

  it('takes over from a process whose number another has by now', async () => {
    const folder = newFolder()
    const pid = execFileSync('sh', ['-c', 'echo $PPID'], { encoding: 'utf8' }).trim()
    appendFileSync(join(folder, 'lock'), `${pid} 1`)
    expect(await fileJournal({ folder, key }).read()).toEqual([])
  })
})
