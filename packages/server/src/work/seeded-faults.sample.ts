import { type Parts, usualParts } from '@agentgate/core'

/** Faults in what the solver is told, for tests. */
export type SeededFault =
  | 'a role made up'
  | 'a fact turned round'
  | 'one policy too many left out'
  | 'a forbid dropped by the encoder'
  | 'a condition dropped by the encoder'

const { facts, slice, meaning } = usualParts

export const seededFaults: { readonly [fault in SeededFault]: Partial<Parts> } = {
  /** The fact builder gives the principal a role: the evaluator would be deceived as well. */
  'a role made up': {
    facts: (...given) => {
      const request = facts(...given)
      const entities = request.entities.map((each, at) =>
        at === 0 ? { ...each, parents: [...each.parents, { type: 'Role', id: 'free' }] } : each,
      )
      return { ...request, entities }
    },
  },
  /** The fact builder says that content from outside is trusted. */
  'a fact turned round': {
    facts: (...given) => {
      const request = facts(...given)
      return { ...request, context: { ...request.context, taint: 'none' } }
    },
  },
  'one policy too many left out': {
    slice: (...given) => {
      const { read, leftOut } = slice(...given)
      const more = read.filter(({ id }) => id === 'guards/free')
      return {
        read: read.filter((each) => !more.includes(each)),
        leftOut: [...leftOut, ...more.map((policy) => ({ policy, part: 'action' as const }))],
      }
    },
  },
  'a forbid dropped by the encoder': {
    meaning: (world, policy) => {
      const never = { applies: world.encoding.t.bool(false), errs: world.encoding.t.bool(false) }
      return policy.effect === 'forbid' ? never : meaning(world, policy)
    },
  },
  'a condition dropped by the encoder': {
    meaning: (world, policy) => meaning(world, { ...policy, json: { ...policy.json, conditions: [] } }),
  },
}
