import { type Hit, hitSteps } from './kind.ts'
import { isVital, ruins } from './shell-ruin.ts'
import { output, type ShellArgument, type ShellLine, shellLines } from './shell-lines.ts'
import { programName } from './shell-words.ts'
import type { Judging, Steps } from './steps.ts'

/** Where what a program reads, or runs, came from. */
type Origin = 'download' | 'decode' | undefined

/** What is known while the lines of a text are read in order. */
interface Known {
  readonly variables: Map<string, { readonly value: string; readonly origin: Origin }>
  /** Names of files that were downloaded. */
  readonly files: Set<string>
  readonly steps: Steps
  readonly found: (rule: string) => void
}

/**
 * Finds command lines that destroy a machine, or run what they download or unpack, read as a shell reads them: through quotes, continued lines,
 * groups, pipes, variables, `sudo`, `env` and their kin, `sh -c`, `eval`, and files that one line fetches and another runs.
 */
export function* shellHarm(text: string, hits: Hit[], steps: Steps): Judging<void> {
  steps.take(2 * text.length)
  const reader = shellLines(text, steps)
  let span = { start: 0, end: 0 }
  const seen = new Set<string>()
  const found = (rule: string): void => {
    const key = `${rule}@${span.start}`
    if (seen.has(key)) return
    seen.add(key)
    steps.take(hitSteps)
    hits.push({ kind: 'shell_injection', detector: `shell-${rule}`, weight: 'bare', ...span })
  }
  const known: Known = { variables: new Map(), files: new Set(), steps, found }
  const flow = { line: undefined as Origin, all: undefined as Origin }
  for (let line = reader.next(); line; line = reader.next()) {
    if (steps.due()) yield
    span = { start: line.words[0]?.start ?? 0, end: line.words.at(-1)?.end ?? 0 }
    judgeLine(line, known, flow, 0)
  }
}

interface Flow {
  line: Origin
  all: Origin
}

/** Judges lines that are inside of a word; gives where their output comes from. */
function judgeAll(lines: readonly ShellLine[], known: Known, depth: number): Origin {
  const flow: Flow = { line: undefined, all: undefined }
  for (const line of lines) judgeLine(line, known, flow, depth)
  return flow.all
}

function judgeText(text: string, known: Known, depth: number): void {
  if (depth > 4) return
  const reader = shellLines(text, known.steps)
  const flow: Flow = { line: undefined, all: undefined }
  for (let line = reader.next(); line; line = reader.next()) judgeLine(line, known, flow, depth)
}

/** A word with its variables put in, and where it came from. */
interface Word {
  readonly value: string
  readonly origin: Origin
  readonly redirect: string
}

function resolve(word: ShellArgument, known: Known, depth: number): Word {
  let origin: Origin
  for (const lines of word.runs) origin = judgeAll(lines, known, depth + 1) ?? origin
  const value = word.value.replace(/\$(?:\{(\w{1,40})\}|(\w{1,40}))/g, (whole, braced: string | undefined, bare: string | undefined) => {
    const variable = known.variables.get(braced ?? bare ?? '')
    origin = variable?.origin ?? origin
    return variable && variable.value.length < 200 ? variable.value : whole
  })
  return { value, origin, redirect: word.redirect }
}

function judgeLine({ words: written, piped }: ShellLine, known: Known, flow: Flow, depth: number): void {
  known.steps.take(100 + 40 * written.length)
  const fed = piped === 'line' ? flow.line : piped === 'group' ? flow.all : undefined
  const words: Word[] = []
  let into: string | undefined
  let input: Origin
  for (const each of written) {
    const word = resolve(each, known, depth)
    const assigned = words.length === 0 && word.redirect === '' ? /^(\w{1,40})=(.*)$/s.exec(word.value) : null
    if (assigned) known.variables.set(assigned[1] ?? '', { value: assigned[2] ?? '', origin: word.origin })
    else if (word.redirect.includes('>')) into = word.value
    else if (word.redirect !== '') input = word.redirect === '<<<' ? word.origin : known.files.has(baseOf(word.value)) ? 'download' : input
    else if (words.length > 0 || !keywords.has(word.value)) words.push(word)
  }
  const origin = run(words, fed ?? input, known, depth)
  flow.line = origin
  flow.all = origin ?? flow.all
  if (into !== undefined && origin !== undefined && baseOf(into) !== '') known.files.add(baseOf(into))
}

const keywords: ReadonlySet<string> = new Set('{ } ! if then else elif while until do done fi time coproc'.split(' '))
const wrappers: ReadonlySet<string> = new Set(
  'sudo doas nohup env nice ionice timeout stdbuf setsid exec command builtin busybox xargs time strace chroot unshare nsenter parallel watch'.split(
    ' ',
  ),
)
const shells: ReadonlySet<string> = new Set('sh bash zsh ksh dash ash fish tcsh csh rbash su script'.split(' '))
const interpreters: ReadonlySet<string> = new Set('python perl ruby node php deno bun lua'.split(' '))
const fetchers: ReadonlySet<string> = new Set('curl wget fetch iwr aria2c lynx lwp-download lwp-request tftp'.split(' '))

const baseOf = (path: string): string => path.replace(/[?#].*$/s, '').replace(/^.*[\\/]/s, '')

/** A call of Python, Perl, Ruby, JavaScript, PHP or awk by which a text becomes a command or a folder goes: its name and the text. */
const handed =
  /\b(system|popen|run|call|check_output|check_call|exec|execsync|spawn|shell_exec|passthru|getoutput|rmtree|rmsync|rimraf|rm_rf|remove_entry)\s{0,4}\(?\s{0,4}\[?[bfru]?["']([^"'\n]{1,400})["']/g

/** How many programs may start one another in a line. */
const wrapped = 12

/** Judges one program; gives where its output comes from. */
function run(words: readonly Word[], fed: Origin, known: Known, depth: number, starts = 0): Origin {
  const [first] = words
  if (!first) return fed
  const name = programName(first.value)
  const rest = words.slice(1)
  const report = (origin: Origin): void => {
    if (origin !== undefined) known.found(origin)
  }
  if (wrappers.has(name)) {
    const inner = rest.findIndex(({ value }, at) => at < 8 && runs(programName(value)))
    if (inner >= 0) return starts < wrapped ? run(rest.slice(inner), fed, known, depth, starts + 1) : fed
    // A wrapper may be given its command as one word.
    for (const { value } of rest.slice(0, 8)) if (value.includes(' ')) judgeText(value, known, depth + 1)
    return fed
  }
  // What a command writes is run as a command.
  if (first.value.startsWith(output)) report(first.origin)
  if (first.value.includes('/') && known.files.has(baseOf(first.value))) known.found('download')
  if (
    ruins(
      name,
      rest.map(({ value }) => value),
    )
  )
    known.found('destroy')
  if (name === 'eval') {
    for (const { origin } of rest) report(origin)
    judgeText(rest.map(({ value }) => value).join(' '), known, depth + 1)
  } else if (name === 'source' || name === '.') {
    // Anybody may have put it there.
    if (/^\/(?:tmp|var\/tmp|dev\/shm)\/[^/]+$/.test(rest[0]?.value ?? '')) known.found('hidden')
    runFile(rest[0], fed)
  } else if (/^[gmn]?awk$/.test(name)) {
    for (const { value } of rest) runsInside(value)
  } else if (shells.has(name)) {
    const command = rest.findIndex(({ value }) => /^-\w{0,6}c$/.test(value) || value === '--command')
    const code = command < 0 ? undefined : rest.slice(command + 1).find(({ value }) => !value.startsWith('-'))
    if (code) {
      report(code.origin)
      judgeText(code.value, known, depth + 1)
    } else runFile(script(rest), fed)
  } else if (interpreters.has(name)) {
    const code = rest.findIndex(({ value }) => /^-\w{0,3}[cer]$/.test(value))
    if (code >= 0) {
      report(rest[code + 1]?.origin)
      runsInside(rest[code + 1]?.value ?? '')
    } else if (!rest.some(({ value }) => value === '-m')) runFile(script(rest), fed)
  }
  if (fetchers.has(name)) {
    remember(name, rest, known)
    return 'download'
  }
  if (decodes(name, rest)) return fed ?? 'decode'
  return (
    fed ??
    rest.find(({ origin }) => origin !== undefined)?.origin ??
    (rest.some(({ value }) => known.files.has(baseOf(value))) ? 'download' : undefined)
  )

  /** What code of another language hands to a shell, or destroys itself. */
  function runsInside(code: string): void {
    for (const [, called = '', text = ''] of code.slice(0, 4000).matchAll(handed)) {
      if (/^(?:rmtree|rmsync|rimraf|rm_rf|remove_entry)$/.test(called)) {
        if (isVital(text)) known.found('destroy')
      } else judgeText(text, known, depth + 1)
    }
  }

  function runFile(file: Word | undefined, input: Origin): void {
    if (!file || file.value === '-' || file.value === '/dev/stdin') return report(input)
    if (file.value.startsWith(`<${output}`)) report(file.origin)
    else if (known.files.has(baseOf(file.value))) known.found('download')
  }
}

/** What a shell or an interpreter is given to run; nothing when it reads what is piped into it. */
function script(rest: readonly Word[]): Word | undefined {
  if (rest.some(({ value }) => value === '-s')) return undefined
  return rest.find(({ value }) => value === '-' || !value.startsWith('-'))
}

/** Whether a program is one that is judged here. */
const runs = (name: string): boolean =>
  shells.has(name) ||
  interpreters.has(name) ||
  fetchers.has(name) ||
  wrappers.has(name) ||
  /^(?:rm|dd|mkfs(?:\..+)?|shred|wipefs|blkdiscard|chmod|chown|chgrp|mv|find|tee|cp|eval|source|truncate|[gmn]?awk|base64|base32|xxd)$/.test(
    name,
  )

const decodes = (name: string, rest: readonly Word[]): boolean =>
  name === 'rev' ||
  name === 'tac' ||
  name === 'uudecode' ||
  (/^(?:base(?:32|64)|openssl|gpg)$/.test(name) && rest.some(({ value }) => /^(?:-\w{0,3}d\w{0,3}|--decode|--decrypt)$/.test(value))) ||
  (name === 'xxd' && rest.some(({ value }) => /^-\w{0,3}r/.test(value)))

/** Notes the name of the file that a download is written to. */
function remember(name: string, rest: readonly Word[], { files }: Known): void {
  let named = false
  for (const [at, { value }] of rest.entries()) {
    const glued = /^--output(?:-document)?=(.+)$/.exec(value)?.[1]
    const next = rest[at + 1]?.value
    // Folded text has no capitals: `-o` is also `-O`, which names a file for wget and takes the address's for curl.
    const target = glued ?? (/^-\w{0,6}o$/.test(value) || value === '--output' || value === '--output-document' ? next : undefined)
    if (target === undefined || target === '-' || target === '/dev/null') continue
    named = true
    if (baseOf(target) !== '') files.add(baseOf(target))
  }
  if (name !== 'curl' || named)
    for (const { value } of rest) if (!value.startsWith('-') && value.includes('/') && baseOf(value) !== '') files.add(baseOf(value))
}
