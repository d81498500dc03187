import { describe, expect, it } from 'vitest'
import type { TenantId } from '../call.ts'
import { noPiiSettings, type PiiSettingsStore } from './settings.ts'

const acme = 'acme' as TenantId
const other = 'other' as TenantId
const recognizer = { name: 'staff-number', kind: 'STAFF_NUMBER', pattern: "S-\\d{6}'", context: ['Übung'] }

/** What every store of settings must do. `make` answers an empty one. */
export function piiSettingsContract(name: string, make: () => Promise<PiiSettingsStore> | PiiSettingsStore): void {
  describe(`settings of personal data: ${name}`, () => {
    it('are none before the first change, and of each tenant apart', async () => {
      const settings = await make()
      expect(await settings.read(acme)).toEqual(noPiiSettings)
      expect(await settings.write(acme, 0, { recognizers: [recognizer], retention: { SSN: 1000 }, retired: ['BADGE'] })).toBe(true)
      expect(await settings.read(acme)).toEqual({ revision: 1, recognizers: [recognizer], retention: { SSN: 1000 }, retired: ['BADGE'] })
      expect(await settings.read(other)).toEqual(noPiiSettings)
    })

    it('change only from the revision that was read: of many at once one wins', async () => {
      const settings = await make()
      const tries = Array.from({ length: 8 }, (_, n) => settings.write(acme, 0, { recognizers: [], retention: { SSN: n }, retired: [] }))
      expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1)
      expect((await settings.read(acme)).revision).toBe(1)
      expect(await settings.write(acme, 2, { recognizers: [], retention: {}, retired: [] })).toBe(false)
    })
  })
}
