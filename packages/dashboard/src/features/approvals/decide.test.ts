import { Problem } from '@agentgate/api'
import { describe, expect, it } from 'vitest'
import { cannotDecide, wanted, notDecided } from './decide.ts'

const problem = (status: number, type: string) => new Problem({ type, status, title: type, detail: 'Because.', instance: 'r' })
const request = { own: false, state: 'pending' as const, expires_at: '2026-11-22T15:05:00.000Z', roles: [], answers: [] }
const reader = { may: true, id: 'User::b', roles: ['approver'] }
const now = Date.parse('2026-11-22T15:00:00.000Z')

describe('what a request asks for', () => {
  it('is said in words, with each of its ways', () => {
    expect(wanted({ quorum: 1, ways: [] })).toBe('one person')
    expect(wanted({ quorum: 3, ways: [{ quorum: 1 }] })).toBe('3 different people')
    const ways = [
      { quorum: 2, role: 'approver' },
      { quorum: 1, role: 'admin' },
    ]
    expect(wanted({ quorum: 1, ways })).toBe('2 different people with the role approver, or one person with the role admin')
  })
})

describe('deciding a request', () => {
  it('is open to those who may, while it waits', () => {
    expect(cannotDecide(request, reader, now)).toBeUndefined()
  })

  it('is closed to the one who asked, to those without the permission, and when it is over, and says why', () => {
    expect(cannotDecide({ ...request, own: true }, reader, now)).toContain('somebody else')
    expect(cannotDecide(request, { ...reader, may: false }, now)).toContain('approval:decide')
    expect(cannotDecide(request, reader, now + 300_000)).toContain('expired')
    expect(cannotDecide({ ...request, state: 'denied' }, reader, now)).toContain('decided already')
    const answers = [{ by: 'User::b', approved: true, reason: '', at: request.expires_at }]
    expect(cannotDecide({ ...request, answers }, reader, now)).toContain('somebody else')
    expect(cannotDecide({ ...request, roles: ['security_admin'] }, reader, now)).toContain('`security_admin`')
    expect(cannotDecide({ ...request, roles: ['security_admin', 'approver'] }, reader, now)).toBeUndefined()
  })

  it('tells the one who came second that the answer had no effect', () => {
    expect(notDecided(problem(409, 'already-decided'))).toMatchObject({ kind: 'beaten' })
    expect(notDecided(problem(409, 'approval-timeout'))).toMatchObject({ kind: 'beaten', text: expect.stringContaining('expired') })
    expect(notDecided(problem(403, 'own-request'))).toMatchObject({ kind: 'failed' })
    expect(notDecided(new TypeError('Failed to fetch'))).toMatchObject({ kind: 'failed', text: expect.stringContaining('Not decided') })
  })
})
