import { loneCommands } from './commands.ts'
import { type Hit, hitSteps, type Weight } from './kind.ts'
import { type Command, commandAt, commandEnds } from './shell-command.ts'
import type { Judging, Steps } from './steps.ts'

/**
 * Finds commands put where a value was expected: at each place where a shell begins a command (the start, after `;`, `|`, `&`, a new line,
 * `$(`, a backtick), the words are split and unquoted as the shell does, and the first one is looked up.
 */
export function* shell(text: string, hits: Hit[], places: readonly number[], decoded: boolean, steps: Steps): Judging<void> {
  const endOf = commandEnds(text, steps)
  const add = (rule: string, start: number, end: number, weight: Weight): void => {
    steps.take(hitSteps)
    hits.push({ kind: 'shell_injection', detector: `shell-${rule}`, start, end: Math.min(end, text.length), weight })
  }
  const head = commandAt(text, 0, steps)
  if (head && headCounts(head)) add(head.hidden ? 'hidden' : 'command', head.start, endOf(head), 'bare')
  steps.take(text.length)
  let past = 0
  for (const at of places) {
    steps.take(4)
    if (steps.due()) yield
    if (at < past) continue
    const opener = openerAt(text, at)
    if (opener === undefined || !begins(text, at + opener.length)) continue
    past = at + opener.length
    const found = commandAt(text, at + opener.length, steps)
    if (found && counts(found, opener, decoded))
      add(
        found.hidden ? 'hidden' : opener.startsWith('$') ? 'substitution' : 'chained',
        at,
        endOf(found),
        weightOf(text, at, opener, found),
      )
  }
}

/** Whether a command could begin here: not where another separator, a line break or the end does. */
function begins(text: string, from: number): boolean {
  let at = from
  while (at < from + 8 && (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9)) at++
  const code = text.charCodeAt(at)
  return (
    at < text.length &&
    (code > 124 || openers[code] === 0 || code === 36 || code === 10 || (code === 96 && text.charCodeAt(at + 1) !== 96)) &&
    !(code === 10 && at > from - 1 && text.charCodeAt(at + 1) === 10)
  )
}

const openers = new Uint8Array(125)
for (const sign of ';|&$`<>\n\r') openers[sign.charCodeAt(0)] = 1

type Opener = ';' | '|' | '||' | '&' | '&&' | '\n' | '$(' | '`' | '<(' | '>('

function openerAt(text: string, at: number): Opener | undefined {
  const next = text.charCodeAt(at + 1)
  switch (text.charCodeAt(at)) {
    case 59:
      return ';'
    case 124:
      return next === 124 ? '||' : '|'
    case 38:
      return next === 38 ? '&&' : '&'
    case 10:
    case 13:
      return '\n'
    case 36:
      return next === 40 ? '$(' : undefined
    case 96:
      return '`'
    case 60:
      return next === 40 ? '<(' : undefined
    case 62:
      return next === 40 ? '>(' : undefined
    default:
      return undefined
  }
}

function headCounts(found: Command): boolean {
  if (found.hidden) return true
  if (found.prefixed && found.arguments === 'none') return found.kind !== 'spoken'
  if (found.kind === 'work') return false
  if (found.located || found.arguments === 'typed') return true
  return found.arguments === 'none' && loneCommands.has(found.name)
}

function counts(found: Command, opener: Opener, decoded: boolean): boolean {
  if (found.hidden || found.located || found.arguments === 'typed') return true
  if (opener === '\n' && found.kind !== 'spoken' && decoded) return true
  if (opener === '\n') return found.kind === 'plain' && found.arguments === 'none' && found.name.length > 2
  if (found.kind === 'plain' || found.kind === 'work') return found.arguments === 'none' || opener !== '&'
  return found.arguments === 'none' && !keywords.has(found.name)
}

/** Words that run nothing by themselves. */
const keywords: ReadonlySet<string> = new Set('if for while then do else'.split(' '))

/** In a sentence a `;`, `|` or backtick is punctuation, unless what follows can only be typed at a prompt. */
function weightOf(text: string, at: number, opener: Opener, found: Command): Weight {
  if (opener === '`' || opener === '\n') return 'bare'
  if (opener === '|' && isCell(text, at, found)) return 'bare'
  if (found.kind === 'spoken' && found.arguments !== 'typed') return 'bare'
  if (found.arguments === 'words' || (opener === '&' && found.arguments === 'none')) return 'bare'
  return 'certain'
}

function isCell(text: string, at: number, found: Command): boolean {
  return text[at + 1] === ' ' && /^\s{1,40}\|/.test(text.slice(found.end, found.end + 42))
}
