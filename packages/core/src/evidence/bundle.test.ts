import { describe, expect, it } from 'vitest'
import { bundle } from './bundle.ts'
import { sha256 } from './digest.ts'
import { sampleDecision, samplePolicy, sampleRoom } from './sample.ts'
import { verifyBundle } from './verify.ts'

describe('smoke', () => {
  it('works', async () => {
    const room = sampleRoom()
    const decision = sampleDecision()
    expect(await room.recorder.decided(decision, { epoch: 0, keys: [] })).toBe('recorded')
    expect(await room.recorder.concluded(decision, { status: 'succeeded', output: { a: 1 } }, 5)).toBe('recorded')
    const file = await bundle(room, room.record(decision.id), { policies: [{ digest: sha256(samplePolicy), text: samplePolicy }] })
    console.log(file.length, await verifyBundle(file, [room.signer.key]))
  })
})
