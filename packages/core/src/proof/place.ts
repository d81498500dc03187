import { type Meaning, meaning } from './meaning.ts'
import type { PolicySyntax } from './syntax.ts'
import type { World } from './world.ts'

/** A world, and what policies mean in it: each is encoded once. */
export interface Place {
  readonly world: World
  readonly meaning: (policy: PolicySyntax) => Meaning
}

/** `means` says what a policy means: another only where a test wants it wrong. */
export function placeOf(world: World, means: typeof meaning = meaning): Place {
  const known = new Map<PolicySyntax, Meaning>()
  return {
    world,
    meaning(policy) {
      const found = known.get(policy) ?? means(world, policy)
      known.set(policy, found)
      return found
    },
  }
}
