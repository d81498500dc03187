import { describe, expect, it } from 'vitest'
import type { SessionId, TenantId } from '../call.ts'
import { memoryVault, type Owner } from './vault.ts'

const owner = (session: string): Owner => ({ tenant: 'acme' as TenantId, principal: 'User::u', session: session as SessionId })
const ssn = { kind: 'SSN', value: 'a' }

describe('a vault in memory', () => {
  it('lets a session expire when it has kept nothing for its lifetime, and never reuses its tokens', async () => {
    let now = 0
    const vault = memoryVault({ clock: { now: () => now }, lifetime: 1000 })
    await vault.keep(owner('a'), [ssn])
    now = 600
    await vault.keep(owner('b'), [ssn])
    now = 1000
    expect(await vault.recall(owner('a'), ['<SSN_1>'])).toEqual([undefined])
    expect(await vault.recall(owner('b'), ['<SSN_1>'])).toEqual(['a'])
    expect(await vault.keep(owner('a'), [ssn])).toEqual(['<SSN_2>'])
  })
})
