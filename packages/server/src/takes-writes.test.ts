import { describe, expect, it } from 'vitest'
import { takesWrites } from './takes-writes.ts'

const roomy = { full: () => false }

describe('whether the store takes writes', () => {
  it('is found out by writing, so that a full disk is no healthy server, and is found out again', async () => {
    let full = true
    const healthy = takesWrites(roomy, async () => (full ? Promise.reject(new Error('disk full')) : undefined), 0)
    expect(await healthy()).toMatchObject({ ok: false, detail: expect.stringContaining('disk is full') })
    full = false
    expect(await healthy()).toEqual({ ok: true })
  })

  it('is denied while changes find the disk full, though a small write still fits', async () => {
    expect(await takesWrites({ full: () => true }, async () => undefined)()).toMatchObject({ ok: false })
  })

  it('is tried once for however many ask at about the same time', async () => {
    let tried = 0
    const healthy = takesWrites(roomy, async () => void tried++, 60_000)
    const all = await Promise.all(Array.from({ length: 20 }, healthy))
    expect(all.every(({ ok }) => ok)).toBe(true)
    expect(tried).toBe(1)
  })
})
