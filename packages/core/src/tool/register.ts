import type { OutputLabel } from '../call.ts'
import type { Json } from '../json.ts'
import type { RegisteredTool, ToolDeclaration } from './registry.ts'

/** Fixes what a tool is. `digest` is SHA-256, hex, over canonical JSON: the pin that any later change breaks. */
export function register(declaration: ToolDeclaration, digest: (declaration: Json) => string): RegisteredTool {
  const { name, effect, boundary = 'external', arguments: kinds = {}, cost, approval, declassifies } = declaration
  const facts = {
    name,
    digest: digest({ ...declaration }),
    effect,
    boundary,
    arguments: kinds,
    ...(cost !== undefined && { cost }),
    ...(approval !== undefined && { approval }),
    outputLabel: outputLabelOf(declaration),
    ...(declassifies && { declassifies }),
  }
  return { declaration, facts, quarantined: false }
}

/** What its output is where its registration does not say: a model knows nothing but what it was told, of any other tool nobody knows. */
export function outputLabelOf({ action, outputLabel, declassifies }: ToolDeclaration): OutputLabel {
  return outputLabel ?? (action === 'model.call' || declassifies ? 'none' : 'untrusted')
}
