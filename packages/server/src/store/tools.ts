import { formerDigest, type RegisteredTool, type Tools } from '@agentgate/core'
import type { Store } from './store.ts'

/** Registered tools in the store. */
export function storedTools(store: Store): Tools {
  return {
    async find(tenant, name) {
      const record = await store.ask('tools', 'find', tenant, name)
      return record === undefined ? undefined : toolOf(record)
    },
    list: async (tenant) => (await store.ask('tools', 'list', tenant)).map(toolOf),
    put: async (tenant, tool) => store.ask('tools', 'put', tenant, tool.declaration.name, JSON.stringify(tool)),
    remove: async (tenant, name) => store.ask('tools', 'remove', tenant, name),
    async former(tenant, name) {
      const record = await store.ask('tools', 'former', tenant, name)
      return record === undefined ? undefined : formerDigest(toolOf(record))
    },
  }
}

function toolOf(record: string): RegisteredTool {
  return JSON.parse(record) as RegisteredTool
}
