import { memoryTools, type RegisteredTool, register, type TenantId, type ToolDeclaration } from '@agentgate/core'
import { describe, expect, it } from 'vitest'
import { exactTools } from './exact-tools.ts'
import { digestOf } from './routes/tools.ts'

const tenant = 'acme' as TenantId
const drop: ToolDeclaration = {
  name: 'drop',
  effect: 'delete',
  approval: true,
  input: { type: 'object', properties: { id: { type: 'string' } } },
}
const tool = register(drop, digestOf)

/** A registered tool, of which reading finds what `edit` makes of it. */
async function edited(edit: (tool: RegisteredTool) => RegisteredTool) {
  const memory = memoryTools()
  await memory.put(tenant, edit(JSON.parse(JSON.stringify(tool))))
  const nothing = {
    replaced: new Set<string>(),
    grants: new Map(),
    signers: new Map(),
    issuers: new Map(),
    holders: new Set<string>(),
    revoked: new Map(),
    policies: new Map(),
    tools: new Map<string, string>(),
  }
  const records = { known: () => nothing, newest: async () => ({ ...nothing, tools: new Map([['drop', tool.facts.digest]]) }) }
  const tools = exactTools({ ...memory, find: async (of) => (await memory.list(of))[0] }, { digestOf, records })
  return { found: await tools.find(tenant, 'drop'), listed: await tools.list(tenant) }
}

describe('tools that are what their digest is of', () => {
  it('are as they were registered', async () => {
    expect(await edited((each) => each)).toEqual({ found: tool, listed: [tool] })
  })

  const changes: readonly (readonly [string, (tool: RegisteredTool) => RegisteredTool])[] = [
    ['that people approve it', (each) => ({ ...each, declaration: { ...each.declaration, approval: false } })],
    ['its schema', (each) => ({ ...each, declaration: { ...each.declaration, input: { type: 'object' } } })],
    ['its effect', (each) => ({ ...each, declaration: { ...each.declaration, effect: 'read' }, facts: { ...each.facts, effect: 'read' } })],
    ['its digest', (each) => ({ ...each, facts: { ...each.facts, digest: digestOf('another') } })],
    ['all that it is, with its digest', () => register({ ...drop, effect: 'read', approval: false }, digestOf)],
    ['which tool it is', () => register({ ...drop, name: 'look', effect: 'read' }, digestOf)],
  ]
  it.each(changes)('wait for somebody to confirm them once %s was changed', async (_, change) => {
    expect(await edited(change)).toMatchObject({ found: { quarantined: true } })
  })

  it('are what their declaration says, whatever was written beside it', async () => {
    const { found, listed } = await edited((each) => ({
      ...each,
      facts: { ...each.facts, effect: 'read', boundary: 'trusted', approval: false },
    }))
    expect([found, ...listed]).toEqual([tool, tool])
  })
})
