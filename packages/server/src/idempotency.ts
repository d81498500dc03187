import { createHash } from 'node:crypto'
import { writeExactly } from '@agentgate/api'
import type { Clock } from '@agentgate/core'
import { Fault } from './fault.ts'

/**
 * Answers a repeated request with the answer of the first, for ten minutes and within this process: after a restart a
 * repeated request is decided afresh. One key means one body: another is 422 `idempotency-key-reused`. Keeps at most `most`
 * characters of answers, as JSON: the oldest go first.
 */
export function createIdempotency({ now }: Clock, most = 32 << 20) {
  const known = new Map<string, { readonly body: string; readonly at: number; readonly answer: Promise<unknown>; size: number }>()
  const keep = 600_000
  let size = 0

  return async function once<T>(owner: string, key: string | undefined, body: unknown, answer: () => Promise<T>): Promise<T> {
    if (key === undefined) return answer()
    if (key.length === 0 || key.length > 200) throw new Fault(422, 'invalid-request', '`Idempotency-Key` has 1 to 200 characters.')
    forget()
    const name = JSON.stringify([owner, key])
    const digest = createHash('sha256').update(writeExactly(body)).digest('base64')
    const first = known.get(name)
    if (first && first.body !== digest)
      throw new Fault(422, 'idempotency-key-reused', 'This `Idempotency-Key` was used for another request: use a new one.')
    // INVARIANT: the key is of this owner and this body, so the answer is of this request's type.
    if (first) return first.answer as Promise<T>
    const asked = answer()
    const entry = { body: digest, at: now(), answer: asked, size: 0 }
    known.set(name, entry)
    void asked.then(
      (given) => {
        if (known.get(name) !== entry) return
        entry.size = JSON.stringify(given).length
        size += entry.size
        forget()
      },
      () => {
        if (known.get(name) === entry) drop(name)
      },
    )
    return asked
  }

  function forget(): void {
    for (const [name, { at }] of known) {
      if (at > now() - keep && known.size < 10_000 && size <= most) return
      drop(name)
    }
  }

  function drop(name: string): void {
    size -= known.get(name)?.size ?? 0
    known.delete(name)
  }
}
