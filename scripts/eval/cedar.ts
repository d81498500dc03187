import { execFileSync } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CedarValueJson, EntityJson, TypeAndId } from '@cedar-policy/cedar-wasm/nodejs'
import { parseCedar } from '../../packages/core/src/policy/cedar-text.ts'
import { answerOf } from '../../packages/core/src/policy/evaluation.ts'
import { compilePolicies, type Evaluate } from '../../packages/core/src/policy/evaluator.ts'
import { readRequest } from '../../packages/core/src/policy/request.ts'
import { type Typing, typing } from './cedar-schema.ts'

/** What one set of cases came to. Rows count what failed or could not be run, by name. */
export interface Evaluated {
  readonly set: string
  readonly passed: number
  readonly failed: number
  readonly rows: Record<string, unknown>[]
  readonly must: boolean
  readonly ok: boolean
}

export const sets: readonly string[] = ['cedar']

export interface Question {
  readonly description?: string
  readonly principal: TypeAndId
  readonly action: TypeAndId
  readonly resource: TypeAndId
  readonly context: Record<string, CedarValueJson>
  readonly decision: string
  readonly reason?: readonly string[] | null
  readonly reasons?: readonly string[]
  readonly errors: readonly string[] | null
}

interface Case {
  readonly policies: string
  readonly entities: string
  readonly schema: string
  readonly requests: readonly Question[]
}

/** Runs the official Cedar integration corpus: decision, reasons and errors of every request must agree. */
export async function evaluate(folder: string): Promise<Evaluated[]> {
  const archive = join(folder, 'policies', 'cedar-corpus.tar.xz')
  if (!existsSync(archive)) return []
  const place = mkdtempSync(join(tmpdir(), 'cedar-corpus-'))
  try {
    execFileSync('tar', ['-xJf', archive, '-C', place])
    return [corpus(place)]
  } finally {
    rmSync(place, { recursive: true })
  }
}

function corpus(place: string): Evaluated {
  let passed = 0
  const failures: Record<string, unknown>[] = []
  for (const file of globSync(['corpus-tests/*.json', 'tests/**/*.json'], { cwd: place }).filter(
    (name) => !name.endsWith('.entities.json'),
  )) {
    try {
      const each = exactJson(readFileSync(join(place, file), 'utf8')) as Case
      for (const [index, wrong] of judge(place, each).entries()) {
        if (wrong === undefined) passed++
        else failures.push({ case: file, request: index, wrong })
      }
    } catch (error) {
      failures.push({ case: file, request: '', wrong: error instanceof Error ? error.message.slice(0, 100) : String(error) })
    }
  }
  return { set: 'cedar', passed, failed: failures.length, rows: failures.slice(0, 50), must: true, ok: failures.length === 0 && passed > 0 }
}

/** For each request, what disagrees. */
function judge(place: string, { policies, entities, schema, requests }: Case): readonly (string | undefined)[] {
  const read = (name: string) => readFileSync(join(place, name), 'utf8')
  const types = typing(schema.endsWith('.json') ? (JSON.parse(read(schema)) as Parameters<typeof typing>[0]) : read(schema))
  const evaluate = compileAsCedar(read(policies))
  const found = exactJson(read(entities)) as EntityJson[]
  return requests.map((question) => disagreement(evaluate, types, found, question))
}

/** Compiles with Cedar's own ids, which are the places of the policies. */
export function compileAsCedar(text: string): Evaluate {
  const parsed = parseCedar(text)
  if (!parsed.ok) throw new TypeError(parsed.errors[0]?.message)
  return compilePolicies(parsed.policies.map((policy, index) => ({ ...policy, id: `policy${index}` })))
}

/** What in our answer is not as expected, or `undefined`. */
export function disagreement(
  evaluate: Evaluate,
  types: Typing | undefined,
  entities: readonly EntityJson[],
  question: Question,
): string | undefined {
  const { principal, action, resource, decision, errors } = question
  const keyOf = ({ uid }: EntityJson) => JSON.stringify('__entity' in uid ? [uid.__entity.type, uid.__entity.id] : [uid.type, uid.id])
  const declared = new Map((types?.actions ?? []).map((each) => [keyOf(each), each]))
  const given = entities.filter((each) => !declared.has(keyOf(each))).map((each) => types?.entity(each) ?? each)
  const context = types?.context(action, question.context) ?? question.context
  const evaluation = evaluate(readRequest({ principal, action, resource, context, entities: [...given, ...declared.values()] }))
  const answer = answerOf(evaluation)
  // Some hand-written cases say the decision only.
  const reason = question.reason ?? question.reasons
  const expected = [decision, reason ? sorted(reason) : '', errors ? sorted(errors) : ''].join(' | ')
  const erred = evaluation.errors.map(({ policy }) => policy)
  const got = [answer.decision, reason ? sorted(answer.reason) : '', errors ? sorted(erred) : ''].join(' | ')
  return got === expected ? undefined : `got ${got}, expected ${expected}`
}

function sorted(ids: readonly string[]): string {
  return [...ids].sort().join(',')
}

/** JSON with integers beyond 2^53 as bigints. */
export function exactJson(text: string): unknown {
  return JSON.parse(text, (_, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && context?.source && /^-?\d+$/u.test(context.source)
      ? BigInt(context.source)
      : value,
  )
}
