import { type Meaning, meaning } from './meaning.ts'
import type { PolicySyntax } from './syntax.ts'
import type { World } from './world.ts'

/** A world, and what policies mean in it: each is encoded once. */
export interface Place {
  readonly world: World
  readonly meaning: (policy: PolicySyntax) => Meaning
}

export function placeOf(world: World): Place {
  const known = new Map<PolicySyntax, Meaning>()
  return {
    world,
    meaning(policy) {
      const found = known.get(policy) ?? meaning(world, policy)
      known.set(policy, found)
      return found
    },
  }
}
