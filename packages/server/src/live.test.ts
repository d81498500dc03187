import { describe, expect, it } from 'vitest'
import { createHub, type Live } from './live.ts'

const event = (data: number, tenant = 'a') => ({ tenant, about: [], data })

function heard(hub: ReturnType<typeof createHub<number>>, after?: string) {
  const events: Live<number>[] = []
  const { missed, stop } = hub.listen('a', after, (each) => events.push(each))
  return { events, missed, stop, data: () => events.map(({ data }) => data) }
}

describe('a hub', () => {
  it('tells listeners what happens in their tenant, from when they listen', () => {
    const hub = createHub<number>()
    hub.publish(event(0))
    const one = heard(hub)
    hub.publish(event(1))
    hub.publish(event(2, 'b'))
    expect(one.data()).toEqual([1])
    one.stop()
    hub.publish(event(3))
    expect(one.data()).toEqual([1])
    expect(hub.listeners()).toBe(0)
  })

  it('tells whoever comes back exactly what was missed', () => {
    const hub = createHub<number>()
    const first = heard(hub)
    for (let n = 0; n < 5; n++) hub.publish(event(n))
    for (const [index, { id }] of first.events.entries()) {
      const again = heard(hub, id)
      expect(again).toMatchObject({ missed: false })
      expect(again.data()).toEqual([0, 1, 2, 3, 4].slice(index + 1))
    }
  })

  it('says so when events were lost, or the id is of another process', () => {
    const hub = createHub<number>(3)
    const first = heard(hub)
    for (let n = 0; n < 6; n++) hub.publish(event(n))
    const missed = first.events.map(({ id }) => heard(hub, id).missed)
    expect(missed).toEqual([true, true, false, false, false, false])
    expect(heard(hub, `${'0'.repeat(12)}-1`).missed).toBe(true)
    expect(heard(hub, 'garbage').missed).toBe(true)
  })

  it('says so when something was skipped, and goes on from there', () => {
    const hub = createHub<number>()
    const first = heard(hub)
    hub.publish(event(0))
    hub.skip()
    hub.publish(event(1))
    expect(first.data()).toEqual([0, 1])
    expect(first.events.map(({ id }) => heard(hub, id).missed)).toEqual([true, false])
  })
})
