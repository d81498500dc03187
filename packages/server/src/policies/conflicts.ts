import type { ProblemBody } from '@agentgate/api'
import type { RegisteredTool, TenantId } from '@agentgate/core'
import type { House } from '../house.ts'
import { inTime, policyTool, toolsOf, wireDiagnostic } from './forms.ts'
import { named } from './moving.ts'

/** The active and the newest versions that fit the tools as they are, and would not once this one is registered. */
export async function conflicts(
  house: Pick<House, 'tools' | 'policies' | 'policyWork'>,
  tenant: TenantId,
  tool: Pick<RegisteredTool, 'declaration'>,
): Promise<NonNullable<ProblemBody['conflicts']>> {
  const { policies, policyWork } = house
  const before = await toolsOf(house, tenant)
  const fresh = policyTool(tool)
  const after = [...before.filter(({ name }) => name !== fresh.name), fresh]
  const [{ sets }, heads] = await Promise.all([policies.standings(tenant), policies.versions(tenant)])
  const wanted = sets
    .filter(({ deleted }) => !deleted)
    .flatMap(({ id, active }) => {
      const newest = heads.find((head) => head.id === id)?.version
      return [...new Set([active, newest])].flatMap((version) =>
        version === undefined ? [] : [{ id, version, active: version === active }],
      )
    })
  const found = await Promise.all(
    wanted.map(async ({ id, version, active }) => {
      const set = await policies.version(tenant, id, version)
      if (!set) return []
      const [conflict] = await inTime(policyWork.do('conflicts', { sets: [named(set)], before, after }))
      if (!conflict) return []
      const names = [...new Set(conflict.errors.flatMap(({ policy }) => policy ?? []))]
      return [{ set: id, version, active, policies: names, errors: conflict.errors.slice(0, 20).map(wireDiagnostic) }]
    }),
  )
  return found.flat()
}
