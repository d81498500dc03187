import { memoryPolicies, type PolicySet, type PrincipalId, sha256, type TenantId } from '@agentgate/core'
import { describe, expect, it } from 'vitest'
import { exactPolicies } from './exact-policies.ts'

const tenant = 'acme' as TenantId
const text = 'forbid (principal, action, resource);\n'

/** Policies with one set, active, of which reading finds what `edit` makes of it; the ledger names the digest that it `says`. */
async function edited(edit: (set: PolicySet) => PolicySet, says?: string) {
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
  const told = new Map<string, string>()
  const onRecord = {
    replaced: new Set<string>(),
    grants: new Map(),
    signers: new Map(),
    issuers: new Map(),
    holders: new Set<string>(),
    revoked: new Map(),
    policies: new Map<string, string>(),
    tools: new Map(),
  }
  const records = {
    known: () => onRecord,
    async newest() {
      for (const each of told) onRecord.policies.set(...each)
      return onRecord
    },
  }
  const edited = {
    ...memory,
    active: async (of: TenantId) => (await memory.active(of)).map(edit),
    version: async (...which: Parameters<typeof memory.version>) => one(await memory.version(...which)),
    byDigest: async (...which: Parameters<typeof memory.byDigest>) => one(await memory.byDigest(...which)),
  }
  const policies = exactPolicies(edited, { records, tell: async () => void told.set(id, says ?? digest) })
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

  it('judge nothing where the ledger says that another one was activated, or one more', async () => {
    const { policies } = await edited((set) => set, sha256('another'))
    await expect(policies.active(tenant)).rejects.toMatchObject({ code: 'corrupt' })
    const permissive = 'permit (principal, action, resource);\n'
    const forged = await edited((set) => ({ ...set, text: permissive, digest: sha256(permissive) }))
    await expect(forged.policies.active(tenant)).rejects.toMatchObject({ code: 'corrupt' })
  })
})
