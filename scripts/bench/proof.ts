import { uuidv7 } from '../../packages/core/src/clock.ts'
import type { Control } from '../../packages/core/src/control.ts'
import type { Draft, Finding } from '../../packages/core/src/decision.ts'
import type { JsonObject } from '../../packages/core/src/json.ts'
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

const minute = 60_000
const tool = (name: string, effect: string) => ({
  tool: { name, digest: 'd', effect, boundary: 'external', arguments: {} },
  action: effect,
})

/** What is asked: no two theorems are the same in any of these, since each is of its own moment. */
const workloads: { readonly [name: string]: (n: number) => JsonObject } = {
  /** Another agent, resource, role and count each time. */
  distinct: (n) => ({
    principal: { id: `Agent::a${n}`, tenant: 't', roles: ['developer', `r${n % 100}`], mfa: false },
    resource: `/orders/${n}`,
    context: { pii_count: n % 7 },
  }),
  /** 40 agents, five tools and ten resources, again and again: some allowed, some held, some refused. */
  repeating: (n) => ({
    ...tool(`tool${n % 5}`, n % 3 === 0 ? 'pay' : 'read'),
    principal: { id: `Agent::a${n % 40}`, tenant: 't', roles: [n % 40 < 20 ? 'developer' : 'viewer', `r${n % 5}`], mfa: false },
    resource: `/orders/${n % 10}`,
    context: { pii_count: n % 2, now: Date.UTC(2026, 0) + n * minute },
  }),
  /** Each call of a structure that was not seen before: the worst there is. */
  unlike: (n) => ({
    ...tool(`tool${n % 50}`, 'pay'),
    principal: { id: `Agent::a${n}`, tenant: 't', roles: Array.from({ length: 1 + Math.floor(n / 50) }, (_, r) => `r${r}`), mfa: false },
    resource: `/orders/${n}`,
  }),
}

/** So many decisions are made of each workload: more where the question is what can be kept up. */
const enough = 2_500
const sustained = 8_000

/** What the solver adds to a decision, alone and with 64 at once, and whether checking in full agrees. */
export async function bench() {
  const rows = []
  for (const [policies, open, workload] of [
    [5, false, 'distinct'],
    [100, false, 'distinct'],
    [1_000, false, 'distinct'],
    [100, true, 'distinct'],
    [100, false, 'repeating'],
    [100, false, 'unlike'],
  ] as const) {
    const sets = [setOf(`${defaultGuardrails}${more(policies - 5, open)}`)]
    const judging = policy({ active: async () => sets, ...discharging })
    const drafts = await Promise.all(
      Array.from({ length: policies === 100 && !open && workload !== 'unlike' ? sustained : enough }, (_, n) =>
        draftOf(judging, workloads[workload]?.(n) ?? {}),
      ),
    )
    for (const mode of ['off', 'shadow', 'enforce'] as const) {
      rows.push({
        policies: `${policies}${open ? ' unscoped' : ''}`,
        theorems: workload,
        solver: mode,
        ...(await measured(sets, workload === 'unlike' ? drafts.slice(0, 1_000) : drafts, mode)),
      })
    }
  }
  return { rows }
}

async function measured(sets: readonly PolicySet[], drafts: readonly Draft[], mode: ProverOptions['mode']) {
  const { prove, checked, close } = prover({
    mode,
    policies: { active: async () => sets, byDigest: async () => undefined },
    tool: async () => undefined,
    approvals: { find: async () => undefined },
    grants: { held: async () => [], chain: async () => [] },
    discharging,
    audit: { record: async () => ({ taken: '' }) },
    log: { error: () => undefined },
    limit: 60_000,
  })
  const [warming, alone, together] = [drafts.slice(0, 200), drafts.slice(200, 500), drafts.slice(500)]
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
  const cpu = process.cpuUsage()
  const left = together.values()
  await Promise.all(
    Array.from({ length: 64 }, async () => {
      for (const draft of left) await timed(draft)
    }),
  )
  const seconds = (performance.now() - from) / 1_000
  const { user, system } = process.cpuUsage(cpu)
  for (const end = performance.now() + 60_000; checked().pending > 0 && performance.now() < end; )
    await new Promise((resolve) => setTimeout(resolve, 20))
  const { agreed, disagreed, undecided, pending } = checked()
  await close()
  return {
    ...one,
    per_second: Math.round(together.length / seconds),
    // Of all threads: what the machine must give for one, however much else runs on it.
    cpu_ms: Number(((user + system) / 1_000 / together.length).toFixed(3)),
    answers: [...answers].map(([answer, count]) => `${count} ${answer}`).join(', '),
    in_full: mode === 'off' ? '' : `${agreed} agree, ${disagreed} do not, ${undecided + pending} unknown`,
  }
}

async function draftOf(judging: Pick<Control, 'evaluate'>, asked: JsonObject): Promise<Draft> {
  const call = maskedCall({ id: uuidv7(Date.now()), ...asked })
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
