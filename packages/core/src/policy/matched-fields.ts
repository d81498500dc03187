import type { CedarPolicy } from './cedar-text.ts'
import { type Diagnostic, placeOf, shortened } from './diagnostic.ts'
import { inputField } from './field.ts'
import { mayHide } from './hidden-field.ts'
import { inputType } from './input-type.ts'
import { fieldMatched, matchedNames } from './matched.ts'
import { nearest } from './misspelling.ts'
import { reach } from './reach.ts'
import type { PolicyTool } from './schema.ts'

/** What is wrong with the input fields that regular expressions are asked of, and what is most likely not meant. */
export interface MatchedFields {
  readonly errors: readonly Diagnostic[]
  readonly warnings: readonly Diagnostic[]
}

/**
 * Looks at the fields that policies match by the schemas of the tools that they are about: an error where no such tool has the
 * field, a warning where one has it as something that is no text: such calls are refused, as nobody can tell what they match. A
 * policy that is `excused` may be about tools that come later.
 */
export function matchedFields(
  text: string,
  policies: readonly CedarPolicy[],
  tools: readonly PolicyTool[],
  excused: (policy: CedarPolicy) => boolean = () => false,
): MatchedFields {
  const errors: Diagnostic[] = []
  const warnings: Diagnostic[] = []
  for (const policy of policies) {
    const asked = matchedNames(policy).flatMap(({ name, token }) => {
      const field = name === undefined ? undefined : fieldMatched(name)
      return field?.startsWith('input.') ? [{ field, token }] : []
    })
    if (asked.length === 0) continue
    const about = reach(policy, tools)
    for (const { field, token } of asked) {
      const at = { policy: policy.id, ...placeOf(text, token.start, token.end) }
      const path = field.split('.').slice(1)
      const types = about.map((tool) => ({ tool, type: inputField(field, tool)?.type.type, hidden: mayHide(tool, path) }))
      const having = types.filter(({ type, hidden }) => type !== undefined || hidden)
      if (about.length > 0 && having.length === 0 && !excused(policy)) {
        const names = about.flatMap((tool) => Object.keys(inputType(tool.inputSchema).attributes))
        const meant = path.length === 1 ? nearest(path[0] ?? '', new Set(names)) : undefined
        const message = `Nothing that the policy \`${policy.id}\` applies to has \`${field}\`.`
        errors.push(shortened({ code: 'type', message, ...(meant !== undefined && { help: `Did you mean \`input.${meant}\`?` }), ...at }))
      }
      const other = having.find(({ type }) => type !== 'String')?.tool
      if (other) {
        const message = `\`${field}\` of \`${other.name}\` may be no text: its calls in which it is none are refused.`
        warnings.push(shortened({ code: 'type', message, ...at }))
      }
    }
  }
  return { errors, warnings }
}
