import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { EntityJson, TypeAndId } from '@cedar-policy/cedar-wasm/nodejs'
import { unquote } from '../../packages/core/src/policy/cedar-text.ts'
import { answerOf } from '../../packages/core/src/policy/evaluation.ts'
import type { CedarRequest } from '../../packages/core/src/policy/facts.ts'
import { readRequest } from '../../packages/core/src/policy/request.ts'
import { type CasbinRow, casbinAsCedar } from './casbin.ts'
import { compileAsCedar, disagreement, type Evaluated, exactJson, type Question } from './cedar.ts'
import { typing } from './cedar-schema.ts'
import { type OpenFgaRow, openFgaAsCedar } from './openfga.ts'

export const sets: readonly string[] = ['cedar_handwritten', 'authzen', 'casbin', 'openfga_abac']

/** `undefined`: agrees. `not`: does not translate, and why; it is counted by that name. */
type Came = undefined | { readonly wrong: string } | { readonly not: string }

/** Runs cases of other authorization systems, translated to Cedar where they translate. */
export async function evaluate(folder: string): Promise<Evaluated[]> {
  const runs: { readonly [set: string]: (row: never) => Came } = { cedar_handwritten: handwritten, authzen, casbin, openfga_abac: openFga }
  return Object.entries(runs).flatMap(([set, run]) => {
    const file = join(folder, 'policies', `${set}.jsonl.gz`)
    return existsSync(file) ? [counted(set, readRows(file), run as (row: unknown) => Came)] : []
  })
}

function readRows(file: string): readonly unknown[] {
  const lines = gunzipSync(readFileSync(file)).toString('utf8').trim().split('\n')
  // Python wrote the rows, and with them numbers that JSON has not.
  return lines.map((line) => exactJson(line.replace(/: (-?Infinity|NaN)([,}])/gu, ': "$1"$2')))
}

function counted(set: string, rows: readonly unknown[], run: (row: unknown) => Came): Evaluated {
  let passed = 0
  const wrong: Record<string, unknown>[] = []
  const left = new Map<string, number>()
  for (const row of rows) {
    let came: Came
    try {
      came = run(row)
    } catch (error) {
      came = { wrong: error instanceof Error ? error.message.slice(0, 100) : String(error) }
    }
    if (came === undefined) passed++
    else if ('not' in came) left.set(came.not, (left.get(came.not) ?? 0) + 1)
    else wrong.push({ case: (row as { id?: string }).id, wrong: came.wrong })
  }
  const untranslated = [...left].map(([not, cases]) => ({ case: `${cases} not translated`, wrong: not }))
  return {
    set,
    passed,
    failed: wrong.length,
    rows: [...wrong.slice(0, 50), ...untranslated],
    must: true,
    ok: wrong.length === 0 && passed > 0,
  }
}

type Handwritten = Omit<Question, 'principal' | 'action' | 'resource' | 'context'> & {
  readonly policy: string
  readonly entities: EntityJson[]
  readonly schema: string
  readonly request: ({ readonly [member in 'principal' | 'action' | 'resource']: TypeAndId | string } & Pick<Question, 'context'>) | null
}

function handwritten({ policy, entities, schema, request, ...expected }: Handwritten): Came {
  if (/\?(principal|resource)/u.test(policy)) return { not: 'template' }
  if (!request || !expected.decision) return { not: 'no expected decision' }
  const wrong = disagreement(compileAsCedar(policy), typing(schema), entities, {
    ...expected,
    principal: uidOf(request.principal),
    action: uidOf(request.action),
    resource: uidOf(request.resource),
    context: request.context,
  })
  return wrong === undefined ? undefined : { wrong }
}

/** Reads `User::"alice"`. */
function uidOf(uid: TypeAndId | string): TypeAndId {
  if (typeof uid !== 'string') return uid
  const at = uid.indexOf('::"')
  return { type: uid.slice(0, at), id: unquote(uid.slice(at + 2)) }
}

function translated(
  found: { readonly text: string; readonly request: CedarRequest } | { readonly not: string },
  expected: boolean | string,
): Came {
  if ('not' in found) return found
  const evaluation = compileAsCedar(found.text)(readRequest(found.request))
  const got =
    evaluation.errors.length > 0 && evaluation.permits.length === 0 && typeof expected === 'string'
      ? expected
      : answerOf(evaluation).decision === 'allow'
  return got === expected ? undefined : { wrong: `got ${got}, expected ${expected}` }
}

const casbin = (row: CasbinRow): Came => translated(casbinAsCedar(row), row.expected)
const openFga = (row: OpenFgaRow): Came => translated(openFgaAsCedar(row), row.expected)

/** The OpenID AuthZEN Todo scenario: Rick is admin, Morty and Summer are editors, Beth and Jerry only look on. */
const todo = `
permit (principal, action in [Action::"can_read_user", Action::"can_read_todos", Action::"GET"], resource);
permit (principal, action in [Action::"can_create_todo", Action::"POST"], resource) when { principal in Role::"editor" };
permit (principal, action in [Action::"PUT", Action::"DELETE"], resource) when { principal in Role::"editor" };
permit (principal in Role::"admin", action in [Action::"can_update_todo", Action::"can_delete_todo"], resource);
permit (principal in Role::"editor", action in [Action::"can_update_todo", Action::"can_delete_todo"], resource)
when { context.owner == principal.mail };`

const people: { readonly [prefix: string]: { readonly mail: string; readonly roles: readonly string[] } } = {
  fd0: { mail: 'rick@the-citadel.com', roles: ['admin', 'editor'] },
  fd1: { mail: 'morty@the-citadel.com', roles: ['editor'] },
  fd2: { mail: 'summer@the-smiths.com', roles: ['editor'] },
  fd3: { mail: 'beth@the-smiths.com', roles: [] },
  fd4: { mail: 'jerry@the-smiths.com', roles: [] },
}

interface AuthZen {
  readonly request: AuthZenQuestion & { readonly evaluations?: readonly AuthZenQuestion[] }
  readonly expected: boolean | readonly { readonly decision: boolean }[]
}

interface AuthZenQuestion {
  readonly subject?: { readonly id: string }
  readonly action?: { readonly name: string }
  readonly resource?: { readonly type: string; readonly id: string; readonly properties?: { readonly ownerID?: string } }
}

function authzen({ request, expected }: AuthZen): Came {
  const wanted = typeof expected === 'boolean' ? [expected] : expected.map(({ decision }) => decision)
  const questions = request.evaluations ? request.evaluations.map((each) => ({ ...request, ...each })) : [request]
  const got = questions.map(({ subject, action, resource }) => {
    const id = /fd\d/u.exec(Buffer.from(subject?.id ?? '', 'base64').toString('latin1'))?.[0] ?? ''
    const { mail, roles } = people[id] ?? { mail: '', roles: [] }
    const principal = { type: 'User', id }
    const evaluation = compileAsCedar(todo)(
      readRequest({
        principal,
        action: { type: 'Action', id: action?.name ?? '' },
        resource: { type: 'Resource', id: resource?.id ?? '' },
        context: { owner: resource?.properties?.ownerID ?? '' },
        entities: [{ uid: principal, attrs: { mail }, parents: roles.map((role) => ({ type: 'Role', id: role })) }],
      }),
    )
    return answerOf(evaluation).decision === 'allow'
  })
  return String(got) === String(wanted) ? undefined : { wrong: `got ${got}, expected ${wanted}` }
}
