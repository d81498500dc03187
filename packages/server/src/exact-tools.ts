import { type Json, type RegisteredTool, register, type Tools } from '@agentgate/core'

/**
 * Tools whose facts are those of their declaration: certificates name what a tool is by its digest. One that somebody changed past us
 * is in quarantine, as any change is, until somebody confirms what it says.
 */
export function exactTools(tools: Tools, digestOf: (declaration: Json) => string): Tools {
  const known = new WeakMap<RegisteredTool, RegisteredTool>()

  return {
    ...tools,
    async find(tenant, name) {
      const tool = await tools.find(tenant, name)
      return tool && exact(tool, name)
    },
    list: async (tenant) => (await tools.list(tenant)).map((tool) => exact(tool, tool.declaration.name)),
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
