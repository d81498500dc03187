import { describe, expect, it } from 'vitest'
import { readCedar } from './cedar-text.ts'
import { policyChanges, widening } from './changes.ts'

const read = (text: string) => {
  const found = readCedar(text)
  if (!found.ok) throw new Error(found.errors[0]?.message)
  return found.policies
}
const ids = (policies: readonly { readonly id: string }[]) => policies.map(({ id }) => id)

describe('what two versions differ in', () => {
  const before = read('@id("a") permit (principal, action, resource); @id("b") forbid (principal, action, resource);')

  it('is told policy by policy', () => {
    const after = read('@id("b") forbid (principal, action, resource) when { context.mfa }; @id("c") forbid (principal, action, resource);')
    const { added, removed, changed } = policyChanges(before, after)
    expect([ids(added), ids(removed), ids(changed.map((each) => each.after))]).toEqual([['c'], ['a'], ['b']])
  })

  it('is nothing when only spaces and comments differ', () => {
    const spaced = before.map(({ text }) => text.replaceAll(' ', '\n ')).join(' // same\n')
    expect(policyChanges(before, read(spaced))).toEqual({ added: [], removed: [], changed: [] })
  })
})

describe('what may widen access', () => {
  it('is a forbid that goes, or is another than it was', () => {
    const forbid = read('@id("f") forbid (principal, action, resource) when { context.pii_count > 3 };')
    expect(widening(forbid, []).forbidsRemoved).toEqual(['f'])
    expect(widening(forbid, read('@id("f") forbid (principal, action, resource) when { context.pii_count > 4 };')).forbidsRemoved).toEqual([
      'f',
    ])
    expect(
      widening(forbid, read('@id("f") @hold("approval") forbid (principal, action, resource) when { context.pii_count > 3 };'))
        .forbidsRemoved,
    ).toEqual(['f'])
  })

  it('is no forbid that only has another name or advice', () => {
    const forbid = read('@id("f") forbid (principal, action, resource);')
    expect(widening(forbid, read('@id("g") @advice("new words") forbid (principal, action, resource);')).forbidsRemoved).toEqual([])
  })

  it('is a permit of the effects that were missing, when with those before it all effects are permitted', () => {
    const some = read('@id("some") permit (principal, action in [Action::"read", Action::"write", Action::"delete"], resource);')
    const rest = '@id("rest") permit (principal, action in [Action::"execute", Action::"send", Action::"pay"], resource);'
    expect(widening([], some).unscopedPermits).toEqual([])
    expect(widening(some, [...some, ...read(rest)]).unscopedPermits).toEqual(['rest'])
    expect(widening(some, [...some, ...read(rest.replace(', Action::"pay"', ''))]).unscopedPermits).toEqual([])
    const all = [...some, ...read(rest)]
    expect(widening(all, [...all, ...read('@id("again") permit (principal, action in Action::"pay", resource);')]).unscopedPermits).toEqual(
      [],
    )
  })

  it('is a permit that owes less than one of the same words or the same name did', () => {
    const permit = (duties: string, id = 'p', action = 'x') =>
      read(`@id("${id}") ${duties} permit (principal, action == Action::"${action}", resource);`)
    const held = permit('@approval("any") @rate("9/1m")')
    const lost = (after: ReturnType<typeof read>) => widening(held, after).obligationsDropped
    expect(lost(permit('@rate("9/1m")'))).toEqual([{ id: 'p', obligations: ['@approval("any")'] }])
    expect(lost(permit('@rate("9/1m")', 'renamed'))).toEqual([{ id: 'renamed', obligations: ['@approval("any")'] }])
    expect(lost(permit('@approval("any") @rate("99/1m")', 'p', 'reworded'))).toEqual([{ id: 'p', obligations: ['@rate("9/1m")'] }])
    expect(lost([...held, ...permit('', 'beside')])).toEqual([{ id: 'beside', obligations: ['@approval("any")', '@rate("9/1m")'] }])
    for (const no of [held, permit('@mfa("required") @rate("9/1m") @approval("any")'), permit('', 'other', 'other'), []])
      expect(lost(no)).toEqual([])
    // One that owes nothing was there beside it.
    expect(widening([...held, ...permit('', 'free')], permit('', 'free')).obligationsDropped).toEqual([])
  })

  it('does not name an unscoped permit that was there before', () => {
    const open = read('permit (principal, action, resource);')
    expect(widening(open, open).unscopedPermits).toEqual([])
    expect(widening([], open).unscopedPermits).toEqual(['policy0'])
    const reworded = read('permit (principal, action, resource is Resource) when { context.tool like "*" };')
    expect(widening([], reworded).unscopedPermits).toEqual(['policy0'])
  })
})
