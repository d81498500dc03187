import { holds, type Tool, type ToolBody, routes } from '@agentgate/api'
import {
  canonical,
  cedarSchema,
  detectPii,
  freeze,
  type Json,
  type JsonObject,
  type PolicyTool,
  register,
  type RegisteredTool,
  sha256,
  type TenantId,
  type ToolDeclaration,
} from '@agentgate/core'
import type { Open, Who } from '../door.ts'
import { Fault, notFound } from '../fault.ts'
import type { House } from '../house.ts'
import { withinBounds } from '../input-bounds.ts'
import { conflicts } from '../policies/conflicts.ts'
import { inTime, policyTool, toolsOf } from '../policies/forms.ts'
import { declassifying, loosened } from '../policies/loosened.ts'
import { speltOut } from '../pii/spelt-out.ts'
import { stepUpRequired } from '../policies/moving.ts'
import { hasSteppedUp } from '../session/step-up.ts'
import { turns } from '../session/turns.ts'
import { compileSchema } from '../validate.ts'

/** The tools of a tenant: registered once, pinned by digest. A change is quarantined until someone confirms its digest. */
export function toolRoutes(open: Open, house: House): void {
  const { tools, policies, audit } = house

  open(routes.tools.list, async ({ who }) => ({ items: (await tools.list(who.asker.principal.tenant)).map(shown) }))

  /** One registration after the other: each is looked at beside the tools that are there when it is written. */
  const inTurn = turns(1, 200)

  open(routes.tools.put, async ({ params, query, body, who }) => {
    withinBounds(body.input, '/input')
    checkSchema(body.input)
    checkTexts({ name: params.name, ...body })
    const tool = register(declared(params.name, body), digestOf)
    return shown(await inTime(inTurn(() => put(who, tool, query.confirm))))
  })

  open(routes.tools.remove, async ({ params, query, who }) => {
    await inTime(inTurn(() => remove(who, params.name, query.confirm)))
    return { ok: true as const }
  })

  async function put(who: Who, tool: RegisteredTool, confirm: string | undefined): Promise<RegisteredTool> {
    const { tenant, id } = who.asker.principal
    const { name } = tool.declaration
    const { digest } = tool.facts
    const before = await tools.find(tenant, name)
    if (before && !before.quarantined && before.facts.digest === digest) return before
    const others = (await toolsOf(house, tenant)).filter((each) => each.name !== name)
    refuseTwoEffects(others, policyTool(tool))
    const found = await conflicts(house, tenant, [...others, policyTool(tool)], id)
    if (confirm === undefined && found.length > 0) {
      const message = `With this schema ${list(found)} would no longer validate, or not cover the tool: publish policies that do, or confirm the digest \`${digest}\`.`
      throw new Fault(409, 'tool-schema-conflict', message, { conflicts: found })
    }
    const former = before ? before.facts.digest : await tools.former(tenant, name)
    const anew = before === undefined && tool.facts.declassifies === true
    const changes = before !== undefined || (former !== undefined && former !== digest) || anew
    const standing = before?.quarantined ? before.former : before?.declaration
    const loose = standing
      ? loosened(standing, tool.declaration, await activeTexts(tenant))
      : changes
        ? [tool.facts.declassifies ? declassifying : 'what it was before is not known any more']
        : []
    if (confirm !== undefined) confirmed(who, confirm, digest, { found, changes, loose })
    const changed = changes && confirm === undefined
    const fresh = { ...tool, quarantined: changed, ...(changed && standing && { former: standing }) }
    const type = changed ? 'tool.quarantined' : 'tool.registered'
    // On record first: a tool that is not is in quarantine.
    await audit.record(tenant, { type, principal: id, facts: { tool: name, digest, ...overrides(found) } })
    await tools.put(tenant, fresh)
    return fresh
  }

  async function activeTexts(tenant: TenantId): Promise<readonly string[]> {
    return (await policies.active(tenant)).map(({ text }) => text)
  }

  async function remove(who: Who, name: string, confirm: string | undefined): Promise<void> {
    const { tenant, id } = who.asker.principal
    const tool = await tools.find(tenant, name)
    if (!tool) throw notFound('tool')
    const { digest } = tool.facts
    const found = await conflicts(
      house,
      tenant,
      (await toolsOf(house, tenant)).filter((each) => each.name !== name),
      id,
    )
    if (confirm === undefined && found.length > 0) {
      const message = `Without \`${name}\` ${list(found)} would no longer validate: publish policies that do without it, or confirm the digest \`${digest}\`.`
      throw new Fault(409, 'tool-in-use', message, { conflicts: found })
    }
    if (confirm !== undefined) confirmed(who, confirm, digest, { found, changes: true, loose: [] })
    if (!(await tools.remove(tenant, name))) throw notFound('tool')
    await audit.record(tenant, { type: 'tool.removed', principal: id, facts: { tool: name, digest, ...overrides(found) } })
  }

  /** What changes a tool, or overrides policies, is confirmed by whoever may activate policies; what may let calls pass takes a step-up too. */
  function confirmed(
    who: Who,
    confirm: string,
    digest: string,
    { found, changes, loose }: { readonly found: readonly Conflict[]; readonly changes: boolean; readonly loose: readonly string[] },
  ): void {
    if (confirm !== digest) {
      const message = `The registration has the digest \`${digest}\`, not the one that was confirmed.`
      throw new Fault(409, 'tool-digest-mismatch', message)
    }
    if ((changes || found.length > 0) && !holds(who.asker.principal.roles, 'policy:activate')) {
      const message = 'To confirm what a tool has become takes the permission `policy:activate`: ask someone who has it.'
      throw new Fault(403, 'not-permitted', message)
    }
    const active = found.filter((each) => each.active)
    if (active.length + loose.length === 0 || hasSteppedUp(who, house.clock)) return
    const uncovered = active.flatMap(({ set, policies }) => policies.map((policy) => `\`${set}/${policy}\` does not fit or cover the tool`))
    const what =
      active.length > 0
        ? `This takes ${list(active)} out of force for the tool, which is active`
        : `This may widen access (${loose.slice(0, 3).join('; ')})`
    throw stepUpRequired(what, { widened_by: [...uncovered, ...loose] })
  }
}

type Conflict = Awaited<ReturnType<typeof conflicts>>[number]

/** An action stands for one effect, or a rule on the one would reach the other. Nobody can confirm that away. */
function refuseTwoEffects(others: readonly PolicyTool[], fresh: PolicyTool): void {
  const standing = new Set(cedarSchema(others).errors.map(({ message }) => message))
  const [error] = cedarSchema([...others, fresh]).errors.filter(({ message }) => !standing.has(message))
  if (error) throw new Fault(409, 'action-conflict', [error.message, error.help].join(' '))
}

/** Which policies, in a sentence: the first few by name. */
function list(found: readonly Conflict[]): string {
  const named = found.map(({ set, version, policies }) => {
    const ids = policies.slice(0, 5).join(', ')
    return `\`${set}\` version ${version}${ids === '' ? '' : ` (${ids}${policies.length > 5 ? ', …' : ''})`}`
  })
  return [...named.slice(0, 5), ...(named.length > 5 ? [`${named.length - 5} more`] : [])].join('; ')
}

/** How many versions were overridden, for the audit log. */
function overrides(found: readonly Conflict[]): JsonObject {
  return found.length === 0 ? {} : { overrides: found.length }
}

/** The pin of a declaration: SHA-256, hex, of its canonical JSON. */
export function digestOf(declaration: Json): string {
  return sha256(canonical(declaration))
}

function checkSchema(input: ToolBody['input']): void {
  try {
    compileSchema(freeze(input) as JsonObject)
  } catch (error) {
    const message = error instanceof Error ? error.message.slice(0, 300) : 'it does not compile'
    throw new Fault(422, 'invalid-request', 'The schema of the input is no JSON Schema of an object.', {
      errors: [{ path: '/input', message }],
    })
  }
}

/** A declaration goes into the ledger's digests, to policies, models and pages as it is. */
function checkTexts(declared: ToolBody & { readonly name: string }): void {
  for (const [text, path] of textsIn(declared)) {
    const [found] = speltOut(text).flatMap((each) => detectPii(each))
    if (!found) continue
    const message = `The declaration holds personal data at \`${path}\` (${found.kind}): describe the tool, not a person.`
    throw new Fault(422, 'personal-data', message, { errors: [{ path, message: `holds ${found.kind}` }] })
  }
}

function* textsIn(value: unknown, path = ''): Iterable<readonly [text: string, path: string]> {
  if (typeof value === 'string') yield [value, path]
  if (typeof value !== 'object' || value === null) return
  for (const [name, member] of Object.entries(value)) {
    // A name that is personal data must not be told in the answer either.
    yield [name, path]
    yield* textsIn(member, `${path}/${speltOut(name).some((each) => detectPii(each).length > 0) ? '…' : name}`)
  }
}

function declared(
  name: string,
  { input, effect, description, action, resource, arguments: kinds, boundary, cost, approval, outputLabel, declassifies }: ToolBody,
): ToolDeclaration {
  return {
    name,
    // INVARIANT: the body was a JSON object.
    input: freeze(input) as JsonObject,
    effect,
    ...(description !== undefined && { description }),
    ...(action !== undefined && { action }),
    ...(resource !== undefined && { resource }),
    ...(kinds && { arguments: kinds }),
    ...(boundary && { boundary }),
    ...(cost !== undefined && { cost }),
    ...(approval !== undefined && { approval }),
    ...(outputLabel !== undefined && { outputLabel }),
    ...(declassifies !== undefined && { declassifies }),
  }
}

function shown({ declaration, facts, quarantined }: RegisteredTool): Tool {
  const { name, description, input, effect, action, resource, cost, approval } = declaration
  return {
    name,
    ...(description !== undefined && { description }),
    input: { ...input },
    effect,
    action: action ?? name,
    ...(resource !== undefined && { resource }),
    arguments: { ...facts.arguments },
    boundary: facts.boundary,
    ...(cost !== undefined && { cost }),
    ...(approval !== undefined && { approval }),
    ...(facts.outputLabel !== undefined && { outputLabel: facts.outputLabel }),
    ...(facts.declassifies !== undefined && { declassifies: facts.declassifies }),
    digest: facts.digest,
    quarantined,
  }
}
