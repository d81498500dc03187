import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { detect } from '../../packages/core/src/threat/detect.ts'

interface Row {
  readonly text: string
  readonly label: string
  readonly kind: string
  readonly headline: boolean
}

export interface Evaluated {
  readonly set: string
  readonly passed: number
  readonly failed: number
  readonly rows: unknown[]
  readonly must: boolean
  readonly ok: boolean
}

const wanted: { readonly [label: string]: string } = {
  sqli: 'sql_injection',
  shell: 'shell_injection',
  path: 'path_traversal',
  xss: 'xss',
  ldap: 'ldap_injection',
}

/**
 * Payload detection on the headline rows of `payloads.jsonl.gz`, every text judged as an undeclared argument: recall by label and source,
 * false positives by kind of benign text, megabytes a second. Nothing when the folder has no such file.
 */
export async function evaluate(folder: string): Promise<Evaluated[]> {
  const file = join(folder, 'payloads.jsonl.gz')
  if (!existsSync(file)) return []
  const rows: Row[] = gunzipSync(readFileSync(file))
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const groups = Map.groupBy(
    rows.filter(({ headline }) => headline),
    ({ label, kind }) => `${label === 'benign' ? 'benign' : 'attack'} ${label} ${kind}`,
  )
  const table = [...groups].map(([name, group]) => measured(name, group)).toSorted((one, other) => (one.name < other.name ? -1 : 1))
  const sum = (part: typeof table, of: 'found' | 'count'): number => part.reduce((total, row) => total + row[of], 0)
  const attacks = table.filter(({ benign }) => !benign)
  const crs = attacks.filter(({ source, label }) => source === 'crs-regression' && label !== 'ldap')
  const benign = table.filter((row) => row.benign)
  const recall = sum(crs, 'found') / Math.max(1, sum(crs, 'count'))
  const falsePositives = sum(benign, 'found') / Math.max(1, sum(benign, 'count'))
  const rate = throughput(rows)
  const result = (set: string, passed: number, count: number, details: unknown[], must: boolean, ok: boolean): Evaluated => ({
    set,
    passed,
    failed: count - passed,
    rows: details,
    must,
    ok,
  })
  return [
    result(
      'payloads: recall on CRS (SQLi, RCE, XSS, LFI)',
      sum(crs, 'found'),
      sum(crs, 'count'),
      [...shown(crs), { recall, goal: 0.97 }],
      false,
      recall >= 0.97,
    ),
    result('payloads: recall on all headline attacks', sum(attacks, 'found'), sum(attacks, 'count'), shown(attacks), false, true),
    result(
      'payloads: benign headline rows passed',
      sum(benign, 'count') - sum(benign, 'found'),
      sum(benign, 'count'),
      [...shown(benign), { falsePositives, goal: 0.02 }],
      true,
      falsePositives <= 0.02,
    ),
    result('payloads: throughput', Math.round(rate), Math.round(rate), [{ megabytesPerSecond: rate, goal: 20 }], false, rate >= 20),
  ]
}

function measured(name: string, group: readonly Row[]) {
  const label = group[0]?.label ?? ''
  let found = 0
  let named = 0
  for (const { text } of group) {
    const threats = detect(text, undefined)
    if (threats.length > 0) found++
    if (threats.some(({ kind }) => kind === wanted[label])) named++
  }
  return { name, label, source: group[0]?.kind ?? '', benign: label === 'benign', count: group.length, found, named }
}

/** `recall`: refused for any reason; `named`: refused with the kind of its label. */
function shown(table: readonly ReturnType<typeof measured>[]): unknown[] {
  return table.map(({ label, source, benign, count, found, named }) => {
    const share = Math.round((found / count) * 10_000) / 10_000
    return benign
      ? { source, count, falsePositives: found, share }
      : { label, source, count, found, recall: share, named: Math.round((named / count) * 10_000) / 10_000 }
  })
}

/** Benign prose in values of some 4,000 units, as messages and documents come. */
function throughput(rows: readonly Row[]): number {
  const prose = rows.filter(({ label, kind }) => label === 'benign' && /prose|nl-question/.test(kind)).map(({ text }) => text)
  const values: string[] = []
  for (let from = 0, value = ''; from < prose.length; from++) {
    value += `${prose[from]}\n`
    if (value.length > 4000) {
      values.push(value)
      value = ''
    }
  }
  const bytes = values.reduce((total, value) => total + Buffer.byteLength(value), 0)
  if (bytes === 0) return 0
  let best = 0
  for (let round = 0; round < 5; round++) {
    const began = performance.now()
    for (const value of values) detect(value, 'prose')
    best = Math.max(best, bytes / 1e6 / ((performance.now() - began) / 1000))
  }
  return best
}
