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
  readonly figures?: { readonly [name: string]: unknown }
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

/** Undeclared arguments are judged strictly, messages as prose. What is measured in one mode is measured in that mode throughout. */
const modes = ['strict', 'prose'] as const
type Mode = (typeof modes)[number]

interface Group {
  readonly label: string
  readonly source: string
  readonly count: number
  /** Refused for any reason. */
  readonly refused: number
  /** Refused with the kind of its label. */
  readonly named: number
}

/**
 * Payload detection on the headline rows of `payloads.jsonl.gz` in both modes: recall by label and source, false positives by kind of benign
 * text, megabytes a second. The rows that are no headline (queries and commands that nobody injected) are shown apart and held to nothing.
 * Nothing when the folder has no such file.
 */
export async function evaluate(folder: string): Promise<Evaluated[]> {
  const file = join(folder, 'payloads.jsonl.gz')
  if (!existsSync(file)) return []
  const all: Row[] = gunzipSync(readFileSync(file))
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const rows = all.filter(({ headline }) => headline)
  const strict = figuresOf(rows, 'strict')
  const megabytes = throughput(rows)
  const beside = groupsOf(
    all.filter(({ headline, label }) => !headline && label === 'benign'),
    'strict',
  )
  const besideProse = groupsOf(
    all.filter(({ headline, label }) => !headline && label === 'benign'),
    'prose',
  )
  return [
    ...modes.flatMap((mode) => recallAndFalsePositives(rows, mode)),
    {
      set: 'payloads: benign rows that are no headline',
      passed: sum(beside, 'count') - sum(beside, 'refused'),
      failed: sum(beside, 'refused'),
      rows: beside.map(({ source, count, refused }, index) => ({ source, count, strict: refused, prose: besideProse[index]?.refused })),
      must: false,
      ok: true,
    },
    {
      set: 'payloads: throughput',
      passed: Math.round(megabytes),
      failed: 0,
      rows: [{ megabytesPerSecond: rounded(megabytes), goal: 20 }],
      must: false,
      ok: megabytes >= 20,
    },
    {
      set: 'payloads',
      passed: sum(strict.attacks, 'refused') + sum(strict.benign, 'count') - sum(strict.benign, 'refused'),
      failed: sum(strict.attacks, 'count') - sum(strict.attacks, 'refused') + sum(strict.benign, 'refused'),
      rows: [],
      figures: {
        ...strict.figures,
        modes: { strict: strict.figures, prose: figuresOf(rows, 'prose').figures },
        megabytes_per_second: rounded(megabytes),
      },
      must: false,
      ok: strict.figures.crs_recall >= 0.97 && strict.figures.false_positive_rate <= 0.02,
    },
  ]
}

function recallAndFalsePositives(rows: readonly Row[], mode: Mode): Evaluated[] {
  const { attacks, benign, crs, figures } = figuresOf(rows, mode)
  return [
    {
      set: `payloads: recall on CRS (SQLi, RCE, XSS, LFI), ${mode}`,
      passed: sum(crs, 'refused'),
      failed: sum(crs, 'count') - sum(crs, 'refused'),
      rows: [...crs.map(shown), { recall: figures.crs_recall, goal: 0.97 }],
      must: false,
      ok: figures.crs_recall >= 0.97,
    },
    {
      set: `payloads: recall on all headline attacks, ${mode}`,
      passed: sum(attacks, 'refused'),
      failed: sum(attacks, 'count') - sum(attacks, 'refused'),
      rows: attacks.map(shown),
      must: false,
      ok: true,
    },
    {
      set: `payloads: benign headline rows passed, ${mode}`,
      passed: sum(benign, 'count') - sum(benign, 'refused'),
      failed: sum(benign, 'refused'),
      rows: [...benign.map(shownBenign), { falsePositives: figures.false_positive_rate, goal: 0.02 }],
      must: true,
      ok: figures.false_positive_rate <= 0.02,
    },
  ]
}

function figuresOf(rows: readonly Row[], mode: Mode) {
  const groups = groupsOf(rows, mode)
  const attacks = groups.filter(({ label }) => label !== 'benign')
  const benign = groups.filter(({ label }) => label === 'benign')
  const crs = attacks.filter(({ source, label }) => source === 'crs-regression' && label !== 'ldap')
  const figures = {
    recall: Object.fromEntries(Object.keys(wanted).map((label) => [label, recall(attacks.filter((group) => group.label === label))])),
    crs_recall: recall(crs),
    false_positive_rate: recall(benign),
    by_benign_kind: Object.fromEntries(benign.map((group) => [group.source, recall([group])])),
  }
  return { attacks, benign, crs, figures }
}

const recall = (groups: readonly Group[]): number => rounded(sum(groups, 'refused') / Math.max(1, sum(groups, 'count')))
const sum = (groups: readonly Group[], of: 'refused' | 'count'): number => groups.reduce((total, group) => total + group[of], 0)
const rounded = (value: number): number => Math.round(value * 10_000) / 10_000

function groupsOf(rows: readonly Row[], mode: Mode): readonly Group[] {
  const groups = [...Map.groupBy(rows, ({ label, kind }) => `${label} ${kind}`).values()].map((group): Group => {
    let refused = 0
    let named = 0
    for (const { text, label } of group) {
      const threats = detect(text, mode === 'prose' ? 'prose' : undefined).filter(({ mention }) => !mention)
      if (threats.length > 0) refused++
      if (threats.some(({ kind }) => kind === wanted[label])) named++
    }
    return { label: group[0]?.label ?? '', source: group[0]?.kind ?? '', count: group.length, refused, named }
  })
  return groups.toSorted((one, other) => (`${one.label} ${one.source}` < `${other.label} ${other.source}` ? -1 : 1))
}

const shown = ({ label, source, count, refused, named }: Group) => ({
  label,
  source,
  count,
  found: refused,
  recall: rounded(refused / count),
  named: rounded(named / count),
})
const shownBenign = ({ source, count, refused }: Group) => ({ source, count, falsePositives: refused, share: rounded(refused / count) })

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
  // As a server that has run for a while: what is not yet compiled says nothing of it.
  for (const end = performance.now() + 1500; performance.now() < end; ) {
    const began = performance.now()
    for (const value of values) detect(value, 'prose')
    best = Math.max(best, bytes / 1e6 / ((performance.now() - began) / 1000))
  }
  return best
}
