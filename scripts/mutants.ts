import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** Breaks the gate by hand, one way at a time, in a copy; the gate's tests must notice every one. `./run mutants` takes some minutes. */
const all: readonly [file: string, from: string, to: string][] = [
  ['gate.ts', "if (decision.verdict !== 'allow') return { decision, outcome: refused(decision) }", ''],
  ['gate.ts', "control.stage !== stage || (stage !== 'evaluate' && hear.denied())", 'control.stage !== stage'],
  ['gate.ts', "if (durable === 'moved') return undefined", ''],
  ['gate.ts', "if (durable === 'taken') throw", 'if (false) throw'],
  ['gate.ts', "if (decision.verdict !== 'allow' || durable !== 'recorded') await unwind(decision, refused(decision))", ''],
  ['gate.ts', "decision.verdict !== 'allow' || durable !== 'recorded'", "decision.verdict === 'deny'"],
  ['gate.ts', 'let call = hidden ?? blank(raw)', 'let call = hidden ?? (raw as MaskedCall)'],
  ['gate.ts', "throw new GateError('no-evidence'", "return 'recorded'; throw new GateError('no-evidence'"],
  ['gate.ts', 'await unwind(decision, abandoned)', ''],
  ['gate.ts', 'record?.decision.call.principal.id === principal.id && ', ''],
  ['gate.ts', "&& record.decision.verdict === 'allow'", ''],
  ['gate.ts', '(by && asked.call.principal.id !== by.id)', 'false'],
  ['gate.ts', 'if (await concluded(refusing, epoch, call)) return', 'return'],
  ['gate.ts', "if (asked.verdict !== 'hold') throw", 'if (false) throw'],
  ['gate.ts', 'if (await calls.claim(decision.call.tenant, id, now, now + lease)) {', 'if (true) {'],
  ['gate.ts', 'close(decision, late ? lost : report)', 'close(decision, report)'],
  ['gate.ts', "decision.call.tool.boundary === 'trusted' && ", ''],
  ['gate.ts', 'if (may && (await recorder.released(decision, now)))', 'if (may)'],
  ['gate.ts', 'if (await calls.claim(decision.call.tenant, decision.id, now, now + lease)) await close', 'await close'],
  [
    'gate.ts',
    'await recorder.amended(decision, await masked(report, decision.call), now)',
    'await recorder.amended(decision, report, now)',
  ],
  ['gate.ts', "await hear.ask('proof', async () => cannotTell)", ''],
  ['gate.ts', 'const understood = !hear.denied()', 'const understood = true'],
  ['settle.ts', 'findings.toReversed()', 'findings'],
  ['settle.ts', 'if (reason?.code === cannotTell.reason.code) continue', ''],
  ['settle.ts', '.catch(() => unsettled(outcome, control))', ''],
  ['settle.ts', 'await unwind(decision, await masked(report, call))', 'await unwind(decision, report)'],
  ['settle.ts', 'await unwind(decision, await masked(report, call))', 'await masked(report, call)'],
  ['settle.ts', 'error: await mask.output(report.error, call)', 'error: report.error'],
  ['settle.ts', 'return denied?.reason', 'return !denied'],
  ['settle.ts', "=== 'taken') {", "=== 'never') {"],
  ['settle.ts', "const final = seen.status === 'succeeded' ? outcome : seen", 'const final = seen'],
  ['settle.ts', 'if (hear.denied()) throw', 'if (false) throw'],
  ['judge.ts', '.catch((): Finding => cannotTell)', ".catch((): Finding => ({ verdict: 'pass' }))"],
  ['judge.ts', 'over && late?.(value)', 'undefined'],
  ['judge.ts', 'signal.throwIfAborted()', ''],
  ['decision.ts', "for (const verdict of ['deny', 'hold'] as const)", "for (const verdict of ['hold', 'deny'] as const)"],
  ['decision.ts', "{ verdict: 'deny', reason: silence }", "{ verdict: 'allow' }"],
]

const wanted = process.argv[2]
const mutants = all.filter(([file, from]) => wanted === undefined || `${file} ${from}`.includes(wanted))
const root = process.cwd()
const copy = mkdtempSync(join(tmpdir(), 'agentgate-mutants-'))
cpSync('packages/core', join(copy, 'packages/core'), { recursive: true })
for (const name of ['vitest.config.ts', 'package.json', 'tsconfig.base.json']) cpSync(name, join(copy, name))
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))

const survivors: string[] = []
for (const [file, from, to] of mutants) {
  const path = join(copy, 'packages/core/src', file)
  const original = readFileSync(path, 'utf8')
  const name = `${file}: \`${from.slice(0, 70)}\` → \`${to.slice(0, 40)}\``
  if (!original.includes(from)) survivors.push(`${name} is no longer in the code: mend the list`)
  else {
    writeFileSync(
      path,
      original.replace(from, () => to),
    )
    const vitest = resolve(root, 'node_modules/.bin/vitest')
    const { status } = spawnSync(vitest, ['run', '--project', 'unit', '--bail=1', 'packages/core/src/gate.test.ts'], {
      cwd: copy,
      timeout: 120_000,
    })
    if (status === 0) survivors.push(name)
    console.log(`${status === 0 ? 'SURVIVED' : 'died    '} ${name}`)
    writeFileSync(path, original)
  }
}
rmSync(copy, { recursive: true })
for (const survivor of survivors) console.error(survivor)
console.log(`${mutants.length - survivors.length} died, ${survivors.length} survived`)
process.exit(survivors.length > 0 ? 1 : 0)
