import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { canonical, isObject, type Json, type TenantId } from '@agentgate/core'
import type { KeptStandings } from './on-record.ts'

/** To be raised by whoever changes what `on-record.ts` reads of entries: what an earlier program kept is then read again. */
const edition = 2

/** Texts by name, in the store. */
export interface Marks {
  readonly find: (name: string) => Promise<string | undefined>
  readonly put: (name: string, value: string) => Promise<void>
}

export interface StandingMarksOptions {
  readonly marks: Marks
  /** 32 bytes or more; the key of their codes is derived from it. */
  readonly commitment: Uint8Array
  /** The ids of all keys by which the ledger is believed: what was read by others is read again. */
  readonly keys: readonly string[]
}

/**
 * What is on record, kept in the store with a code of this server's own (HMAC-SHA-256): rows are believed no further. One that was put back
 * from earlier is as true, and only more is read behind it. One that is damaged, of other keys or of another tenant is none.
 */
export function standingMarks({ marks, commitment, keys }: StandingMarksOptions): KeptStandings {
  const key = Buffer.from(hkdfSync('sha256', commitment, new Uint8Array(), 'agentgate/on-record', 32))
  const believed = keys.toSorted()

  return {
    async find(tenant) {
      const kept = parsed(await marks.find(nameOf(tenant)))
      if (!isObject(kept) || typeof kept['code'] !== 'string' || kept['standing'] === undefined) return undefined
      const [is, must] = [Buffer.from(kept['code'], 'hex'), codeOf(tenant, kept['standing'])]
      return is.length === must.length && timingSafeEqual(is, must) ? kept['standing'] : undefined
    },
    async keep(tenant, standing) {
      await marks.put(nameOf(tenant), canonical({ standing, code: codeOf(tenant, standing).toString('hex') }))
    },
  }

  function codeOf(tenant: TenantId, standing: Json): Buffer {
    return createHmac('sha256', key)
      .update(canonical([edition, tenant, believed, standing]))
      .digest()
  }
}

function nameOf(tenant: TenantId): string {
  return `on-record/${tenant}`
}

function parsed(text: string | undefined): Json | undefined {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
