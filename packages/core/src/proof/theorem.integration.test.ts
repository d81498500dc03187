import { spawnSync } from 'node:child_process'
import { beforeAll, describe, expect, it } from 'vitest'
import type { MaskedCall } from '../call.ts'
import type { Found } from '../decision.ts'
import { defaultGuardrails } from '../policy/starter/default-guardrails.ts'
import { approvalFact, basisOf, judgedBy, judgementOf, maskedCall, setOf } from './random-judgements.ts'
import { policyReader } from './read-policies.ts'
import type { Judged } from './judgement.ts'
import { theoremOf } from './theorem.ts'

const solvers = [
  ['z3', ['-in', '-T:30']],
  ['cvc5', ['--lang=smt2', '--tlimit=30000', '-']],
] as const

const read = policyReader()
const sets = [
  setOf(`${defaultGuardrails}
    @id("no-日本") forbid (principal, action, resource) when { context.input.note like "*日本*" && context.session == "é \\u{1f600}" };
    @id("net") forbid (principal, action, resource) when { context.source_ip.isInRange(ip("10.0.0.0/8")) };
    @id("late") forbid (principal, action, resource) when { context.now < datetime("2024-01-01") || context.input.share.greaterThan(decimal("99.5")) };
    @id("many") forbid (principal, action, resource) when { context.pii_kinds.containsAny(["SSN", "IBAN"]) && context.input.amount * 3 > 9 };
    @id("far") permit (principal, action == Action::"elsewhere", resource);`),
]
const input = (more: object) => ({ input: { amount: 1, share: 0.5, to: ['é'], steps: [], note: 'tōkyō', ...more } })
const developer = { id: 'User::日本', tenant: 't', roles: ['developer'], mfa: false }
const threat: Found = { control: 'threat', verdict: 'deny', reason: { code: 'threat-found', message: '' }, ms: 0 }

/** Calls of each verdict, with facts that decide it and what they are changed to. */
const cases: readonly {
  readonly name: string
  readonly judged: () => Promise<Judged>
  readonly decisive: readonly (readonly [fact: string, to: string])[]
}[] = [
  {
    name: 'allowed',
    judged: () => judgedBy(sets, maskedCall({ principal: developer, ...input({}), context: { approval: approvalFact } })),
    decisive: [
      ['principal.in.Role.0', '"nobody"'],
      ['outside.approval$20approver', 'false'],
      ['approval.expires_at', '0'],
      ['approval.of.binding', '"another"'],
      ['approval.for.principal', '"User::another"'],
    ],
  },
  {
    name: 'held',
    judged: () => judgedBy(sets, maskedCall({ principal: developer, session: 'é \u{1f600}', ...input({}) })),
    decisive: [['context.input.note.String', '"\\u{e6}\\u{97}\\u{a5}\\u{e6}\\u{9c}\\u{ac}"']],
  },
  {
    name: 'refused by a forbid',
    judged: () => judgedBy(sets, maskedCall({ principal: developer, session: 'é \u{1f600}', ...input({ note: 'in 日本' }) })),
    decisive: [['context.session.String', '"e"']],
  },
  {
    name: 'refused as nothing permits it',
    judged: () => judgedBy(sets, maskedCall({ principal: { ...developer, roles: ['viewer'] }, ...input({}) })),
    decisive: [['principal.in.Role.0', '"developer"']],
  },
  {
    name: 'refused by another control',
    judged: () => judgedBy(sets, maskedCall({ principal: developer, ...input({}) }), [threat]),
    decisive: [['finding.threat', '"pass"']],
  },
  {
    name: 'refused before policies were asked',
    judged: async () => judgementOf({ ...maskedCall({}), context: {} } as MaskedCall, [{ ...threat, control: 'parse' }]),
    decisive: [['finding.parse', '"pass"']],
  },
]

describe.each(solvers)('%s, as Debian has it', (command, args) => {
  const there = spawnSync(command, ['--version']).status === 0
  const missing = `NO \`${command}\` FOUND, so theorems were not replayed with it: install Debian's package \`${command}\`.`
  beforeAll(() => {
    if (there) return
    if (process.env['CI']) throw new Error(missing)
    console.warn(missing)
  })
  const says = (script: string) => {
    const { status, stdout, stderr } = spawnSync(command, args, { input: script, encoding: 'utf8' })
    return { status, stdout: stdout.trim(), stderr }
  }

  it.skipIf(!there).each(cases)(
    'finds the theorem of a call that was $name to hold, and not with a decisive fact changed',
    async ({ judged, decisive }) => {
      const decision = await judged()
      const { script } = theoremOf(decision, basisOf(sets, {}, decision.call), read(sets))
      expect(says(script), script).toEqual({ status: 0, stdout: 'unsat', stderr: '' })
      for (const verdict of (['allow', 'hold', 'deny'] as const).filter((each) => each !== decision.verdict)) {
        expect(says(script.replace(/\(assert \(= verdict "\w+"\)\)/u, `(assert (= verdict "${verdict}"))`)).stdout).toBe('sat')
      }
      for (const [fact, to] of decisive) {
        const changed = told(script, fact, to)
        expect(changed).not.toBe(script)
        expect(says(changed), changed).toEqual({ status: 0, stdout: 'sat', stderr: '' })
        // It decides by what it means, and not because it is no longer what the call says.
        expect(says(changed.replace('(assert (not theorem))', '(assert (not ContextBound))')).stdout).toBe('unsat')
      }
    },
  )
})

/** The script with another value of a fact, wherever it was read. */
function told(script: string, fact: string, to: string): string {
  return script
    .split('\n')
    .map((line) =>
      line.startsWith(`(assert (= ${fact} `) || line.startsWith(`(assert (= own.${fact} `)
        ? `(assert (= ${line.slice(11).split(' ', 1)[0]} ${to}))`
        : line,
    )
    .join('\n')
}
