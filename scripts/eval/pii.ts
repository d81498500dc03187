import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Call, CallId, PrincipalId, SessionId, TenantId, ToolFacts } from '../../packages/core/src/call.ts'
import { createDetector, type Detection } from '../../packages/core/src/pii/detect.ts'
import { patternKinds } from '../../packages/core/src/pii/kinds.ts'
import { pii } from '../../packages/core/src/pii/mask.ts'
import { maskStream, restoreStream } from '../../packages/core/src/pii/stream.ts'
import { memoryVault, type Owner } from '../../packages/core/src/pii/vault.ts'

interface Evaluated {
  readonly set: string
  readonly passed: number
  readonly failed: number
  readonly rows: Record<string, unknown>[]
  /** Whether this must hold, and whether it does. */
  readonly must: boolean
  readonly ok: boolean
}

interface Row {
  readonly text: string
  readonly type: string
  readonly kind: string
  readonly mode: string
  readonly family: string
  readonly headline: boolean
  readonly should_match: boolean
  readonly spans: readonly { readonly start: number; readonly end: number; readonly type: string }[]
  readonly turns: readonly { readonly text: string }[]
  readonly chunks_o200k: readonly string[]
  readonly chunks_small: readonly string[]
}

export const sets = ['pii', 'secrets', 'streams', 'conversations'] as const

/** Measures detection by kind, and checks that masking and restoring cancel out and that streams do not depend on their chunks. */
export async function evaluate(folder: string, set?: string): Promise<Evaluated[]> {
  const wanted = (name: string) => set === undefined || set === name
  return [
    ...(wanted('pii') ? [patterns(folder), spans(folder), negatives(folder)] : []),
    ...(wanted('secrets') ? [secrets(folder)] : []),
    ...(wanted('streams') ? [await streams(folder)] : []),
    ...(wanted('conversations') ? [await conversations(folder)] : []),
  ]
}

function read(folder: string, name: string): readonly Row[] {
  const file = join(folder, `${name}.jsonl.gz`)
  if (!existsSync(file)) return []
  const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n')
  return lines.filter((line) => line !== '').map((line): Row => JSON.parse(line))
}

/** What the corpora call our kinds. Kinds that only name one country's papers, and that we do not name, are left out. */
const names: { readonly [type: string]: string } = {
  US_SSN: 'SSN',
  SSN: 'SSN',
  SOCIAL_SECURITY_NUMBER: 'SSN',
  US_ITIN: 'ITIN',
  CREDIT_CARD: 'CREDIT_CARD',
  IBAN_CODE: 'IBAN',
  IBAN: 'IBAN',
  EMAIL: 'EMAIL',
  EMAIL_ADDRESS: 'EMAIL',
  PHONE: 'PHONE',
  PHONE_NUMBER: 'PHONE',
  PH_MOBILE_NUMBER: 'PHONE',
  TR_PHONE_NUMBER: 'PHONE',
  IP_ADDRESS: 'IP_ADDRESS',
  IP: 'IP_ADDRESS',
  MAC_ADDRESS: 'MAC',
  ABA_ROUTING_NUMBER: 'ABA_ROUTING',
  BANK_ROUTING_NUMBER: 'ABA_ROUTING',
  US_PASSPORT: 'PASSPORT',
  PASSPORT_NUMBER: 'PASSPORT',
  UK_PASSPORT: 'PASSPORT',
  US_DRIVER_LICENSE: 'DRIVERS_LICENSE',
  DRIVER_LICENSE: 'DRIVERS_LICENSE',
  UK_DRIVING_LICENCE: 'DRIVERS_LICENSE',
  DRIVERS_LICENCE: 'DRIVERS_LICENSE',
  DRIVERS_LICENSE_NUMBER: 'DRIVERS_LICENSE',
  MEDICAL_LICENSE: 'MEDICAL_LICENSE',
  US_NPI: 'NPI',
  UK_NHS: 'UK_NHS',
  UK_NINO: 'UK_NINO',
  NATIONAL_INSURANCE_NUMBER: 'UK_NINO',
  DATE_OF_BIRTH: 'DATE_OF_BIRTH',
  AGE: 'AGE',
  STREET_ADDRESS: 'ADDRESS',
  ADDRESS: 'ADDRESS',
  ZIP_CODE: 'ZIP',
  ZIP: 'ZIP',
  URL: 'URL',
  CRYPTO: 'CRYPTO',
  BITCOIN_ADDRESS: 'CRYPTO',
  DATE: 'DATE',
  DATE_TIME: 'DATE',
}

interface Count {
  found: number
  wrong: number
  missed: number
}

function tally() {
  const counts = new Map<string, Count>()
  const of = (kind: string) => {
    const count = counts.get(kind) ?? { found: 0, wrong: 0, missed: 0 }
    counts.set(kind, count)
    return count
  }
  const rows = () =>
    [...counts]
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([kind, { found, wrong, missed }]) => {
        const precision = found / (found + wrong || 1)
        const recall = found / (found + missed || 1)
        const f = (beta: number) => ((1 + beta ** 2) * precision * recall) / (beta ** 2 * precision + recall || 1)
        return { kind, found, wrong, missed, precision: round(precision), recall: round(recall), f1: round(f(1)), f2: round(f(2)) }
      })
  const sum = (part: keyof Count) => [...counts.values()].reduce((total, count) => total + count[part], 0)
  return { of, rows, sum }
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}

const detect = createDetector({ kinds: patternKinds })
const overlap = (a: { start: number; end: number }, b: { start: number; end: number }) => a.start < b.end && b.start < a.end

function patterns(folder: string): Evaluated {
  const counts = tally()
  for (const { type, mode, headline, text, should_match } of read(folder, 'pii_patterns')) {
    const kind = names[type]
    if (kind === undefined || mode !== 'search' || !headline) continue
    const hit = detect(text).some((found) => found.kind === kind)
    const count = counts.of(kind)
    if (hit && should_match) count.found++
    else if (hit) count.wrong++
    else if (should_match) count.missed++
  }
  return {
    set: 'pii',
    passed: counts.sum('found'),
    failed: counts.sum('wrong') + counts.sum('missed'),
    rows: label('patterns', counts.rows()),
    must: false,
    ok: true,
  }
}

/** A span counts as found when something of its kind overlaps it; a date of birth is a date, a postcode may be part of an address. */
function spans(folder: string): Evaluated {
  const counts = tally()
  const same = (wanted: string, found: string) =>
    wanted === found || (wanted === 'DATE' && found === 'DATE_OF_BIRTH') || (wanted === 'ADDRESS' && found === 'ZIP')
  for (const { kind: source, text, spans } of read(folder, 'pii_spans')) {
    if (source !== 'synthetic-template') continue
    const found: readonly Detection[] = detect(text)
    const wanted = spans.flatMap(({ start, end, type }) => (names[type] ? [{ start, end, kind: names[type] }] : []))
    for (const span of wanted) {
      if (found.some((each) => same(span.kind, each.kind) && overlap(each, span))) counts.of(span.kind).found++
      else counts.of(span.kind).missed++
    }
    for (const each of found) if (!wanted.some((span) => same(span.kind, each.kind) && overlap(each, span))) counts.of(each.kind).wrong++
  }
  return {
    set: 'pii',
    passed: counts.sum('found'),
    failed: counts.sum('wrong') + counts.sum('missed'),
    rows: label('spans', counts.rows()),
    must: false,
    ok: true,
  }
}

function negatives(folder: string): Evaluated {
  const rows = read(folder, 'pii_negatives')
  const text = rows.map((row) => row.text).join('\n')
  const wrong = rows.flatMap((row) => createDetector()(row.text))
  const clean = rows.filter((row) => createDetector()(row.text).length === 0).length
  const words = text.split(/\s+/).length
  const seconds = Math.min(
    ...Array.from({ length: 7 }, () => {
      const start = performance.now()
      detectDefault(text)
      return (performance.now() - start) / 1000
    }),
  )
  const measured = {
    rows: rows.length,
    words,
    found: wrong.length,
    'per 10,000 words': round((wrong.length / (words || 1)) * 10_000),
    'MB/s': round(text.length / 1e6 / (seconds || 1)),
  }
  return { set: 'pii', passed: clean, failed: rows.length - clean, rows: [{ what: 'negatives', ...measured }], must: false, ok: true }
}

const detectDefault = createDetector()

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
  return {
    set: 'secrets',
    passed: counts.sum('found'),
    failed: counts.sum('wrong') + counts.sum('missed'),
    rows: [...rows, { kind: 'macro recall', recall: round(macro) }],
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

function label(what: string, rows: Record<string, unknown>[]): Record<string, unknown>[] {
  return rows.map((row) => ({ what, ...row }))
}
