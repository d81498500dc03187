import { createDetector } from '../../packages/core/src/pii/detect.ts'
import { detection } from './pii-detection.ts'
import { type Evaluated, read, round } from './pii-rows.ts'
import { tally } from './pii-score.ts'

export const sets = ['pii', 'secrets'] as const

/** Measures detection by kind, and of secrets by family. */
export async function evaluate(folder: string, set?: string): Promise<Evaluated[]> {
  const wanted = (name: string) => set === undefined || set === name
  return [...(wanted('pii') ? await detection(folder) : []), ...(wanted('secrets') ? [secrets(folder)] : [])]
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
