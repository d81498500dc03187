import type { PrincipalId } from '../call.ts'
import { canonical, digestOf, quote } from './cedar-text.ts'
import type { PolicySet } from './policies.ts'

/** The visible built-in set of an in-process agent without policies: permits exactly the tools that it registered. */
export function registeredTools(names: readonly string[]): PolicySet {
  const rules = [...new Set(names)].sort().map((name, index) => {
    const why = '@advice("The agent registered this tool itself.")'
    return `@id("registered-${index}")\n${why}\npermit (principal, action, resource) when { context.tool == ${quote(name)} };`
  })
  const text = canonical(rules.length > 0 ? rules.join('\n') : '// The agent registered no tool.\n')
  return {
    id: 'registered-tools',
    version: 1,
    digest: digestOf(text),
    text,
    publishedAt: 0,
    publishedBy: 'Agent::registered-tools' as PrincipalId,
  }
}
