import { luhn } from '../../packages/core/src/pii/checksum.ts'
import { createDetector, type Detector } from '../../packages/core/src/pii/detect.ts'
import { defaultKinds, nameKinds, patternKinds } from '../../packages/core/src/pii/kinds.ts'
import { peers } from './pii-peers.ts'
import { type Evaluated, kindOf, type Row, read, round, type Span } from './pii-rows.ts'
import { addTo, type Count, interval, rates, sameFamily, sameKind, score, scoreExactly, tally } from './pii-score.ts'

/** The kinds of the page's goal. TITLE and NRP, which the rows label too, are left out: what overlaps only them does not count. */
const goalKinds = ['SSN', 'CREDIT_CARD', 'IBAN', 'EMAIL', 'PHONE', 'IP_ADDRESS', 'AGE', 'ADDRESS', 'ZIP', 'URL', 'DATE', ...nameKinds]
/** Kinds whose values carry a check digit. */
const checked = new Set(['CREDIT_CARD', 'IBAN', 'NPI', 'UK_NHS', 'ABA_ROUTING', 'MEDICAL_LICENSE'])

const names: ReadonlySet<string> = new Set(nameKinds)
const goal = createDetector({ kinds: [...goalKinds, 'DATE_OF_BIRTH'] })
const every = createDetector({ kinds: patternKinds })
const patternsOnly = defaultKinds.filter((kind) => !names.has(kind))

/** Detection on the corpora: the rows of presidio-research, other sources, tables of patterns, false positives, speed, and peers. */
export async function detection(folder: string): Promise<Evaluated[]> {
  const spans = read(folder, 'pii_spans')
  const research = spans.filter(({ kind }) => kind === 'synthetic-template')
  const ours = researched(research, goal)
  const tables = patterns(read(folder, 'pii_patterns'), research)
  const texts = plainTexts(folder)
  const quiet = falsePositives(texts)
  const speed = speeds(texts)
  const low = texts.find(({ name }) => name === 'pii_negatives') ? (quiet.perTenThousand ?? 0) : 0
  const holds = research.length === 0 || (ours.total.f2 >= 0.75 && tables.checksum.f1 >= 0.98 && low < 1)
  const main: Evaluated = {
    set: 'pii',
    passed: ours.count.found,
    failed: ours.count.wrong + ours.count.missed,
    rows: [
      ...ours.rows,
      { kind: 'all', ...ours.count, ...ours.total },
      { kind: 'all, exact bounds', ...ours.exact.count, ...rates(ours.exact.count) },
      { kind: 'all, address, town and postcode one', ...ours.family.count, ...rates(ours.family.count) },
    ],
    must: true,
    ok: holds,
    figures: {
      presidio_research_f2: ours.total.f2,
      presidio_research_f2_interval: ours.interval,
      presidio_research_f2_interval_by_template: ours.intervalByTemplate,
      presidio_research_f2_mean_of_templates: ours.meanOfTemplates,
      presidio_research_f2_exact: rates(ours.exact.count).f2,
      presidio_research_f2_places_as_one: rates(ours.family.count).f2,
      presidio_research_f2_without_names: researched(
        research,
        createDetector({ kinds: [...goalKinds.filter((kind) => !names.has(kind)), 'DATE_OF_BIRTH'] }),
      ).total.f2,
      checksum_f1: tables.checksum.f1,
      checksum_rows_left_out: tables.leftOut,
      false_positives_per_10k_words: quiet.perTenThousand,
      mb_per_s: speed.patterns,
      mb_per_s_with_names: speed.names,
      by_kind: Object.fromEntries(ours.rows.map(({ kind, ...rest }) => [kind, rest])),
    },
  }
  return [
    main,
    { set: 'pii intervals', passed: 0, failed: 0, rows: ours.summary, must: false, ok: true },
    {
      set: 'pii templates',
      passed: 0,
      failed: 0,
      rows: ours.templates.slice(0, 30),
      must: false,
      ok: true,
      figures: { templates: ours.templates },
    },
    others(spans),
    {
      set: 'pii patterns',
      passed: tables.total.found,
      failed: tables.total.wrong + tables.total.missed,
      rows: tables.rows,
      must: false,
      ok: true,
    },
    { set: 'pii false positives', passed: 0, failed: 0, rows: quiet.rows, must: false, ok: true },
    { set: 'pii speed', passed: 0, failed: 0, rows: speed.rows, must: false, ok: true },
    await compared(research, ours.total.f2),
  ].filter(({ rows }) => rows.length > 0)
}

function spansOf({ spans }: Row): { wanted: Span[]; ignored: { start: number; end: number }[] } {
  const named = spans.map(({ start, end, type }) => ({ start, end, kind: kindOf[type] ?? '' }))
  return { wanted: named.filter(({ kind }) => goalKinds.includes(kind)), ignored: named.filter(({ kind }) => !goalKinds.includes(kind)) }
}

function researched(rows: readonly Row[], detect: Detector) {
  const strict = tally()
  const exact = tally()
  const family = tally()
  const perRow: Count[] = []
  const perTemplate = new Map<number, Count & { rows: number }>()
  for (const row of rows) {
    const found = detect(row.text)
    const { wanted, ignored } = spansOf(row)
    const own = tally()
    score(wanted, ignored, found, sameKind, own.of)
    for (const [kind, count] of own.counts) addTo(strict.of(kind), count)
    scoreExactly(wanted, found, exact.of)
    score(wanted, ignored, found, sameFamily, family.of)
    perRow.push(own.total())
    const template = perTemplate.get(row.template ?? -1) ?? { found: 0, wrong: 0, missed: 0, rows: 0 }
    addTo(template, own.total())
    template.rows++
    perTemplate.set(row.template ?? -1, template)
  }
  const templates = [...perTemplate]
    .map(([template, { rows: count, ...counts }]) => ({ template, rows: count, ...counts, ...rates(counts) }))
    .toSorted((a, b) => b.missed * 4 + b.wrong - (a.missed * 4 + a.wrong))
  const count = strict.total()
  const half = (rest: number) => {
    const sum = { found: 0, wrong: 0, missed: 0 }
    for (const each of templates) if (each.template % 2 === rest) addTo(sum, each)
    return rates(sum)
  }
  const labelled = templates.filter(({ found, missed }) => found + missed > 0)
  const byRow = interval(perRow)
  const byTemplate = interval([...perTemplate.values()])
  const mean = round(labelled.reduce((sum, { f2 }) => sum + f2, 0) / (labelled.length || 1))
  return {
    rows: strict.rows(),
    count,
    total: rates(count),
    exact: { count: exact.total() },
    family: { count: family.total() },
    templates,
    interval: byRow,
    intervalByTemplate: byTemplate,
    meanOfTemplates: mean,
    summary: [
      { F2: 'all rows', value: rates(count).f2, low: byRow[0], high: byRow[1], how: '95 %, rows drawn with replacement' },
      { F2: 'all rows', value: rates(count).f2, low: byTemplate[0], high: byTemplate[1], how: '95 %, templates drawn with replacement' },
      { F2: 'mean of templates', value: mean, how: 'each of the sentences once' },
      { F2: 'templates of even number', value: half(0).f2, how: 'looked at while tuning' },
      { F2: 'templates of odd number', value: half(1).f2, how: 'not looked at while tuning' },
    ],
  }
}

/** Tweets, wikis and German news: rows that label names alone. */
function others(rows: readonly Row[]): Evaluated {
  const detect = createDetector({ kinds: nameKinds })
  const found: Record<string, unknown>[] = []
  for (const source of ['social-media', 'wikipedia', 'german-news-wiki']) {
    const counts = tally()
    let words = 0
    for (const row of rows.filter(({ kind }) => kind === source)) {
      const { wanted, ignored } = spansOf(row)
      score(wanted, ignored, detect(row.text), sameKind, counts.of)
      words += row.text.split(/\s+/).length
    }
    const sum = counts.total()
    if (words === 0) continue
    for (const row of counts.rows()) found.push({ source, ...row })
    found.push({ source, kind: 'all', ...sum, ...rates(sum), 'wrong per 10,000 words': round((sum.wrong / words) * 10_000) })
  }
  return { set: 'pii other sources', passed: 0, failed: 0, rows: found, must: false, ok: true }
}

/** The rows of tables that suit a detector. Cards that are labelled and fail Luhn's check are left out of the checksum kinds. */
function patterns(rows: readonly Row[], research: readonly Row[]) {
  const counts = tally()
  const sums = tally()
  let leftOut = 0
  for (const { type, mode, headline, text, should_match } of rows) {
    const kind = kindOf[type]
    if (kind === undefined || names.has(kind) || mode !== 'search' || !headline) continue
    const hit = every(text).some((found) => found.kind === kind)
    const outcome = hit && should_match ? 'found' : hit ? 'wrong' : should_match ? 'missed' : undefined
    if (outcome) counts.of(kind)[outcome]++
    if (!checked.has(kind)) continue
    if (kind === 'CREDIT_CARD' && should_match && !luhn(text.replace(/\D/g, ''))) leftOut++
    else if (outcome) sums.of(kind)[outcome]++
  }
  for (const row of research) {
    const { wanted, ignored } = spansOf(row)
    const own = tally()
    score(wanted, ignored, goal(row.text), sameKind, own.of)
    for (const [kind, count] of own.counts) if (checked.has(kind)) addTo(sums.of(kind), count)
  }
  const checksum = sums.total()
  return {
    total: counts.total(),
    checksum: rates(checksum),
    leftOut,
    rows: [
      ...counts.rows(),
      ...sums.rows().map((row) => ({ ...row, kind: `${row.kind}, checked, with sentences` })),
      { kind: `checksum kinds (${leftOut} rows without a valid checksum left out)`, ...checksum, ...rates(checksum) },
    ],
  }
}

interface Texts {
  readonly name: string
  readonly rows: readonly Row[]
  /** Whether what is found can be called false: the rows say what they do not hold. */
  readonly labelled: boolean
}

/** Texts that hold no personal data, by their label; and ordinary ones, where some do. */
function plainTexts(folder: string): readonly Texts[] {
  const payloads = read(folder, 'payloads')
  const prompts = read(folder, 'injection')
  const of = (rows: readonly Row[], ...kinds: string[]) => rows.filter(({ kind }) => kinds.includes(kind))
  return [
    { name: 'pii_negatives', rows: read(folder, 'pii_negatives'), labelled: true },
    {
      name: 'prose',
      rows: [...of(prompts, 'benign_instruction', 'benign_borderline'), ...of(payloads, 'prose-with-keywords', 'nl-question-about-data')],
      labelled: false,
    },
    {
      name: 'code and commands',
      rows: [...of(prompts, 'benign_code'), ...of(payloads, 'benign-docs-with-command', 'benign-shell-command', 'benign-sql-query')],
      labelled: false,
    },
  ].filter(({ rows }) => rows.length > 0)
}

const layers: readonly (readonly [name: string, detect: Detector])[] = [
  ['patterns', createDetector({ kinds: patternsOnly })],
  ['people', createDetector({ kinds: ['PERSON'] })],
  ['people, places, organisations', createDetector({ kinds: nameKinds })],
]

/** `false`: findings of a kind that the row says is absent, and all that no row may hold. In prose the true ones are among `found`. */
function falsePositives(texts: readonly Texts[]) {
  const rows: Record<string, unknown>[] = []
  let perTenThousand: number | undefined
  for (const { name, rows: all, labelled } of texts) {
    const words = all.reduce((sum, { text }) => sum + text.split(/\s+/).length, 0)
    for (const [layer, detect] of layers) {
      const kinds = new Map<string, number>()
      let found = 0
      let wrong = 0
      for (const { text, types_absent = [] } of all) {
        const absent = new Set(types_absent.map((type) => kindOf[type] ?? type))
        for (const { kind } of detect(text)) {
          found++
          kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
          if (absent.has(kind) || (kind !== 'EMAIL' && kind !== 'IP_ADDRESS')) wrong++
        }
      }
      const per = round((wrong / words) * 10_000)
      if (labelled && layer === 'patterns') perTenThousand = per
      rows.push({
        texts: name,
        layer,
        words,
        found,
        'found per 10,000 words': round((found / words) * 10_000),
        ...(labelled && { 'false per 10,000 words': per }),
        kinds: [...kinds].map(([kind, count]) => `${kind} ${count}`).join(', '),
      })
    }
  }
  return { rows, perTenThousand }
}

/** Characters by processor time, so that what else the machine does, does not count. */
function speeds(texts: readonly Texts[]) {
  const prose = texts
    .flatMap(({ rows }) => rows.map(({ text }) => text))
    .join('\n')
    .slice(0, 900_000)
  const machine =
    texts
      .find(({ labelled }) => labelled)
      ?.rows.map(({ text }) => text)
      .join('\n') ?? ''
  const rate = (text: string, detect: Detector) => {
    if (text === '') return 0
    const seconds = Math.min(
      ...Array.from({ length: 9 }, () => {
        const before = process.cpuUsage()
        detect(text)
        const { user, system } = process.cpuUsage(before)
        return (user + system) / 1e6
      }),
    )
    return round(text.length / 1e6 / seconds)
  }
  const rows = layers.map(([layer, detect]) => ({
    layer,
    'prose and code, MB/s': rate(prose, detect),
    'machine text, MB/s': rate(machine, detect),
  }))
  const of = (layer: string) => rows.find((row) => row.layer === layer)?.['prose and code, MB/s'] ?? 0
  return { rows, patterns: of('patterns'), names: of('people, places, organisations') }
}

/** Other detectors on the same rows: over all kinds, and over those alone that each knows. */
async function compared(research: readonly Row[], f2: number): Promise<Evaluated> {
  const { here, missing } = await peers()
  const rows: Record<string, unknown>[] = [{ detector: 'this', version: '', 'F2, all kinds': f2 }]
  for (const { name, version, find } of here) {
    const counts = tally()
    const start = performance.now()
    let length = 0
    for (const row of research) {
      const { wanted, ignored } = spansOf(row)
      score(wanted, ignored, await find(row.text), sameKind, counts.of)
      length += row.text.length
    }
    const own = { found: 0, wrong: 0, missed: 0 }
    for (const count of counts.counts.values()) if (count.found > 0) addTo(own, count)
    const sum = counts.total()
    rows.push({
      detector: name,
      version,
      'F2, all kinds': rates(sum).f2,
      precision: rates(sum).precision,
      'F2, its kinds': rates(own).f2,
      'MB/s': round(length / 1e3 / (performance.now() - start)),
      kinds: [...counts.counts]
        .filter(([, count]) => count.found > 0)
        .map(([kind]) => kind)
        .join(' '),
    })
  }
  for (const name of missing) rows.push({ detector: name, version: 'not installed' })
  return { set: 'pii peers', passed: 0, failed: 0, rows: research.length > 0 ? rows : [], must: false, ok: true }
}
