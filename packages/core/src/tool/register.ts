import type { Json } from '../json.ts'
import type { RegisteredTool, ToolDeclaration } from './registry.ts'

/** Fixes what a tool is. `digest` is SHA-256, hex, over canonical JSON: the pin that any later change breaks. */
export function register(declaration: ToolDeclaration, digest: (declaration: Json) => string): RegisteredTool {
  const { name, effect, boundary = 'external', arguments: kinds = {}, cost, approval, outputLabel } = declaration
  const facts = {
    name,
    digest: digest({ ...declaration }),
    effect,
    boundary,
    arguments: kinds,
    ...(cost !== undefined && { cost }),
    ...(approval !== undefined && { approval }),
    ...(outputLabel !== undefined && { outputLabel }),
  }
  return { declaration, facts, quarantined: false }
}
