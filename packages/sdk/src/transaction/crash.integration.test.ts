import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build } from 'rolldown'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { crashing } from './crash.sample.ts'

let base: string
let script: string
beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'agentgate-crash-'))
  script = join(base, 'crash.mjs')
  symlinkSync(resolve('node_modules'), join(base, 'node_modules'))
  const input = join(import.meta.dirname, 'crash.sample.ts')
  await build({
    input,
    platform: 'node',
    external: /^z3-solver/,
    output: { file: script, format: 'esm', codeSplitting: false },
    logLevel: 'silent',
  })
})
afterAll(() => rmSync(base, { recursive: true, force: true }))

const worldOf = (place: string) => join(base, `${place}.world`)

/** Whether the process died at that moment, or had ended before it. */
function died(job: 'run' | 'recover', place: string, dies: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, [script, job, join(base, place), worldOf(place), String(dies)], (error, _, errors) => {
      if (error && child.signalCode !== 'SIGKILL') reject(new Error(errors))
      else resolve(child.signalCode === 'SIGKILL')
    })
  })
}

/** What is told to be stuck, the first time that the tools are there again and the second. */
async function recovered(place: string) {
  const { recover } = crashing(join(base, place), worldOf(place), () => undefined)
  const stuck = async () => (await recover()).flatMap((each) => each.stuck)
  return [await stuck(), await stuck()] as const
}

/** What must hold when a transaction that died was recovered: `stuck` is every step that was told to be. */
function expectSound(place: string, stuck: readonly { readonly tool: string }[]): void {
  const lines = existsSync(worldOf(place)) ? readFileSync(worldOf(place), 'utf8').trim().split('\n') : []
  const times = (line: string) => lines.filter((each) => each === line).length
  expect(times('undo a'), `${place}: at most once`).toBeLessThanOrEqual(1)
  for (const [step, tool] of [
    ['a', 'plain'],
    ['b', 'keyed'],
  ] as const) {
    expect(times(`do ${step}`), `${place}: a step runs once`).toBeLessThanOrEqual(1)
    if (times(`undo ${step}`) > 0) expect(times(`do ${step}`), `${place}: undoes only what was done`).toBe(1)
    else if (times(`do ${step}`) > 0) expect(stuck, `${place}: what stays is reported`).toContainEqual(expect.objectContaining({ tool }))
  }
}

describe('a transaction whose process dies by kill -9', () => {
  it('is undone or reported, whatever moment it dies at', { timeout: 240_000 }, async () => {
    let deaths = 0
    for (let dies = 0; ; dies += 2) {
      const places = [`m${dies}`, `m${dies + 1}`]
      const ran = await Promise.all(places.map((place, n) => died('run', place, dies + n)))
      for (const place of places) {
        const [stuck, again] = await recovered(place)
        expectSound(place, stuck)
        expect(again, `${place}: told again, done no more`).toEqual(stuck)
      }
      deaths += ran.filter((each) => each).length
      if (ran.includes(false)) break
    }
    expect(deaths).toBeGreaterThan(20)
  })

  it('is undone or reported when the process that recovers it dies too, again and again', { timeout: 120_000 }, async () => {
    // After both steps were done and nothing undone.
    expect(await died('run', 'again', 12)).toBe(true)
    for (let moment = 0; moment < 9; moment++) await died('recover', 'again', moment)
    expectSound('again', (await recovered('again'))[0])
  })
})
