import type { ProblemBody } from '@agentgate/api'
import type { PolicyTool, TenantId } from '@agentgate/core'
import type { House } from '../house.ts'
import { inTime, toolsOf, wireDiagnostic } from './forms.ts'
import { named } from './moving.ts'

/**
 * The active and the newest versions whose policies or invariants fit the tools as they are, and would not fit `after`; the
 * active ones also where rules on input fields would not reach a tool of `after` that they are about.
 */
export async function conflicts(
  house: Pick<House, 'tools' | 'policies' | 'policyWork'>,
  tenant: TenantId,
  after: readonly PolicyTool[],
  by: string,
): Promise<NonNullable<ProblemBody['conflicts']>> {
  const { policies, policyWork } = house
  const before = await toolsOf(house, tenant)
  const [{ sets }, heads] = await Promise.all([policies.standings(tenant), policies.versions(tenant)])
  const standing = new Map(sets.map((set) => [set.id, set]))
  const found: NonNullable<ProblemBody['conflicts']> = []
  for (const id of new Set([...standing.keys(), ...heads.map((head) => head.id)])) {
    const { active, deleted = false } = standing.get(id) ?? {}
    const newest = heads.find((head) => head.id === id)?.version
    for (const version of deleted ? [] : new Set([active, newest])) {
      const set = version === undefined ? undefined : await policies.version(tenant, id, version)
      const [conflict] = set
        ? await inTime(
            policyWork.do('conflicts', { sets: [{ ...named(set), covering: version === active }], before, after }, { tenant, by }),
          )
        : []
      if (!set || !conflict) continue
      const ids = [...new Set(conflict.errors.flatMap(({ policy }) => policy ?? []))]
      const errors = conflict.errors.slice(0, 20).map(wireDiagnostic)
      found.push({ set: id, version: set.version, active: set.version === active, policies: ids, errors })
    }
  }
  return found
}
