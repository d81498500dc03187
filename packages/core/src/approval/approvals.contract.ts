import { describe, expect, it } from 'vitest'
import type { CallId, MaskedCall, PrincipalId, SessionId, TenantId } from '../call.ts'
import type { Answer, Approval, Approvals } from './approvals.ts'

const acme = 'acme' as TenantId
const other = 'other' as TenantId
const approver = 'User::approver' as PrincipalId

const call = {
  id: 'call' as CallId,
  tenant: acme,
  principal: { id: 'Agent::a' as PrincipalId, tenant: acme, onBehalfOf: 'User::u' as PrincipalId, roles: ['developer'], mfa: false },
  session: 's' as SessionId,
  tool: { name: 'delete_user', digest: '0', effect: 'delete', boundary: 'trusted', arguments: { who: 'prose' } },
  action: 'delete_user',
  resource: 'user:<SSN_1>',
  input: { who: "<SSN_1> '; --", deep: [{ ünï: null }] },
  context: { now: 1 },
} as const

/** A masked call, as a store gets it. */
const masked = call as unknown as MaskedCall

const question = (id: string, more: Partial<Approval> = {}): Approval => ({
  id,
  tenant: acme,
  callId: `call-${id}` as CallId,
  binding: `binding-${id}`,
  call: masked,
  why: '`delete_user` waits for a person.',
  askedAt: 1_000,
  expiresAt: 2_000,
  quorum: 1,
  ways: [],
  roles: [],
  answers: [],
  state: 'pending',
  ...more,
})
const yes: Answer = { approved: true, by: approver, reason: 'fine', at: 1_500, roles: ['approver'] }
const ids = (all: readonly Approval[]) => all.map(({ id }) => id)

/** What every store of approvals must do. `make` answers an empty one. */
export function approvalsContract(name: string, make: () => Promise<Approvals> | Approvals): void {
  describe(`approvals: ${name}`, () => {
    it('files a question with everything in it', async () => {
      const approvals = await make()
      expect(await approvals.ask(question('a'))).toEqual(question('a'))
      expect(await approvals.find(acme, 'a')).toEqual(question('a'))
      expect(await approvals.find(acme, 'b')).toBeUndefined()
    })

    it('is decided by whichever of its ways is enough first, whoever else said yes', async () => {
      const approvals = await make()
      const ways = [
        { quorum: 1, role: 'admin' },
        { quorum: 2, role: 'approver' },
      ]
      const say = (id: string, by: string, roles: readonly string[]) => approvals.answer(acme, id, { ...yes, by: by as PrincipalId, roles })
      const state = async (id: string) => (await approvals.find(acme, id))?.state
      for (const id of ['a', 'b', 'c']) await approvals.ask(question(id, { ways }))
      expect(await approvals.find(acme, 'a')).toEqual(question('a', { ways }))
      await say('a', 'User::1', ['viewer', 'admin'])
      expect(await state('a')).toBe('approved')
      for (const by of ['User::1', 'User::2']) {
        expect(await state('b')).toBe('pending')
        await say('b', by, ['approver'])
      }
      expect(await state('b')).toBe('approved')
      await say('c', 'User::1', ['approver'])
      await say('c', 'User::2', ['auditor'])
      expect(await state('c')).toBe('pending')
      await say('c', 'User::3', ['admin'])
      expect(await state('c')).toBe('approved')
    })

    it('wants of a pending question what is wanted when it is asked again, and counts what was answered', async () => {
      const approvals = await make()
      await approvals.ask(question('a', { quorum: 2 }))
      await approvals.answer(acme, 'a', yes)
      const same = { callId: 'call-a' as CallId, binding: 'binding-a', askedAt: 1_900 }
      expect(await approvals.ask(question('b', { ...same, quorum: 3, roles: ['legal'] }))).toMatchObject({
        id: 'a',
        quorum: 3,
        state: 'pending',
      })
      expect(await approvals.find(acme, 'a')).toMatchObject({ roles: ['legal'], answers: [{ by: approver }] })
      const ways = [{ quorum: 1, role: 'approver' }]
      expect(await approvals.ask(question('b', { ...same, ways }))).toMatchObject({ id: 'a', state: 'approved', ways })
      expect(await approvals.ask(question('b', { ...same, quorum: 9 }))).toMatchObject({ quorum: 1, state: 'approved' })
      await approvals.ask(question('c'))
      await approvals.ask(question('c', { askedAt: 2_500, quorum: 2 }))
      expect(await approvals.find(acme, 'c')).toEqual(question('c'))
    })

    it('answers the question already filed for the same call and binding, whatever became of it', async () => {
      const approvals = await make()
      await approvals.ask(question('a'))
      const again = question('b', { callId: 'call-a' as CallId, binding: 'binding-a', why: 'again', askedAt: 1_900 })
      expect(await approvals.ask(again)).toEqual(question('a'))
      await approvals.answer(acme, 'a', { ...yes, approved: false })
      expect(await approvals.ask(again)).toMatchObject({ id: 'a', state: 'denied' })
      expect(ids(await approvals.list(acme, { limit: 10 }))).toEqual(['a'])
    })

    it('files once when many ask at once', async () => {
      const approvals = await make()
      const same = { callId: 'c' as CallId, binding: 'b' }
      const all = await Promise.all(Array.from({ length: 20 }, (_, index) => approvals.ask(question(`${index}`, same))))
      expect(new Set(ids(all)).size).toBe(1)
      expect(await approvals.list(acme, { limit: 100 })).toHaveLength(1)
    })

    it('files another question for another binding of the same call', async () => {
      const approvals = await make()
      await approvals.ask(question('a', { callId: 'c' as CallId }))
      await approvals.ask(question('b', { callId: 'c' as CallId }))
      expect(ids(await approvals.list(acme, { call: 'c' as CallId, limit: 10 }))).toEqual(['b', 'a'])
    })

    it('records who answered what, and when', async () => {
      const approvals = await make()
      await approvals.ask(question('a'))
      await approvals.ask(question('b'))
      expect(await approvals.answer(acme, 'a', yes)).toBe(true)
      expect(await approvals.answer(acme, 'b', { ...yes, approved: false, reason: 'no' })).toBe(true)
      expect(await approvals.find(acme, 'a')).toEqual(question('a', { answers: [yes], state: 'approved' }))
      expect(await approvals.find(acme, 'b')).toEqual(
        question('b', { answers: [{ ...yes, approved: false, reason: 'no' }], state: 'denied' }),
      )
    })

    it('takes one answer: of many at once one wins, and no later one changes it', async () => {
      const approvals = await make()
      await approvals.ask(question('a'))
      const tries = Array.from({ length: 10 }, (_, index) =>
        approvals.answer(acme, 'a', { ...yes, approved: index % 2 === 0, by: `User::${index}` as PrincipalId }),
      )
      const won = await Promise.all(tries)
      expect(won.filter(Boolean)).toHaveLength(1)
      const before = await approvals.find(acme, 'a')
      expect(before?.answers.map(({ by }) => by)).toEqual([`User::${won.indexOf(true)}`])
      expect(await approvals.answer(acme, 'a', { ...yes, approved: before?.state === 'denied' })).toBe(false)
      expect(await approvals.find(acme, 'a')).toEqual(before)
    })

    it('waits for as many different people as the question says, and for no more', async () => {
      const approvals = await make()
      await approvals.ask(question('a', { quorum: 2, roles: ['approver'] }))
      expect(await approvals.answer(acme, 'a', yes)).toBe(true)
      expect(await approvals.find(acme, 'a')).toMatchObject({ state: 'pending', quorum: 2, roles: ['approver'] })
      expect(await approvals.answer(acme, 'a', { ...yes, reason: 'again' })).toBe(false)
      const second = { ...yes, by: 'User::second' as PrincipalId, at: 1_600 }
      expect(await approvals.answer(acme, 'a', second)).toBe(true)
      expect(await approvals.find(acme, 'a')).toMatchObject({ state: 'approved', answers: [yes, second] })
      expect(await approvals.answer(acme, 'a', { ...yes, by: 'User::third' as PrincipalId })).toBe(false)
    })

    it('is denied by one no, whoever said yes before', async () => {
      const approvals = await make()
      await approvals.ask(question('a', { quorum: 3 }))
      await approvals.answer(acme, 'a', yes)
      expect(await approvals.answer(acme, 'a', { ...yes, approved: false, by: 'User::second' as PrincipalId })).toBe(true)
      expect((await approvals.find(acme, 'a'))?.state).toBe('denied')
    })

    it('counts each person once when many answer at once', async () => {
      const approvals = await make()
      await approvals.ask(question('a', { quorum: 3 }))
      const by = (n: number) => ({ ...yes, by: `User::${n % 4}` as PrincipalId })
      const took = await Promise.all(Array.from({ length: 12 }, (_, n) => approvals.answer(acme, 'a', by(n))))
      expect(took.filter(Boolean)).toHaveLength(3)
      const people = (await approvals.find(acme, 'a'))?.answers.map((each) => each.by)
      expect(new Set(people).size).toBe(3)
    })

    it('takes no answer to what has expired, or was never asked', async () => {
      const approvals = await make()
      await approvals.ask(question('a'))
      expect(await approvals.answer(acme, 'a', { ...yes, at: 2_000 })).toBe(false)
      expect(await approvals.answer(acme, 'none', yes)).toBe(false)
      expect((await approvals.find(acme, 'a'))?.state).toBe('pending')
      expect(await approvals.answer(acme, 'a', { ...yes, at: 1_999 })).toBe(true)
    })

    it('lists the last asked first, by state and by call, page by page', async () => {
      const approvals = await make()
      for (const id of ['d', 'a', 'c', 'b']) await approvals.ask(question(id))
      await approvals.answer(acme, 'c', yes)
      expect(ids(await approvals.list(acme, { limit: 10 }))).toEqual(['b', 'c', 'a', 'd'])
      expect(ids(await approvals.list(acme, { state: 'pending', limit: 2 }))).toEqual(['b', 'a'])
      expect(ids(await approvals.list(acme, { state: 'pending', limit: 2, before: 'a' }))).toEqual(['d'])
      expect(ids(await approvals.list(acme, { state: 'approved', limit: 10 }))).toEqual(['c'])
      expect(ids(await approvals.list(acme, { call: 'call-a' as CallId, limit: 10 }))).toEqual(['a'])
      expect(await approvals.list(acme, { limit: 10, before: 'none' })).toEqual([])
      expect(await approvals.list(acme, { limit: 10, before: 'd' })).toEqual([])
    })

    it('lists what is open, and what of it is overdue, until it is closed', async () => {
      const approvals = await make()
      for (const [id, expiresAt] of [
        ['a', 1_000],
        ['b', 2_000],
        ['c', 3_000],
      ] as const)
        await approvals.ask(question(id, { expiresAt }))
      await approvals.answer(acme, 'b', yes)
      expect(ids(await approvals.list(acme, { overdue: 2_000, limit: 10 }))).toEqual(['b', 'a'])
      expect(ids(await approvals.list(acme, { overdue: 2_000, limit: 1, before: 'b' }))).toEqual(['a'])
      await approvals.close(acme, 'a')
      await approvals.close(other, 'b')
      expect(ids(await approvals.list(acme, { overdue: 2_000, limit: 10 }))).toEqual(['b'])
      expect(ids(await approvals.list(acme, { open: true, limit: 10 }))).toEqual(['c', 'b'])
      expect(ids(await approvals.list(acme, { open: true, state: 'approved', limit: 10 }))).toEqual(['b'])
      expect(ids(await approvals.list(acme, { limit: 10 }))).toEqual(['c', 'b', 'a'])
      expect(await approvals.find(acme, 'a')).toEqual(question('a', { expiresAt: 1_000 }))
    })

    it('never shows one tenant the questions of another, nor takes its answers', async () => {
      const approvals = await make()
      await approvals.ask(question('a'))
      expect(await approvals.find(other, 'a')).toBeUndefined()
      expect(await approvals.list(other, { limit: 10 })).toEqual([])
      expect(await approvals.answer(other, 'a', yes)).toBe(false)
      const theirs = question('a', { tenant: other, callId: 'call-a' as CallId, binding: 'binding-a' })
      expect(await approvals.ask(theirs)).toEqual(theirs)
      expect((await approvals.find(acme, 'a'))?.state).toBe('pending')
    })
  })
}
