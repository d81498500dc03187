import { uuidv7 } from '../../packages/core/src/clock.ts'
import type { Control } from '../../packages/core/src/control.ts'
import type { Draft, Finding } from '../../packages/core/src/decision.ts'
import { policy } from '../../packages/core/src/policy/control.ts'
import type { PolicySet } from '../../packages/core/src/policy/policies.ts'
import { defaultGuardrails } from '../../packages/core/src/policy/starter/default-guardrails.ts'
import { maskedCall, setOf } from '../../packages/core/src/proof/random-judgements.ts'
import { prover, type ProverOptions } from '../../packages/server/src/proof/prover.ts'
import { percentiles } from './percentiles.ts'

const discharging = { reserves: true, masks: new Set<string>() }

/** Policies of one tool and one role each, as tenants have them; `open`: with no scope that would leave any of them out. */
function more(count: number, open: boolean): string {
  return Array.from({ length: count }, (_, n) => {
    const scope = open ? 'principal, action, resource' : `principal, action == Action::"tool${n % 50}", resource`
    return `@id("p${n}") permit (${scope}) when { principal in Role::"r${n}" && context.pii_count < ${n} };`
  }).join('\n')
}

/** What the solver adds to a decision: no two theorems are the same, and every one is proved in the one worker. */
export async function bench() {
  const rows = []
  for (const [policies, open] of [
    [5, false],
    [100, false],
    [1_000, false],
    [100, true],
  ] as const) {
    const sets = [setOf(`${defaultGuardrails}${more(policies - 5, open)}`)]
    const judging = policy({ active: async () => sets, ...discharging })
    const drafts = await Promise.all(Array.from({ length: 700 }, (_, n) => draftOf(judging, n)))
    for (const mode of ['off', 'shadow', 'enforce'] as const) rows.push(await measured(sets, drafts, mode, policies, open))
  }
  return { rows }
}

async function measured(
  sets: readonly PolicySet[],
  drafts: readonly Draft[],
  mode: ProverOptions['mode'],
  policies: number,
  open: boolean,
) {
  const { prove, close } = prover({
    mode,
    policies: { active: async () => sets, byDigest: async () => undefined },
    tool: async () => undefined,
    approvals: { find: async () => undefined },
    discharging,
    audit: { record: async () => ({ taken: '' }) },
    log: { error: () => undefined },
    waiting: drafts.length,
    limit: 60_000,
  })
  const [warming, alone, together] = [drafts.slice(0, 100), drafts.slice(100, 300), drafts.slice(300)]
  const answers = new Map<string, number>()
  const times: number[] = []
  const timed = async (draft: Draft) => {
    const from = performance.now()
    const { answer } = (await prove(draft)).solver
    times.push(performance.now() - from)
    answers.set(answer, (answers.get(answer) ?? 0) + 1)
  }
  for (const draft of warming) await prove(draft)
  for (const draft of alone) await timed(draft)
  const one = percentiles(times)
  const from = performance.now()
  await Promise.all(together.map(timed))
  const seconds = (performance.now() - from) / 1_000
  await close()
  return {
    policies: `${policies}${open ? ' unscoped' : ''}`,
    solver: mode,
    ...one,
    per_second: Math.round(together.length / seconds),
    answers: [...answers].map(([answer, count]) => `${count} ${answer}`).join(', '),
  }
}

async function draftOf(judging: Pick<Control, 'evaluate'>, n: number): Promise<Draft> {
  const call = maskedCall({
    id: uuidv7(Date.now()),
    principal: { id: `Agent::a${n}`, tenant: 't', roles: ['developer', `r${n % 100}`], mfa: false },
    resource: `/orders/${n}`,
    context: { pii_count: n % 7 },
  })
  const found: Finding = await judging.evaluate(call, { now: 0, earlier: [], signal: new AbortController().signal })
  if (found.verdict === 'pass') throw new TypeError('The policies passed.')
  const issuedAt = Number(call.context['now'])
  return {
    id: uuidv7(Date.now()) as Draft['id'],
    call,
    verdict: found.verdict,
    ...(found.reason && { reason: found.reason }),
    findings: [
      { ...found, control: 'policy', ms: 0 },
      { verdict: 'pass', control: 'obligations', ms: 0 },
    ],
    obligations: [],
    policy: found.policy ?? { digests: [], determining: [] },
    issuedAt,
    expiresAt: issuedAt + 300_000,
  }
}
