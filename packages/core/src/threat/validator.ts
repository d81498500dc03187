import type { ArgumentKind, Call } from '../call.ts'
import { type Detect, refusal } from '../control.ts'
import type { Finding } from '../decision.ts'
import { detecting } from './detect.ts'
import { checkGlob, matchesGlob, occursGlob } from './glob.ts'
import { maxLength, type ThreatKind } from './kind.ts'
import { readings } from './reading.ts'
import { inSlices, type Judging, stepsWithin } from './steps.ts'
import { texts } from './texts.ts'

export interface ValidatorOptions {
  /** On unless `false`. */
  readonly blockSqlInjection?: boolean
  /** On unless `false`. */
  readonly blockShellInjection?: boolean
  /** On unless `false`: scripts in text that a page may show. */
  readonly blockXss?: boolean
  /** Each path and all under it, for values that are paths. `/` is the root itself and not everything: `/etc` blocks `/etc/passwd`. */
  readonly blockPaths?: readonly string[]
  /** Globs that may match anywhere in a text from the beginning of a word on: `DROP *` stops `Run this: drop/**\/table users`. */
  readonly blockPatterns?: readonly string[]
  /** Globs of tool names; with any given, no other tool is called. */
  readonly allowTools?: readonly string[]
  /** Globs of tool names that are not called, even where `allowTools` has them. */
  readonly blockTools?: readonly string[]
}

/**
 * What an operator forbids by hand: tools, paths, patterns, and SQL, shell and script injection unless switched off. Texts are compared after their
 * case, encodings, comments and blanks are folded; ordinary strings pass. A pattern is stopped wherever it stands, in sentences too: `DROP *`
 * stops "drop me a line", since that was asked for.
 */
export function validator(options: ValidatorOptions = {}): Detect {
  const {
    blockPaths = [],
    blockPatterns = [],
    allowTools,
    blockTools = [],
    blockSqlInjection = true,
    blockShellInjection = true,
    blockXss = true,
  } = options
  for (const [option, globs] of Object.entries({ blockPatterns, allowTools: allowTools ?? [], blockTools }))
    for (const glob of globs) checkGlob(glob, option)
  const patterns = blockPatterns.map((pattern) => ({ pattern, folded: normal(pattern.toLowerCase()) }))
  const paths = blockPaths.map((path) => ({ path, folded: plainPath(path.toLowerCase()) ?? path.toLowerCase() }))
  const kinds: ThreatKind[] = [
    ...(blockSqlInjection ? ['sql_injection' as const] : []),
    ...(blockShellInjection ? ['shell_injection' as const] : []),
    ...(blockXss ? ['xss' as const] : []),
  ]

  return {
    name: 'validator',
    evaluate: (call, { signal }) => inSlices(evaluating(call), signal),
  }

  function* evaluating(call: Call): Judging<Finding> {
    const { name } = call.tool
    const steps = stepsWithin()
    const blocked = blockTools.find((glob) => matchesGlob(glob, name))
    if (blocked !== undefined) return refusal('tool-blocked', `Tool \`${name}\` is blocked by '${blocked}' in \`blockTools\`.`)
    if (allowTools && !allowTools.some((glob) => matchesGlob(glob, name)))
      return refusal('tool-not-allowed', `Tool \`${name}\` matches nothing in \`allowTools\`: add it there if agents may call it.`)
    const everything = [...texts(call.input), { text: call.resource, path: 'resource', argument: '' }]
    for (const { text, path, argument } of everything) {
      if (text.length > maxLength)
        throw new RangeError(`\`${path}\` is longer than the ${maxLength} units that are judged: send less at once`)
      // Looking for a pattern takes an eighth of what looking at each sign does.
      steps.take(10 + Math.ceil(text.length * (1 + patterns.length / 8)))
      if (steps.due()) yield
      const kind = Object.hasOwn(call.tool.arguments, argument) ? call.tool.arguments[argument] : undefined
      const found = patternIn(text, patterns)
      if (found !== undefined)
        return refusal(
          'pattern-blocked',
          `Pattern '${found}' occurs in \`${path}\`: rephrase it, or take the pattern out of \`blockPatterns\`.`,
        )
      const under = pathIn(text, kind, paths)
      if (under !== undefined)
        return refusal('path-blocked', `\`${path}\` is the path '${under}' or lies under it, which \`blockPaths\` forbids.`)
      if (kinds.length === 0) continue
      const threat = (yield* detecting(text, kind, steps)).find((each) => !each.mention && kinds.includes(each.kind))
      if (threat)
        return refusal(
          'threat-found',
          `\`${path}\` carries what would run as ${as[threat.kind] ?? threat.kind} (\`${threat.detector}\`).`,
          { kind: threat.kind },
        )
    }
    return { verdict: 'pass' }
  }
}

const as: { readonly [kind in ThreatKind]?: string } = { sql_injection: 'SQL', shell_injection: 'a shell command', xss: 'a script' }

interface Folded {
  readonly folded: string
}

function patternIn(text: string, patterns: readonly (Folded & { readonly pattern: string })[]): string | undefined {
  if (patterns.length === 0) return undefined
  for (const reading of readings(text)) {
    // What is a comment of SQL is text elsewhere.
    for (const plain of new Set([normal(reading.text), normal(uncommented(reading.text))])) {
      const found = patterns.find(({ folded }) => occursGlob(folded, plain))
      if (found) return found.pattern
    }
  }
  return undefined
}

/** Runs of blanks as one blank. */
function normal(text: string): string {
  return text.replace(/[\s\0]+/g, ' ')
}

/** Each comment as a blank: from a slash and star to a star and slash, from `--` and from `#` to the end of the line. */
function uncommented(text: string): string {
  const begin = /\/\*|--|#/g
  const parts: string[] = []
  let at = 0
  let closed = true
  for (let found = begin.exec(text); found; found = begin.exec(text)) {
    const block = found[0] === '/*'
    if (block && !closed) continue
    const end = text.indexOf(block ? '*/' : '\n', begin.lastIndex)
    closed &&= !block || end >= 0
    if (block && end < 0) continue
    parts.push(text.slice(at, found.index))
    at = end < 0 ? text.length : end + (block ? 2 : 1)
    begin.lastIndex = at
  }
  return [...parts, text.slice(at)].join(' ')
}

function pathIn(text: string, kind: ArgumentKind | undefined, paths: readonly (Folded & { readonly path: string })[]): string | undefined {
  if (paths.length === 0) return undefined
  for (const { text: reading } of readings(text)) {
    const value =
      kind === 'path' || /^\s*(?:file:(?:\/\/[^/\\]*)?)?[/\\~]|^\s*[a-z]:[\\/]|^\s*\.{1,2}[\\/]/.test(reading)
        ? plainPath(reading)
        : undefined
    if (value === undefined) continue
    const found = paths.find(({ folded }) => value === folded || (folded !== '/' && value.startsWith(`${folded}/`)))
    if (found) return found.path
  }
  return undefined
}

/** The path with one way to write it: forward slashes, no `.`, `..`, empty segments or end slash. Undefined when it is no path. */
function plainPath(text: string): string | undefined {
  const path = text
    .trim()
    .replace(/^file:(?:\/\/[^/\\]*)?(?=[/\\])/, '')
    .replaceAll('\\', '/')
    .replace(/\0.*$/s, '')
  if (path === '' || /[\r\n]/.test(path)) return undefined
  const segments: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment === '..') segments.pop()
    else segments.push(segment.trim())
  }
  return path.startsWith('/') ? `/${segments.join('/')}` : segments.join('/')
}
