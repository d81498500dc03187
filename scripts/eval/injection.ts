import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { defaultThreshold } from '../../packages/core/src/threat/prompt/guard.ts'
import { builtInModel } from '../../packages/core/src/threat/prompt/model.ts'
import { percentiles } from '../bench/percentiles.ts'
import { material } from '../prompt-guard/material.ts'
import { type PromptPeer, promptPeers } from './injection-peers.ts'

export const sets = ['injection']

interface Row {
  readonly text: string
  readonly label: 'attack' | 'benign'
  readonly kind: string
  readonly family: string
  readonly headline: boolean
}
type Scored = Row & { readonly score: number; readonly ms: number }

/** Benign rows whose words are those of attacks: measured apart. */
const overDefence = 'benign_overdefense'

/**
 * The prompt guard on the headline rows of `injection.jsonl.gz`: area under the curve, recall where 1 % of the ordinary rows are refused, and at
 * the default threshold; by kind and family; over-defence apart; how long a text takes. Other packages on npm are measured in the same way.
 * Nothing when the folder has no such file.
 */
export async function evaluate(folder: string) {
  const file = join(folder, 'injection.jsonl.gz')
  if (!existsSync(file)) return []
  const all: Row[] = gunzipSync(readFileSync(file))
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const own: PromptPeer = {
    name: builtInModel.name,
    version: '',
    threshold: defaultThreshold,
    score: async (text) => (await builtInModel.judge(text, new AbortController().signal)).score,
  }
  const rows = await scored(own, all)
  const headline = rows.filter((row) => row.headline)
  const figures = figuresOf(headline, defaultThreshold)
  const overlapping = overlap(all)
  const { here, missing } = await promptPeers()
  const beside = []
  for (const peer of here)
    beside.push({
      name: `${peer.name} ${peer.version}`,
      ...figuresOf(
        (await scored(peer, all)).filter((row) => row.headline),
        peer.threshold,
      ),
    })

  return [
    part(
      'injection: headline attacks, by kind',
      byGroup(headline, ({ kind }) => kind, figures.threshold_at_1_percent),
      true,
    ),
    part(
      'injection: headline attacks, by family',
      byGroup(headline, ({ kind, family }) => `${kind} ${family}`, figures.threshold_at_1_percent),
      true,
    ),
    part(
      'injection: ordinary texts refused, by kind',
      refusedByGroup(
        headline.filter(({ label }) => label === 'benign'),
        figures.threshold_at_1_percent,
      ),
      true,
    ),
    part(
      'injection: attacks that are no headline (requests for harm, bare orders)',
      byGroup(
        rows.filter((row) => !row.headline),
        ({ kind, family }) => `${kind} ${family}`,
        figures.threshold_at_1_percent,
      ),
      true,
    ),
    part(
      'injection: beside other packages',
      [{ name: 'built-in', ...figures }, ...beside, ...missing.map((name) => ({ name: `${name} (not installed)` }))],
      true,
    ),
    {
      set: 'injection: texts that the model learned from',
      passed: all.length - overlapping,
      failed: overlapping,
      rows: [],
      must: true,
      ok: overlapping === 0,
    },
    {
      set: 'injection',
      passed: headline.filter(({ label, score }) => (label === 'attack') === score >= defaultThreshold).length,
      failed: headline.filter(({ label, score }) => (label === 'attack') !== score >= defaultThreshold).length,
      rows: [figures],
      figures: { ...figures, goals: { recall_at_1_percent: 0.6, over_defence: 0.05 } },
      must: false,
      ok: figures.recall_at_1_percent >= 0.6 && figures.over_defence <= 0.05,
    },
  ]
}

async function scored(peer: PromptPeer, rows: readonly Row[]): Promise<readonly Scored[]> {
  const result: Scored[] = []
  for (const row of rows) {
    const began = performance.now()
    const score = await peer.score(row.text)
    result.push({ ...row, score, ms: performance.now() - began })
  }
  return result
}

function figuresOf(rows: readonly Scored[], threshold: number) {
  const attacks = rows.filter(({ label }) => label === 'attack')
  const ordinary = rows.filter(({ label, kind }) => label === 'benign' && kind !== overDefence)
  const alike = rows.filter(({ kind }) => kind === overDefence)
  const at = thresholdFor(ordinary, 0.01)
  return {
    auc: rounded(areaUnder(attacks, ordinary)),
    threshold_at_1_percent: at,
    recall_at_1_percent: share(attacks, at),
    threshold,
    recall: share(attacks, threshold),
    false_positives: share(ordinary, threshold),
    over_defence: share(alike, threshold),
    ...percentiles(rows.map(({ ms }) => ms)),
  }
}

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000
const share = (rows: readonly Scored[], threshold: number): number =>
  rows.length === 0 ? 0 : rounded(rows.filter(({ score }) => score >= threshold).length / rows.length)

/** The least threshold that refuses no more than this part of the texts. */
function thresholdFor(rows: readonly Scored[], part: number): number {
  const scores = rows.map(({ score }) => score).toSorted((one, other) => other - one)
  return (scores[Math.floor(scores.length * part)] ?? 1) + 1e-9
}

/** How often an attack scores above an ordinary text, a tie counting half. */
function areaUnder(attacks: readonly Scored[], ordinary: readonly Scored[]): number {
  const scores = ordinary.map(({ score }) => score).toSorted((one, other) => one - other)
  const below = (value: number, orAt: boolean) => {
    let [low, high] = [0, scores.length]
    while (low < high) {
      const middle = (low + high) >> 1
      const score = scores[middle] ?? 0
      if (orAt ? score <= value : score < value) low = middle + 1
      else high = middle
    }
    return low
  }
  const wins = attacks.reduce((sum, { score }) => sum + (below(score, false) + below(score, true)) / 2, 0)
  return wins / Math.max(1, attacks.length * scores.length)
}

function byGroup(rows: readonly Scored[], of: (row: Scored) => string, at: number) {
  const groups = [
    ...Map.groupBy(
      rows.filter(({ label }) => label === 'attack'),
      of,
    ),
  ].toSorted(([one], [other]) => (one < other ? -1 : 1))
  return groups.map(([group, those]) => ({
    group,
    count: those.length,
    recall_at_1_percent: share(those, at),
    recall: share(those, defaultThreshold),
  }))
}

function refusedByGroup(rows: readonly Scored[], at: number) {
  const groups = [...Map.groupBy(rows, ({ kind, family }) => `${kind} ${family}`)].toSorted(([one], [other]) => (one < other ? -1 : 1))
  return groups.map(([group, those]) => ({
    group,
    count: those.length,
    refused_at_1_percent: share(those, at),
    refused: share(those, defaultThreshold),
  }))
}

function part(set: string, rows: readonly Record<string, unknown>[], ok: boolean) {
  return { set, passed: rows.length, failed: 0, rows: [...rows], must: false, ok }
}

/** How many rows hold a whole text, of eight words or more, that the model learned from. */
function overlap(rows: readonly Row[]): number {
  const plain = (text: string) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{M}]+/gu, ' ')
      .trim()
  const learned = new Set(
    material(1, 40)
      .map(({ text }) => plain(text))
      .filter((text) => text.split(' ').length >= 8),
  )
  return rows.filter(({ text }) => learned.has(plain(text))).length
}
