import { execFileSync } from 'node:child_process'
import { type CedarPolicy, parseCedar } from '../../packages/core/src/policy/cedar-text.ts'
import { answerOf, type Evaluation } from '../../packages/core/src/policy/evaluation.ts'
import { compilePolicies } from '../../packages/core/src/policy/evaluator.ts'
import type { CedarRequest } from '../../packages/core/src/policy/facts.ts'
import { cedarOracle } from '../../packages/core/src/policy/oracle.ts'
import { readRequest } from '../../packages/core/src/policy/request.ts'

interface Row extends Record<string, unknown> {
  readonly policies: number
  readonly ours_p50_us: number
  readonly cedar_wasm_p50_us: number
  readonly ratio: number
  readonly compile_ms: number
  /** Kept by a compiled set; `-` when it cannot be told. */
  readonly bytes_per_policy: number | '-'
}

const sizes = [10, 100, 1_000, 10_000]

/**
 * Our evaluator beside cedar-wasm's stateful call, in turns in one run, on the same requests in the same JSON form; ours
 * includes reading that form. `unindexed` is the honest worst case: no policy has a scope that an index could use.
 */
export async function bench(): Promise<{ rows: Row[]; unindexed: Row[] }> {
  return { rows: sizes.map((size) => compare(size, 'scoped')), unindexed: sizes.map((size) => compare(size, 'unscoped')) }
}

/** Policies as tenants have them: of one tool and one role each, a few for all, some with conditions on the input. */
function scoped(index: number): string {
  const tool = `Action::"tool_${index % 200}"`
  switch (index % 5) {
    case 0:
      return `permit (principal in Role::"role_${index % 50}", action == ${tool}, resource) when { context.input.amount < ${index % 1000} };`
    case 1:
      return `permit (principal == User::"user_${index}", action in [${tool}, Action::"read"], resource);`
    case 2:
      return `forbid (principal, action == ${tool}, resource) when { context.resource like "/prod/${index}/*" && !context.mfa };`
    case 3:
      return `permit (principal is Agent in Role::"role_${index % 50}", action, resource in Resource::"/area/${index % 100}") when { context.pii_count == 0 };`
    default:
      return `forbid (principal in Role::"role_${index % 50}", action in Action::"delete", resource in Resource::"/area/${index % 100}") unless { context.mfa };`
  }
}

function unscoped(index: number): string {
  return `${index % 2 ? 'forbid' : 'permit'} (principal, action, resource) when { context.resource like "/area/*/${index}/*.json" && context.tool like "tool_${index % 200}*" };`
}

function request(index: number): CedarRequest {
  const principal = { type: index % 2 ? 'User' : 'Agent', id: index % 2 ? `user_${index}` : `agent_${index}` }
  const action = { type: 'Action', id: `tool_${index % 200}` }
  const resource = { type: 'Resource', id: `/area/${index % 100}/${index}/x.json` }
  return {
    principal,
    action,
    resource,
    context: {
      tool: action.id,
      resource: resource.id,
      input: { amount: index % 1000, path: resource.id, note: 'quarterly report' },
      session: 's1',
      source_ip: { __extn: { fn: 'ip', arg: '10.1.2.3' } },
      now: { __extn: { fn: 'datetime', arg: '2026-01-01T00:00:00.000Z' } },
      mfa: index % 3 === 0,
      pii_kinds: ['EMAIL'],
      pii_count: index % 2,
      email_domains: ['example.com'],
      threat_severity: 'none',
      threat_kinds: [],
      taint: 'none',
      restores: [],
    },
    entities: [
      {
        uid: principal,
        attrs: {},
        parents: [
          { type: 'Role', id: `role_${index % 50}` },
          { type: 'Tenant', id: 't' },
        ],
      },
      { uid: action, attrs: {}, parents: [{ type: 'Action', id: index % 4 ? 'read' : 'delete' }] },
      {
        uid: resource,
        attrs: {},
        parents: [
          { type: 'Resource', id: `/area/${index % 100}` },
          { type: 'Tenant', id: 't' },
        ],
      },
    ],
  }
}

const kinds = { scoped, unscoped }

/** A set of so many policies, in a text of its own. */
function read(size: number, kind: keyof typeof kinds): readonly CedarPolicy[] {
  const parsed = parseCedar(Array.from({ length: size }, (_, index) => kinds[kind](index)).join('\n'))
  if (!parsed.ok) throw new TypeError(parsed.errors[0]?.message)
  return parsed.policies
}

function compare(size: number, kind: keyof typeof kinds): Row {
  const policies = read(size, kind)
  compilePolicies(policies.slice(0, 10))
  const started = performance.now()
  const evaluate = compilePolicies(policies)
  const compiled = performance.now() - started
  const theirs = cedarOracle(policies, 'bench')
  const requests = Array.from({ length: 50 }, (_, index) => request(index * 7))
  const ours = (each: CedarRequest) => evaluate(readRequest(each))
  for (const each of requests.slice(0, 10)) agreeing(ours(each), theirs(each))
  for (let warm = 0; warm < 200; warm++) requests.forEach(ours)

  const times = { ours: [] as number[], theirs: [] as number[] }
  const rounds = size >= 1_000 ? 1 : 4
  for (let round = 0; round < rounds; round++) {
    for (const each of requests) {
      times.theirs.push(time(() => theirs(each)))
      for (let again = 0; again < 20; again++) times.ours.push(time(() => ours(each)))
    }
  }
  const [mine, cedar] = [p50(times.ours), p50(times.theirs)]
  return {
    policies: size,
    ours_p50_us: rounded(mine),
    cedar_wasm_p50_us: rounded(cedar),
    ratio: Math.round(cedar / mine),
    compile_ms: Math.round(compiled),
    bytes_per_policy: bytesPerPolicy(size, kind),
  }
}

/** Two answers are only compared for speed if they are the same. */
function agreeing(ours: Evaluation, theirs: Evaluation): void {
  const [mine, cedar] = [ours, theirs].map((each) => JSON.stringify([answerOf(each).decision, answerOf(each).reason.toSorted()]))
  if (mine !== cedar) throw new Error(`the evaluators disagree: ${mine} and ${cedar}`)
}

function time(run: () => unknown): number {
  const started = process.hrtime.bigint()
  run()
  return Number(process.hrtime.bigint() - started) / 1000
}

function p50(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10
}

/**
 * Bytes of heap that a compiled set keeps for each policy, what hangs on its text included: measured in a process of its own
 * over 2,000 policies or more (as many sets as that takes), between forced collections; the median of three rounds after one
 * that warms up. `-` when the rounds differ by more than a quarter of it.
 */
function bytesPerPolicy(size: number, kind: keyof typeof kinds): number | '-' {
  const said = execFileSync(process.execPath, ['--expose-gc', import.meta.filename, `${size}`, kind], { encoding: 'utf8' })
  const rounds = JSON.parse(said) as readonly number[]
  const middle = p50(rounds)
  return middle > 0 && Math.max(...rounds) - Math.min(...rounds) <= middle / 4 ? Math.round(middle) : '-'
}

/** What `bytesPerPolicy` asks of its process. */
function rounds(size: number, kind: keyof typeof kinds): readonly number[] {
  const sets = Math.ceil(2_000 / size)
  const once = () => Array.from({ length: sets }, () => compilePolicies(read(size, kind)))
  compilePolicies(read(1_000, kind))
  const measured = Array.from({ length: 4 }, () => {
    const before = heap()
    const kept = once()
    const after = heap()
    // INVARIANT: it is used after the measurement, so none of it was collected before.
    if (kept.length !== sets) throw new RangeError('The sets were not kept.')
    return (after - before) / (sets * size)
  })
  return measured.slice(1)
}

/** Bytes in use after collections: the second takes what the first only made collectable. */
function heap(): number {
  if (!globalThis.gc) throw new TypeError('Run with `--expose-gc`.')
  globalThis.gc()
  globalThis.gc()
  return process.memoryUsage().heapUsed
}

if (import.meta.main) {
  const [size = '', kind = ''] = process.argv.slice(2)
  console.log(JSON.stringify(rounds(Number(size), kind === 'unscoped' ? 'unscoped' : 'scoped')))
}
