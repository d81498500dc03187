import type { Analyzed, Tasks } from '../work/policy-tasks.ts'

/** The answer to questions about a set that nobody could look into: each is unknown, and says why. */
export function untold({ set, questions }: Pick<Tasks['analyze']['asked'], 'set' | 'questions'>, why: string): Analyzed {
  const unknown = { answer: 'unknown' as const, why }
  const calls = { ...unknown, examples: [] }
  const stated = set.invariants === undefined ? [] : [{ ...unknown, id: '*', says: 'all of its invariants', set: set.id }]
  return {
    ...(questions.includes('invariants') && { invariants: stated }),
    ...(questions.includes('difference') && { difference: { newly_allowed: calls, newly_denied: calls } }),
    ...(questions.includes('findings') && { findings: { found: [], unknown: [{ ...unknown, policy: '*' }] } }),
    ...(questions.includes('at_most') && { at_most: unknown }),
  }
}
