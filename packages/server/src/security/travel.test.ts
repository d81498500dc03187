import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { oddTravel, type Placed } from './travel.ts'

const hour = 3_600_000
const berlin = { country: 'DE', latitude: 53, longitude: 13 }
const munich = { country: 'DE', latitude: 48, longitude: 12 }
const sydney = { country: 'AU', latitude: -34, longitude: 151 }
const suva = { country: 'FJ', latitude: -18, longitude: 178 }
const apia = { country: 'WS', latitude: -14, longitude: -172 }
const at = (hours: number, place: Omit<Placed, 'at'>): Placed => ({ ...place, at: hours * hour })

describe('where somebody is', () => {
  it('is nothing odd the first time, nor again, nor as far as one travels meanwhile', () => {
    expect(oddTravel([], at(0, sydney))).toBeUndefined()
    expect(oddTravel([at(0, berlin)], at(0, berlin))).toBeUndefined()
    expect(oddTravel([at(0, berlin)], at(1, munich))).toBeUndefined()
    expect(oddTravel([at(0, berlin), at(50, sydney)], at(90, berlin))).toBeUndefined()
  })

  it('is odd in a country where nobody saw them before', () => {
    expect(oddTravel([at(0, berlin), at(1, munich)], at(40, sydney))).toBe('new_location')
    expect(oddTravel([{ country: 'DE', at: 0 }], { country: 'AU', at: 1 })).toBe('new_location')
  })

  it('is impossible faster than airliners fly, whichever was noted first', () => {
    expect(oddTravel([at(0, berlin)], at(10, sydney))).toBe('impossible_travel')
    expect(oddTravel([at(10, berlin)], at(0, sydney))).toBe('impossible_travel')
    expect(oddTravel([at(0, sydney), at(9, berlin)], at(10, sydney))).toBe('impossible_travel')
    expect(oddTravel([at(0, berlin)], at(15.5, sydney))).toBe('impossible_travel')
    expect(oddTravel([at(0, berlin)], at(16, sydney))).toBe('new_location')
  })

  it('is near across the date line', () => {
    expect(oddTravel([at(0, suva)], at(1, apia))).toBe('new_location')
  })

  it('is never impossible where only countries are known, and never more likely with more time', () => {
    const place = fc.record({
      country: fc.constantFrom('DE', 'AU', 'FJ'),
      latitude: fc.integer({ min: -90, max: 90 }),
      longitude: fc.integer({ min: -180, max: 180 }),
    })
    fc.assert(
      fc.property(place, place, fc.nat(30), fc.nat(30), (one, other, hours, more) => {
        const { latitude: _, longitude: __, ...country } = one
        expect(oddTravel([at(0, country)], at(0, other))).not.toBe('impossible_travel')
        if (oddTravel([at(0, one)], at(hours, other)) !== 'impossible_travel')
          expect(oddTravel([at(0, one)], at(hours + more, other))).not.toBe('impossible_travel')
        expect(oddTravel([at(0, one)], at(21, other))).not.toBe('impossible_travel')
      }),
    )
  })
})
