import { type CedarPolicy, policiesIn } from '../policy/cedar-text.ts'
import { type MatchedFact, matchedFacts } from '../policy/matched.ts'
import { type PolicySyntax, syntaxOf } from './syntax.ts'
import type { ReadPolicies } from './judgement.ts'

/** A published set, read for proofs. */
interface ReadSet {
  readonly policies: readonly PolicySyntax[]
  readonly matches: readonly MatchedFact[]
}

/** Sets that are kept read at once. */
const most = 256

/**
 * Reads published sets by their texts, each once: a digest never means another text. Policies are named `set/policy`. The
 * same sets are the same object for as long as they are asked for.
 */
export function policyReader(): (sets: readonly { readonly id: string; readonly digest: string; readonly text: string }[]) => ReadPolicies {
  const known = new Map<string, ReadSet>()
  const together = new Map<string, ReadPolicies>()

  return (sets) => {
    const all = JSON.stringify(sets.map(({ id, digest }) => [id, digest]))
    const same = together.get(all)
    if (same) return same
    const read = sets.map(({ id, digest, text }) => {
      const key = `${id} ${digest}`
      const found = known.get(key) ?? readSet(id, text)
      for (const oldest of known.keys()) if (known.size >= most) known.delete(oldest)
      known.set(key, found)
      return found
    })
    const matches = read.flatMap(({ matches }) => matches)
    const policies: ReadPolicies = {
      policies: read.flatMap((set) => set.policies),
      matches: [...new Map(matches.map((fact) => [fact.name, fact])).values()],
    }
    for (const oldest of together.keys()) if (together.size >= most) together.delete(oldest)
    together.set(all, policies)
    return policies
  }
}

function readSet(id: string, text: string): ReadSet {
  const policies: readonly CedarPolicy[] = [...policiesIn(text)]
  return {
    policies: policies.map((policy) => ({ ...syntaxOf(policy), id: `${id}/${policy.id}` })),
    matches: policies.flatMap((policy) => matchedFacts(policy).flatMap(({ fact }) => fact ?? [])),
  }
}
