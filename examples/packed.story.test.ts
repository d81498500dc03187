import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Installed, installed } from '../scripts/installed.ts'

/** The oldest Node that is supported: brought once, as `./run` brings the newest. */
const toolchain = resolve('.toolchain/node-22')
const node22 = join(toolchain, `node_modules/node-${process.platform}-${process.arch}/bin/node`)

function brought(): boolean {
  if (existsSync(node22)) return true
  mkdirSync(toolchain, { recursive: true })
  const wanted = `node-${process.platform}-${process.arch}@22`
  try {
    const options = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--silent', '--fetch-retries=0']
    execFileSync('npm', ['install', '--prefix', toolchain, ...options, wanted], { stdio: 'pipe', timeout: 90_000 })
  } catch {
    return false
  }
  return existsSync(node22)
}

let fresh: Installed
beforeAll(async () => {
  fresh = await installed()
  for (const file of ['quickstart.ts', 'editor.ts']) cpSync(join('examples', file), join(fresh.folder, file))
})
afterAll(() => rmSync(fresh.folder, { recursive: true, force: true }))

function run(node: string, script: string): string {
  return execFileSync(node, [script], { cwd: fresh.folder, encoding: 'utf8', stdio: 'pipe' })
}

describe('the packed SDK, installed in a fresh folder', () => {
  it('declares what its code loads, exactly, and nothing of the workspace', () => {
    expect(Object.keys(fresh.manifest.dependencies)).toEqual(['@cedar-policy/cedar-wasm', '@standard-schema/spec', 're2js', 'zod'])
    for (const version of Object.values(fresh.manifest.dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/)
  })

  it('runs the quickstart of the README', () => {
    expect(run(process.execPath, 'quickstart.ts')).toMatch(/123-45-6789, please help\ncertificate [0-9a-f-]{36} verifies: true/)
  })

  it('runs it on Node 22', ({ skip }) => {
    if (!brought()) skip('npm brings no Node 22 here')
    expect(execFileSync(node22, ['--version'], { encoding: 'utf8' })).toMatch(/^v22\./)
    expect(run(node22, 'quickstart.ts')).toContain('verifies: true')
  }, 120_000)

  it('judges by Cedar, and asks a server that is not there', () => {
    const script = `
      import { Agent } from 'agentgate'
      import { z } from 'zod'
      const input = z.object({ resource: z.string() })
      for (const options of [{ policies: 'permit (principal, action, resource) unless { context.resource like "/prod/*" };' }, { url: 'http://127.0.0.1:9', apiKey: 'ag_x' }]) {
        const read = new Agent(options).tool({ name: 'read_file', input, execute: () => 'read' })
        for (const resource of ['/dev/x', '/prod/x']) console.log(await read({ resource }).catch(({ code }) => code))
      }`
    writeFileSync(join(fresh.folder, 'cedar.js'), script)
    expect(run(process.execPath, 'cedar.js').trim().split('\n')).toEqual(['read', 'no-permit', 'unreachable', 'unreachable'])
  })

  it('refuses to be formal without Z3, and proves with it', () => {
    const script = `
      import { Agent } from 'agentgate'
      import { z } from 'zod'
      const agent = new Agent({ formalVerification: true })
      await agent.tool({ name: 'echo', input: z.object({}), execute: () => 1 })({})
      console.log(agent.lastDecision.proof.solver.name)`
    writeFileSync(join(fresh.folder, 'formal.js'), script)
    expect(() => run(process.execPath, 'formal.js')).toThrow('npm install z3-solver@5.2.0')
    symlinkSync(resolve('node_modules/z3-solver'), join(fresh.folder, 'node_modules/z3-solver'))
    expect(run(process.execPath, 'formal.js').trim()).toBe('z3')
  })

  it('loads what is heavy only when it is used', () => {
    const script = `
      import { registerHooks } from 'node:module'
      const asked = new Set()
      registerHooks({ resolve: (name, context, next) => (asked.add(name), next(name, context)) })
      await import('agentgate')
      console.log([...asked].filter((name) => !/^(node:|[.]|file:)/.test(name)).join())`
    writeFileSync(join(fresh.folder, 'loads.js'), script)
    expect(run(process.execPath, 'loads.js').trim()).toBe('agentgate,re2js')
  })

  it('types check in a strict `nodenext` project, where what must not compile does not', () => {
    mkdirSync(join(fresh.folder, 'node_modules/@types'), { recursive: true })
    for (const name of ['@types/node', 'undici-types']) symlinkSync(resolve('node_modules', name), join(fresh.folder, 'node_modules', name))
    const options = { module: 'nodenext', target: 'es2024', strict: true, exactOptionalPropertyTypes: true, noEmit: true, types: ['node'] }
    writeFileSync(join(fresh.folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['quickstart.ts', 'editor.ts'] }))
    execFileSync(resolve('node_modules/.bin/tsc'), ['-p', fresh.folder], { cwd: fresh.folder, stdio: 'pipe' })
  })
})
