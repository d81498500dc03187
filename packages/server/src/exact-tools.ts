import { type Json, type RegisteredTool, register, type TenantId, type Tools } from '@agentgate/core'
import type { Records } from './on-record.ts'

/**
 * Tools whose facts are those of their declaration, registered as the ledger says: certificates name what a tool is by its digest. One
 * that somebody changed past us, or wrote there, is in quarantine, as any change is, until somebody confirms what it says.
 */
export function exactTools(
  tools: Tools,
  { digestOf, records }: { readonly digestOf: (declaration: Json) => string; readonly records: Pick<Records, 'known' | 'newest'> },
): Tools {
  const known = new WeakMap<RegisteredTool, RegisteredTool>()

  return {
    ...tools,
    async find(tenant, name) {
      const tool = await tools.find(tenant, name)
      return tool && recorded(tenant, exact(tool, name))
    },
    list: async (tenant) =>
      Promise.all((await tools.list(tenant)).map(async (tool) => recorded(tenant, exact(tool, tool.declaration.name)))),
  }

  async function recorded(tenant: TenantId, tool: RegisteredTool): Promise<RegisteredTool> {
    const { name, digest } = tool.facts
    if (tool.quarantined || records.known(tenant).tools.get(name) === digest) return tool
    const { tools } = await records.newest(tenant)
    return tools.get(name) === digest ? tool : { ...tool, quarantined: true }
  }

  function exact(tool: RegisteredTool, name: string): RegisteredTool {
    const found = known.get(tool) ?? looked(tool, name)
    known.set(tool, found)
    return found
  }

  function looked(tool: RegisteredTool, name: string): RegisteredTool {
    const { facts } = register(tool.declaration, digestOf)
    return facts.digest === tool.facts.digest && facts.name === name ? { ...tool, facts } : { ...tool, facts, quarantined: true }
  }
}
