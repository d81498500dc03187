import type { Call, CallId, PrincipalId, SessionId, TenantId, ToolFacts } from '../../packages/core/src/call.ts'
import { createDetector } from '../../packages/core/src/pii/detect.ts'
import { patternKinds } from '../../packages/core/src/pii/kinds.ts'
import { pii } from '../../packages/core/src/pii/mask.ts'
import { maskStream, restoreStream } from '../../packages/core/src/pii/stream.ts'
import { memoryVault, type Owner } from '../../packages/core/src/pii/vault.ts'
import { detection } from './pii-detection.ts'
import { type Evaluated, read, round } from './pii-rows.ts'
import { tally } from './pii-score.ts'

export const sets = ['pii', 'secrets', 'streams', 'conversations'] as const

/** Measures detection by kind, and checks that masking and restoring cancel out and that streams do not depend on their chunks. */
export async function evaluate(folder: string, set?: string): Promise<Evaluated[]> {
  const wanted = (name: string) => set === undefined || set === name
  return [
    ...(wanted('pii') ? await detection(folder) : []),
    ...(wanted('secrets') ? [secrets(folder)] : []),
    ...(wanted('streams') ? [await streams(folder)] : []),
    ...(wanted('conversations') ? [await conversations(folder)] : []),
  ]
}

function secrets(folder: string): Evaluated {
  const counts = tally()
  const search = createDetector({ kinds: ['API_KEY'] })
  for (const { text, type, family, should_match } of read(folder, 'secrets')) {
    const hit = search(text).length > 0
    const count = counts.of(type === 'benign-high-entropy' ? type : family)
    if (hit && should_match) count.found++
    else if (hit) count.wrong++
    else if (should_match) count.missed++
  }
  const rows = counts.rows()
  const families = rows.filter(({ found, missed }) => found + missed > 0)
  const macro = families.reduce((sum, { recall }) => sum + recall, 0) / (families.length || 1)
  const total = counts.total()
  const benign = counts.counts.get('benign-high-entropy')
  return {
    set: 'secrets',
    passed: total.found,
    failed: total.wrong + total.missed,
    rows: [...rows, { kind: 'macro recall', recall: round(macro) }],
    figures: { macro_recall: round(macro), false_positives_on_benign: benign?.wrong ?? 0 },
    must: false,
    ok: true,
  }
}

const owner: Owner = { tenant: 'eval' as TenantId, principal: 'User::eval', session: 'eval' as SessionId }

async function through(stream: TransformStream<string, string>, chunks: readonly string[]): Promise<string> {
  let out = ''
  for await (const chunk of ReadableStream.from(chunks).pipeThrough(stream)) out += chunk
  return out
}

async function streams(folder: string): Promise<Evaluated> {
  let passed = 0
  let failed = 0
  let masked = 0
  for (const { text, chunks_o200k, chunks_small } of read(folder, 'streams')) {
    const vault = memoryVault()
    const mask = (chunks: readonly string[]) => through(maskStream({ vault, owner, kinds: patternKinds }), chunks)
    const restore = (chunks: readonly string[]) => through(restoreStream({ vault, owner }), chunks)
    const whole = await mask([text])
    if (whole !== text) masked++
    const cuts = [chunks_o200k, chunks_small, Array.from(text)]
    const same = (await Promise.all(cuts.map(mask))).every((each) => each === whole)
    const back = (await Promise.all([[whole], Array.from(whole), whole.split(/(?<=[<_\d])/)].map(restore))).every((each) => each === text)
    if (same && back) passed++
    else failed++
  }
  return {
    set: 'streams',
    passed,
    failed,
    rows: [{ texts: passed + failed, masked, 'same for every cut, and restored': passed }],
    must: true,
    ok: failed === 0,
  }
}

const model: ToolFacts = { name: 'model', digest: '', effect: 'execute', boundary: 'external', arguments: {} }

async function conversations(folder: string): Promise<Evaluated> {
  let passed = 0
  let failed = 0
  let tokens = 0
  for (const [index, { turns }] of read(folder, 'conversations').entries()) {
    const room = pii({ vault: memoryVault(), kinds: patternKinds })
    const given = new Map<string, string>()
    let held = true
    for (const { text } of turns) {
      const tenant = owner.tenant
      const principal = { id: 'Agent::eval' as PrincipalId, tenant, roles: [], mfa: false }
      const session = `s${index}` as SessionId
      const call: Call = {
        id: 'c' as CallId,
        tenant,
        principal,
        session,
        tool: model,
        action: 'model',
        resource: '',
        input: { text },
        context: {},
      }
      const { call: masked } = await room.mask(call, { now: 0, earlier: [], signal: new AbortController().signal })
      const restored = await room.restore(masked.input, masked)
      if (restored.text !== text) held = false
      for (const token of String(masked.input.text).match(/<[A-Z_]+_\d+>/g) ?? []) {
        tokens++
        const value = String(await room.restore(token, masked))
        if ((given.get(value) ?? token) !== token) held = false
        given.set(value, token)
      }
    }
    if (held) passed++
    else failed++
  }
  return {
    set: 'conversations',
    passed,
    failed,
    rows: [{ conversations: passed + failed, tokens, 'restored, and same value same token': passed }],
    must: true,
    ok: failed === 0,
  }
}
