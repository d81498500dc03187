import type { ArgumentKind } from '../call.ts'
import { address } from './address.ts'
import { header } from './header.ts'
import { type Hit, maxLength, severities, type Threat, worstFirst } from './kind.ts'
import { ldap } from './ldap.ts'
import { hasAny, marksOf } from './marks.ts'
import { markup } from './markup.ts'
import { parts } from './parts.ts'
import { path } from './path.ts'
import { original, type Reading, readings } from './reading.ts'
import { script } from './script.ts'
import { isSentence } from './sentence.ts'
import { shell } from './shell.ts'
import { sql, sqlQuery } from './sql.ts'
import { template } from './template.ts'

/**
 * The payloads in a text, worst first, judged by what the text was declared to be.
 *
 * - undeclared: anything an attacker could want to land anywhere, unless an ordinary sentence holds it as sentences do.
 * - `prose`: the same; `mention` says that a sentence stands around it, so that only a message which is nothing but a payload is refused.
 * - `sql`: is SQL, so only what an injection adds to a query: conditions always true, statements stacked behind one that has them, waiting,
 *   files, commands.
 * - `shell`: is commands, so only what destroys a machine, hides what it runs, opens a shell to elsewhere or runs what it downloads.
 * - `path`: one step up, one sensitive file or one encoded sign is enough; other languages where they are certain.
 * - `url`: any address of this side's own network is enough; other languages where they are certain.
 * - `html`: is markup, so only what runs.
 *
 * Throws a `RangeError` beyond `maxLength` UTF-16 units: such a text cannot be told. Linear in the length below that.
 */
export function detect(text: string, kind: ArgumentKind | undefined): readonly Threat[] {
  if (text.length > maxLength)
    throw new RangeError(`text of ${text.length} units is longer than the ${maxLength} that are judged: send less at once`)
  if (quiet.test(text)) return []
  const found = new Map<string, Threat>()
  judge(text, kind, 0, text.length, found)
  if (kind === undefined || kind === 'prose' || kind === 'url') {
    for (const { start, end } of parts(text)) judge(text.slice(start, end), kind, start, text.length, found)
  }
  if (found.size === 0) return []
  const threats = [...found.values()].toSorted((one, other) => worstFirst(one, other) || one.start - other.start)
  return kind === 'prose' && isSentence(text.toLowerCase(), merged(threats))
    ? threats.map((threat) => ({ ...threat, mention: true }))
    : threats
}

/** A number or hardly anything: nothing that any language below could run. */
const quiet = /^\w{0,2}$|^\d{1,20}$/

function judge(text: string, kind: ArgumentKind | undefined, offset: number, whole: number, found: Map<string, Threat>): void {
  for (const reading of readings(text)) {
    const hits: Hit[] = []
    judgeReading(reading, kind, hits)
    if (hits.length === 0) continue
    const spans = merged(hits)
    const sentence =
      hits.some(({ weight }) => weight === 'bare') && (kind === undefined || kind === 'prose') && isSentence(reading.text, spans)
    for (const hit of hits) {
      const loose = hit.weight === 'bare' && (sentence || kind === 'path' || kind === 'url') && !(kind === 'url' && hit.kind === 'xss')
      // In prose a command between quotes or backticks is worth a finding, though not a refusal.
      if (loose && !(kind === 'prose' && /[`'"“]/.test(reading.text.slice(Math.max(0, hit.start - 1), hit.start + 1)))) continue
      const { start, end } = original(reading, hit.start, hit.end)
      const key = `${hit.detector}@${start + offset}`
      if (!found.has(key) && found.size < 1000)
        found.set(key, {
          kind: hit.kind,
          severity: severities[hit.kind],
          start: Math.min(start + offset, whole),
          end: Math.min(Math.max(start, end) + offset, whole),
          detector: hit.detector,
          mention: false,
        })
    }
  }
}

function judgeReading({ text, decoded }: Reading, kind: ArgumentKind | undefined, hits: Hit[]): void {
  const marks = marksOf(text)
  if (kind === 'sql') {
    sqlQuery(text, hits)
    return
  }
  if (kind === 'shell') {
    shell(text, hits, marks, decoded)
    keep(
      hits,
      'shell-destroy',
      'shell-function',
      'shell-device',
      'shell-separator',
      'shell-decode',
      'shell-download',
      'shell-remote',
      'shell-lookup',
      'shell-hidden',
    )
    return
  }
  markup(text, hits, marks)
  script(text, hits, marks)
  if (hasAny(marks, '{<#[')) template(text, hits, marks)
  if (kind === 'html') return
  sql(text, hits)
  shell(text, hits, marks, decoded)
  path(text, hits, marks, kind === 'path')
  if (hasAny(marks, '()')) ldap(text, hits)
  address(text, hits, kind === 'url')
  header(text, hits, marks, decoded)
}

function keep(hits: Hit[], ...rules: string[]): void {
  const kept = hits.filter(({ detector }) => rules.includes(detector))
  hits.splice(0, hits.length, ...kept)
}

/** Spans in order, overlapping ones as one. */
function merged(
  spans: readonly { readonly start: number; readonly end: number }[],
): readonly { readonly start: number; readonly end: number }[] {
  const result: { start: number; end: number }[] = []
  for (const { start, end } of spans.toSorted((one, other) => one.start - other.start)) {
    const last = result[result.length - 1]
    if (last && start <= last.end) last.end = Math.max(last.end, end)
    else result.push({ start, end })
  }
  return result
}
