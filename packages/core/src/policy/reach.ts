import type { CedarPolicy } from './cedar-text.ts'
import { exactSyntax } from './exact-syntax.ts'
import type { PolicyTool } from './schema.ts'

/** The tools that the scope of a policy reaches, by their action or effect. */
export function reach(policy: CedarPolicy, tools: readonly PolicyTool[]): readonly PolicyTool[] {
  const { action } = exactSyntax(policy).json
  const uids = 'entities' in action ? action.entities : 'entity' in action ? [action.entity] : undefined
  const named = uids && new Set(uids.map((uid) => ('__entity' in uid ? uid.__entity.id : uid.id)))
  return tools.filter((tool) => !named || named.has(tool.action) || named.has(tool.effect) || named.has(tool.name))
}
