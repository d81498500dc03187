import { holds, type Tool, type ToolBody, routes } from '@agentgate/api'
import {
  canonical,
  detectPii,
  freeze,
  type Json,
  type JsonObject,
  patternKinds,
  register,
  type RegisteredTool,
  sha256,
  type ToolDeclaration,
} from '@agentgate/core'
import type { Open } from '../door.ts'
import { Fault, notFound } from '../fault.ts'
import type { House } from '../house.ts'
import { withinBounds } from '../input-bounds.ts'
import { conflicts } from '../policies/conflicts.ts'
import { compileSchema } from '../validate.ts'

/** The tools of a tenant: registered once, pinned by digest. A change is quarantined until someone confirms its digest. */
export function toolRoutes(open: Open, house: House): void {
  const { tools, audit } = house

  open(routes.tools.list, async ({ who }) => ({ items: (await tools.list(who.asker.principal.tenant)).map(shown) }))

  open(routes.tools.put, async ({ params, query, body, who }) => {
    const { tenant, id } = who.asker.principal
    withinBounds(body.input, '/input')
    checkSchema(body.input)
    checkTexts(body)
    const tool = register(declared(params.name, body), digestOf)
    const before = await tools.find(tenant, params.name)
    if (before && !before.quarantined && before.facts.digest === tool.facts.digest) return shown(before)
    if (query.confirm !== undefined && query.confirm !== tool.facts.digest)
      throw new Fault(
        409,
        'tool-digest-mismatch',
        `The registration has the digest \`${tool.facts.digest}\`, not the one that was confirmed.`,
      )
    if (query.confirm !== undefined && before && !holds(who.asker.principal.roles, 'policy:activate'))
      throw new Fault(
        403,
        'not-permitted',
        'To confirm what a tool has become takes the permission `policy:activate`: ask someone who has it.',
      )
    if (query.confirm === undefined) {
      const found = await conflicts(house, tenant, tool)
      if (found.length > 0) {
        const named = found.map(({ set, version, policies }) => `\`${set}\` version ${version} (${policies.slice(0, 5).join(', ')})`)
        const message = `With this schema ${named.slice(0, 5).join('; ')} would no longer validate: publish policies that do, or confirm the digest \`${tool.facts.digest}\`.`
        throw new Fault(409, 'tool-schema-conflict', message, { conflicts: [...found] })
      }
    }
    const changed = before !== undefined && query.confirm === undefined
    const put: RegisteredTool = { ...tool, quarantined: changed }
    await tools.put(tenant, put)
    const type = changed ? 'tool.quarantined' : 'tool.registered'
    await audit.record(tenant, { type, principal: id, facts: { tool: params.name, digest: tool.facts.digest } })
    return shown(put)
  })

  open(routes.tools.remove, async ({ params, who }) => {
    const { tenant, id } = who.asker.principal
    if (!(await tools.remove(tenant, params.name))) throw notFound('tool')
    await audit.record(tenant, { type: 'tool.removed', principal: id, facts: { tool: params.name } })
    return { ok: true as const }
  })
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
function checkTexts(declared: ToolBody): void {
  for (const [text, path] of textsIn(declared)) {
    const [found] = detectPii(text, { kinds: patternKinds })
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
    yield* textsIn(member, `${path}/${detectPii(name, { kinds: patternKinds }).length > 0 ? '…' : name}`)
  }
}

function declared(
  name: string,
  { input, effect, description, action, resource, arguments: kinds, boundary, cost, approval }: ToolBody,
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
    digest: facts.digest,
    quarantined,
  }
}
