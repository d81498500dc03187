import type { ArgumentKind } from '../call.ts'
import { address } from './address.ts'
import { header } from './header.ts'
import { type Hit, maxLength, severities, type Threat, worstFirst } from './kind.ts'
import { ldap } from './ldap.ts'
import { hasAny, hasWord } from './marks.ts'
import { handlerName, markup, markupShapes } from './markup.ts'
import { parts } from './parts.ts'
import { path } from './path.ts'
import { isPlain } from './plain.ts'
import { isQuery } from './query.ts'
import { aroundQuoted, fence } from './quoted.ts'
import { eachReading, original, type Reading, stretch } from './reading.ts'
import { script } from './script.ts'
import { isSentence, isTalk } from './sentence.ts'
import { shell } from './shell.ts'
import { shellHarm } from './shell-harm.ts'
import { shellShapes } from './shell-tricks.ts'
import { sql, sqlQuery } from './sql.ts'
import { atOnce, type Judging, type Steps, stepsWithin } from './steps.ts'
import { template } from './template.ts'
import { survey } from './survey.ts'
import { type Window, windowsOf } from './windows.ts'

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
 * Throws a `RangeError` beyond `maxLength` UTF-16 units, and where judging takes more than `steps`: such a text cannot be told, whatever was
 * found until then. In a text of more than 20,000 units that is not prose, what comes after a critical payload may not be looked at.
 */
export function detect(text: string, kind: ArgumentKind | undefined, steps: Steps = stepsWithin()): readonly Threat[] {
  return atOnce(detecting(text, kind, steps))
}

/** `detect`, in slices: a million units of text take longer than anything else should wait. */
export function* detecting(text: string, kind: ArgumentKind | undefined, steps: Steps): Judging<readonly Threat[]> {
  if (text.length > maxLength)
    throw new RangeError(`text of ${text.length} units is longer than the ${maxLength} that are judged: send less at once`)
  steps.take(10 + text.length)
  if (kind !== 'url' && isPlain(text)) return []
  return yield* thoroughly(text, kind, steps)
}

/** `detecting` without the shortcut for plain texts, which must not change what is found. */
export function* thoroughly(text: string, kind: ArgumentKind | undefined, steps: Steps): Judging<readonly Threat[]> {
  if (quiet.test(text)) return []
  const found = new Map<string, Threat>()
  const whole: Whole = { kind, length: text.length, found, steps }
  yield* judge(text, 0, whole)
  if (kind === undefined || kind === 'prose' || kind === 'url') {
    // Names of members come again and again; what had nothing in it the first time has nothing the next.
    const harmless = new Set<string>()
    for (const { start, end } of parts(text)) {
      const part = text.slice(start, end)
      steps.take(10 + part.length)
      if (steps.due()) yield
      if (harmless.has(part) || (kind !== 'url' && isPlain(part))) continue
      if (!(yield* judge(part, start, whole)) && part.length < 100) harmless.add(part)
    }
  }
  if (found.size === 0) return []
  const threats = [...found.values()].toSorted((one, other) => worstFirst(one, other) || one.start - other.start)
  const mentioned = kind === 'prose' && (isSpoken(text, threats, steps) || (yield* isQuoted(text, steps)))
  return mentioned ? threats.map((threat) => ({ ...threat, mention: true })) : threats
}

/** Whether a message holds what was found as talk does: in a sentence, quoted in a fence, or as a query that tells how to read a table. */
function isSpoken(text: string, threats: readonly Threat[], steps: Steps): boolean {
  const spans = merged(threats.filter((threat) => !namesTag(threat, threats, text)))
  const folded = text.toLowerCase().replaceAll('\u2019', "'")
  if (isTalk(folded) || isSentence(folded, spans)) return true
  const fences = [...text.matchAll(fence)].map(({ index, 0: { length } }) => ({ start: index, end: index + length }))
  if (spans.every(({ start, end }) => fences.some((each) => each.start <= start && end <= each.end))) return true
  return threats.every(({ kind }) => kind === 'sql_injection') && isQuery(text, steps)
}

/** Whether all that a message of Markdown would be refused for is in the code that it quotes. */
function* isQuoted(text: string, steps: Steps): Judging<boolean> {
  if (!text.includes('`') && !text.includes('|')) return false
  steps.take(4 * text.length)
  const said = aroundQuoted(text)
  // INVARIANT: nothing is quoted in what is said, so this goes one step deep.
  return said !== undefined && (yield* thoroughly(said, 'prose', steps)).every(({ mention }) => mention)
}

/** A number or hardly anything: nothing that any language below could run. */
const quiet = /^\w{0,2}$|^\d{1,20}$/

/** The text as it was given, and what was found in it so far. */
interface Whole {
  readonly kind: ArgumentKind | undefined
  readonly length: number
  readonly found: Map<string, Threat>
  readonly steps: Steps
}

/** Texts up to here are judged in full, so that everything they carry is named. */
const thorough = 20_000

/** Whether nothing more can change that the text is refused: in prose what stands around decides, so all of it is needed. */
function isDecided({ kind, length, found }: Whole): boolean {
  if (length <= thorough || kind === 'prose') return false
  for (const { severity } of found.values()) if (severity === 'critical') return true
  return false
}

/** Whether anything was found, known before or not. */
function* judge(text: string, offset: number, whole: Whole): Judging<boolean> {
  const { kind, length, found, steps } = whole
  let any = false
  if (isDecided(whole)) return true
  steps.take(100 + 2 * text.length)
  for (const reading of eachReading(text)) {
    steps.take(reading ? 2 * reading.text.length : 8 * stretch)
    if (steps.due()) yield
    if (!reading) continue
    if (isDecided(whole)) return true
    const hits: Hit[] = []
    yield* judgeReading(reading, kind, hits, steps)
    if (hits.length === 0) continue
    const spans = merged(hits)
    const sentence =
      hits.some(({ weight }) => weight !== 'certain') && (kind === undefined || kind === 'prose') && isSentence(reading.text, spans)
    const strictly =
      kind === undefined && sentence && reading.text.includes('`') && !isSentence(reading.text, spans, Number.POSITIVE_INFINITY)
    for (const hit of hits) {
      if (hit.weight === 'strict' && kind === 'prose') continue
      // Where nothing was declared a backtick is a shell's, unless a sentence with grammar quotes code between two of them.
      const run = strictly && hit.weight === 'bare' && hit.kind === 'shell_injection' && reading.text[hit.start] === '`'
      const loose =
        hit.weight !== 'certain' && ((sentence && !run) || kind === 'path' || kind === 'url') && !(kind === 'url' && hit.kind === 'xss')
      // In prose a command between quotes or backticks is worth a finding, though not a refusal.
      if (loose && !(kind === 'prose' && /[`'"“]/.test(reading.text.slice(Math.max(0, hit.start - 1), hit.start + 1)))) continue
      any = true
      const { start, end } = original(reading, hit.start, hit.end)
      const key = `${hit.detector}@${start + offset}`
      if (!found.has(key) || (found.get(key)?.mention && !loose))
        found.set(key, {
          kind: hit.kind,
          severity: severities[hit.kind],
          start: Math.min(start + offset, length),
          end: Math.min(Math.max(start, end) + offset, length),
          detector: hit.detector,
          mention: loose,
        })
    }
  }
  return any
}

function* judgeReading({ text, decoded }: Reading, kind: ArgumentKind | undefined, hits: Hit[], steps: Steps): Judging<void> {
  steps.take(2 * text.length)
  const noticed = survey(text)
  if (steps.due()) yield
  if (kind === 'sql') return yield* sqlQuery(text, hits, steps, noticed.sqlPlaces)
  const windows = windowsOf(text, noticed)
  const marks = noticed.all
  if (kind === 'shell') {
    yield* shell(text, hits, noticed.shellPlaces, decoded, steps)
    yield* each(windows, hits, steps, (window, found) => shellShapes(window.text, found, window.marks, steps))
    yield* shellHarm(text, hits, steps)
    return keep(hits, commandRules)
  }
  if (hasAny(marks, '<')) yield* markup(text, hits, steps)
  yield* each(windows, hits, steps, (window, found) => {
    markupShapes(window.text, found, window.marks, steps)
    script(window.text, found, window.marks, steps)
    if (hasAny(window.marks, '{<#[')) template(window.text, found, window.marks, steps)
  })
  if (kind === undefined) handlerName(text, hits)
  if (kind === 'html') return
  yield* sql(text, hits, steps, noticed.sqlPlaces)
  yield* shell(text, hits, noticed.shellPlaces, decoded, steps)
  if (hasWord(marks, 'destroy') || hasWord(marks, 'download')) yield* shellHarm(text, hits, steps)
  if (hasAny(marks, '()')) yield* ldap(text, hits, steps)
  yield* each(windows, hits, steps, (window, found) => {
    shellShapes(window.text, found, window.marks, steps)
    path(window.text, found, window.marks, kind === 'path', steps)
    address(window.text, found, window.marks, kind === 'url', steps)
    header(window.text, found, window.marks, decoded, steps)
  })
}

function* each(windows: readonly Window[], hits: Hit[], steps: Steps, judgeWindow: (window: Window, found: Hit[]) => void): Judging<void> {
  for (const window of windows) {
    if (steps.due()) yield
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
/** Whether it is no more than a tag, which another threat marks, and words behind it: nothing of it runs. */
function namesTag({ kind, start, end }: Threat, threats: readonly Threat[], text: string): boolean {
  if (kind !== 'xss' || /[=(/`]/.test(text.slice(start, end))) return false
  return threats.some((other) => other.start >= start && other.end <= end && other.end - other.start < end - start)
}

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
