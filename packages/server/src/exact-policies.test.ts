import { memoryPolicies, type PolicySet, type PrincipalId, sha256, type TenantId } from '@agentgate/core'
import { describe, expect, it } from 'vitest'
import { exactPolicies } from './exact-policies.ts'

const tenant = 'acme' as TenantId
const text = 'forbid (principal, action, resource);\n'

/** Policies with one set, active, of which reading finds what `edit` makes of it. */
async function edited(edit: (set: PolicySet) => PolicySet) {
  const memory = memoryPolicies()
  const { id, version, digest } = await memory.publish(tenant, {
    id: 'a',
    text,
    digest: sha256(text),
    publishedAt: 0,
    publishedBy: 'User::u' as PrincipalId,
  })
  await memory.move(tenant, 0, { id, active: version, locked: false, deleted: false, trail: [] })
  const one = (set: PolicySet | undefined) => set && edit(set)
  const policies = exactPolicies({
    ...memory,
    active: async (of) => (await memory.active(of)).map(edit),
    version: async (...which) => one(await memory.version(...which)),
    byDigest: async (...which) => one(await memory.byDigest(...which)),
  })
  return { policies, digest }
}

describe('policies that are the text of their digest', () => {
  it('are as they were published', async () => {
    const { policies, digest } = await edited((set) => set)
    expect(await policies.active(tenant)).toMatchObject([{ text, digest }])
    expect(await policies.active(tenant)).toMatchObject([{ text, digest }])
    expect(await policies.version(tenant, 'a', 1)).toMatchObject({ text })
    expect(await policies.byDigest(tenant, digest)).toMatchObject({ text })
    expect(await policies.version(tenant, 'a', 2)).toBeUndefined()
  })

  it.each([
    ['text', (set: PolicySet) => ({ ...set, text: set.text.replace('forbid', 'permit') })],
    ['digest', (set: PolicySet) => ({ ...set, digest: sha256('another') })],
  ])('judge nothing once somebody changed their %s', async (_, edit) => {
    const { policies, digest } = await edited(edit)
    await expect(policies.active(tenant)).rejects.toMatchObject({ code: 'corrupt' })
    await expect(policies.version(tenant, 'a', 1)).rejects.toMatchObject({ code: 'corrupt' })
    expect(await policies.byDigest(tenant, digest)).toBeUndefined()
  })
})
