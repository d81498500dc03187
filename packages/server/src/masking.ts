import {
  type CallId,
  createDetector,
  type Detection,
  isObject,
  type JsonObject,
  type Mask,
  type PiiSettings,
  type PiiSettingsStore,
  type TenantId,
} from '@agentgate/core'

/** How long what a tenant has set is remembered at most: milliseconds. Other processes of the same store see a change within it. */
const remembered = 2_000

/** What a tenant has found besides. */
export type Recognized = Pick<PiiSettings, 'recognizers' | 'retired'>

/** What a tenant has set for personal data, read seldom. */
export interface Recognizing {
  readonly recognized: (tenant: TenantId) => Promise<Recognized>
  /** To be called after a change. */
  readonly changed: (tenant: TenantId) => void
}

export function recognizing(settings: PiiSettingsStore): Recognizing {
  const known = new Map<TenantId, { readonly at: number; readonly answer: Promise<Recognized> }>()
  return {
    recognized(tenant) {
      const before = known.get(tenant)
      if (before && performance.now() - before.at < remembered) return before.answer
      const answer = settings.read(tenant).then(({ recognizers, retired }) => ({ recognizers, retired }))
      known.set(tenant, { at: performance.now(), answer })
      answer.catch(() => known.delete(tenant))
      return answer
    },
    changed: (tenant) => void known.delete(tenant),
  }
}

/** A mask that goes by the recognizers of the call's tenant. `make` is asked once for each list of them. */
export function maskOfTenant({ recognized }: Pick<Recognizing, 'recognized'>, make: (recognized: Recognized) => Mask): Mask {
  const usual = make({ recognizers: [], retired: [] })
  const made = new Map<TenantId, { readonly of: Recognized; readonly mask: Mask }>()

  async function of(tenant: TenantId): Promise<Mask> {
    const asked = await recognized(tenant)
    if (asked.recognizers.length + asked.retired.length === 0) return usual
    const before = made.get(tenant)
    if (before && (before.of === asked || JSON.stringify(before.of) === JSON.stringify(asked))) return before.mask
    const mask = make(asked)
    made.set(tenant, { of: asked, mask })
    return mask
  }

  return {
    name: usual.name,
    kinds: usual.kinds,
    mask: async (call, asking) => (await of(call.tenant)).mask(call, asking),
    output: async (output, call) => (await of(call.tenant)).output(output, call),
    restore: async (masked, call) => (await of(call.tenant)).restore(masked, call),
    keepInput: async (call) => usual.keepInput(call),
    recallInput: async (call, kept) => usual.recallInput(call, kept),
    restoreInput: async (call) => (await of(call.tenant)).restoreInput(call),
  }
}

/** Personal data in a text, by the product's detectors and those of a tenant. */
export type Detecting = (tenant: TenantId, text: string) => Promise<readonly Detection[]>

/** Finds `kinds` and what the recognizers of the tenant find. A detector is made once for each list of them. */
export function detectOfTenant({ recognized }: Pick<Recognizing, 'recognized'>, kinds: readonly string[]): Detecting {
  const usual = createDetector({ kinds })
  const made = new Map<TenantId, { readonly of: string; readonly detector: ReturnType<typeof createDetector> }>()
  return async (tenant, text) => {
    const { recognizers } = await recognized(tenant)
    if (recognizers.length === 0) return usual(text)
    const of = JSON.stringify(recognizers)
    const before = made.get(tenant)
    const detector =
      before?.of === of ? before.detector : createDetector({ kinds: [...kinds, ...recognizers.map(({ kind }) => kind)], recognizers })
    made.set(tenant, { of, detector })
    return detector(text)
  }
}

/** A mask that remembers how many values of each kind it found in the calls of late, for whoever tells of them. */
export function counting(mask: Mask): { readonly mask: Mask; readonly of: (call: CallId) => JsonObject } {
  const counts = new Map<CallId, JsonObject>()
  return {
    mask: {
      ...mask,
      async mask(call, asking) {
        const found = await mask.mask(call, asking)
        for (const oldest of counts.keys()) if (counts.size >= 1_000) counts.delete(oldest)
        if (isObject(found.held)) counts.set(call.id, found.held)
        return found
      },
    },
    of: (call) => counts.get(call) ?? {},
  }
}
