import type { Json } from '../json.ts'
import { canonical, parseCedar } from './cedar-text.ts'
import { ruleOf } from './changes.ts'
import { compileConditionedRules } from './conditioned-rules.ts'
import type { Diagnostic } from './diagnostic.ts'
import type { PolicyText } from './policies.ts'
import type { PolicyTool } from './schema.ts'

/**
 * The forbids that a set's rules on input fields come to with these tools, and that its text has not: it was published
 * before those tools had the fields, so it would let their calls pass. What the rules cannot be asked of such a tool is told too.
 */
export function uncovered({ text, source }: Pick<PolicyText, 'text' | 'source'>, tools: readonly PolicyTool[]): readonly Diagnostic[] {
  if (source?.form !== 'conditioned') return []
  const rules: Json = JSON.parse(source.json)
  const compiled = compileConditionedRules(rules, tools)
  if (!compiled.ok) return compiled.errors
  const [had, has] = [parseCedar(text), parseCedar(canonical(compiled.text))]
  if (!had.ok || !has.ok) return had.ok && !has.ok ? has.errors : []
  const covered = new Set(had.policies.map(ruleOf))
  return has.policies.flatMap((policy): readonly Diagnostic[] => {
    if (policy.effect === 'permit' || covered.has(ruleOf(policy))) return []
    const path = compiled.paths.get(policy.id)
    return [
      {
        code: 'uncovered',
        message: `The rules of the set forbid \`${policy.id}\` too, which this version of it does not say: a tool has the field since.`,
        help: 'Publish the same rules again, and activate that version.',
        policy: policy.id,
        ...(path !== undefined && { path }),
      },
    ]
  })
}
