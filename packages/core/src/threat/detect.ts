import type { ArgumentKind } from '../call.ts'
import { address } from './address.ts'
import { header } from './header.ts'
import { type Hit, maxLength, severities, type Threat, worstFirst } from './kind.ts'
import { ldap } from './ldap.ts'
import { hasAny } from './marks.ts'
import { markup, markupShapes } from './markup.ts'
import { parts } from './parts.ts'
import { path } from './path.ts'
import { original, type Reading, readings } from './reading.ts'
import { script } from './script.ts'
import { isSentence } from './sentence.ts'
import { shell } from './shell.ts'
import { shellShapes } from './shell-tricks.ts'
import { sql, sqlQuery } from './sql.ts'
import { template } from './template.ts'
import { allMarks, type Window, windowsOf } from './windows.ts'

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
  if (kind === 'sql') return sqlQuery(text, hits)
  const windows = windowsOf(text)
  const marks = allMarks(windows)
  if (kind === 'shell') {
    shell(text, hits, marks, decoded)
    each(windows, hits, (window, found) => shellShapes(window.text, found, window.marks))
    return keep(hits, commandRules)
  }
  if (hasAny(marks, '<')) markup(text, hits)
  each(windows, hits, (window, found) => {
    markupShapes(window.text, found, window.marks)
    script(window.text, found, window.marks)
    if (hasAny(window.marks, '{<#[')) template(window.text, found, window.marks)
  })
  if (kind === 'html') return
  sql(text, hits)
  shell(text, hits, marks, decoded)
  if (hasAny(marks, '()')) ldap(text, hits)
  each(windows, hits, (window, found) => {
    shellShapes(window.text, found, window.marks)
    path(window.text, found, window.marks, kind === 'path')
    address(window.text, found, window.marks, kind === 'url')
    header(window.text, found, window.marks, decoded)
  })
}

function each(windows: readonly Window[], hits: Hit[], judgeWindow: (window: Window, found: Hit[]) => void): void {
  for (const window of windows) {
    if (hits.length > 500) return
    const found: Hit[] = []
    judgeWindow(window, found)
    for (const hit of found)
      hits.push(window.offset === 0 ? hit : { ...hit, start: hit.start + window.offset, end: hit.end + window.offset })
  }
}

/** What no agent should run, in a value that is meant to be commands. */
const commandRules: ReadonlySet<string> = new Set(
  'destroy function device separator decode download remote lookup hidden'.split(' ').map((rule) => `shell-${rule}`),
)

function keep(hits: Hit[], rules: ReadonlySet<string>): void {
  const kept = hits.filter(({ detector }) => rules.has(detector))
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
