import type { Trace } from '@agentgate/api'
import { describe, expect, it } from 'vitest'
import { heard, quiet, resumed, shownRows, tailLimit, unseen } from './tail.ts'

const trace = (id: string, more: Partial<Trace> = {}): Trace => ({
  id,
  certificate_id: id,
  at: `2026-11-22T15:00:${id.padStart(2, '0')}.000Z`,
  tool: 'chat',
  action: 'chat',
  effect: 'send',
  resource: 'tool:chat',
  principal: 'User::1',
  session_id: 's',
  verdict: 'allow',
  status: 'running',
  ms: 1,
  ...more,
})
const ids = (rows: readonly Trace[]) => rows.map(({ id }) => id)
const loaded = [trace('2'), trace('1')]
const listed = (id: string) => loaded.some((each) => each.id === id)

describe('the live tail', () => {
  it('puts new calls on top and brings listed ones up to date in place', () => {
    const tail = [trace('3'), trace('1', { status: 'failed' })].reduce((each, next) => heard(each, next, { paused: false, listed }), quiet)
    expect(ids(shownRows(loaded, tail, {}))).toEqual(['3', '2', '1'])
    expect(shownRows(loaded, tail, {})[2]?.status).toBe('failed')
  })

  it('counts what is new while paused, moves nothing, and shows it on resuming', () => {
    const tail = ['3', '4'].reduce((each, id) => heard(each, trace(id), { paused: true, listed }), quiet)
    expect(ids(shownRows(loaded, tail, {}))).toEqual(['2', '1'])
    expect(unseen(loaded, tail, {})).toBe(2)
    expect(ids(shownRows(loaded, resumed(tail), {}))).toEqual(['4', '3', '2', '1'])
    expect(unseen(loaded, resumed(tail), {})).toBe(0)
  })

  it('still tells what became of a listed call while paused', () => {
    const tail = heard(quiet, trace('2', { status: 'succeeded' }), { paused: true, listed })
    expect(shownRows(loaded, tail, {})[0]?.status).toBe('succeeded')
  })

  it('shows and counts only what the filters ask for, and lets go of calls that no longer match', () => {
    const denied = trace('3', { verdict: 'deny', status: 'refused' })
    const tail = [denied, trace('4'), trace('2', { status: 'succeeded' })].reduce(
      (each, next) => heard(each, next, { paused: false, listed }),
      quiet,
    )
    expect(ids(shownRows(loaded, tail, { verdict: 'deny' }))).toEqual(['3'])
    expect(ids(shownRows(loaded, tail, { status: 'running' }))).toEqual(['4', '1'])
    const away = [denied, trace('4')].reduce((each, next) => heard(each, next, { paused: true, listed }), quiet)
    expect(unseen(loaded, away, { status: 'refused' })).toBe(1)
  })

  it('keeps a bounded number of calls', () => {
    let tail = quiet
    for (let n = 0; n < 20; n++) tail = heard(tail, trace(String(n)), { paused: true, listed })
    const full = { newest: new Map(Array.from({ length: tailLimit }, (_, n) => [String(n), trace(String(n))])), seen: new Set<string>() }
    expect(heard(full, trace('late'), { paused: true, listed })).toBe(full)
    expect(heard(full, trace('3', { status: 'lost' }), { paused: true, listed }).newest.get('3')?.status).toBe('lost')
    expect(tail.newest.size).toBe(20)
  })
})
