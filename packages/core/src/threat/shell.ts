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
  if (head && headCounts(head)) add(head.hidden ? 'hidden' : 'command', head.start, endOf(head), isWordAlone(head) ? 'strict' : 'bare')
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
    if (!found && substitutes(opener) && program.test(text.slice(past, past + 80))) add('substitution', at, past + 1, 'certain')
    if (!found || !counts(found, opener, decoded)) continue
    const weight = weightOf(text, at, opener, found)
    if (weight !== undefined)
      add(
        found.hidden ? 'hidden' : opener.startsWith('$') ? 'substitution' : 'chained',
        at,
        opener === '`' ? Math.min(endOf(found), closeOf(text, at)) : endOf(found),
        weight,
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

/** Whether a value is a word, by itself or before a number. */
const isWordAlone = ({ kind, hidden, located, arguments: rest }: Command): boolean =>
  !hidden && !located && (rest === 'loose' || (kind === 'spoken' && rest === 'none'))

function headCounts(found: Command): boolean {
  if (found.hidden) return true
  if (found.prefixed && found.arguments === 'none') return found.kind !== 'spoken'
  if (found.kind === 'work') return false
  if (found.located || found.arguments === 'typed') return true
  // A word and a number are no command line, but for the one that probes are made of.
  if (found.arguments === 'loose') return found.name === 'sleep'
  return found.arguments === 'none' && loneCommands.has(found.name)
}

function counts(found: Command, opener: Opener, decoded: boolean): boolean {
  if (found.hidden || found.located || found.arguments === 'typed' || substitutes(opener)) return true
  if (found.arguments === 'loose') return opener !== '\n'
  if (opener === '\n' && found.kind !== 'spoken' && decoded) return true
  if (opener === '\n') return found.kind === 'plain' && found.arguments === 'none' && found.name.length > 2
  if (found.kind === 'plain' || found.kind === 'work') return found.arguments === 'none' || opener !== '&'
  return found.arguments === 'none' && !keywords.has(found.name)
}

/** Words that run nothing by themselves. */
const keywords: ReadonlySet<string> = new Set('if for while then do else'.split(' '))

/** A program of any name that a path leads to. */
const program = /^\s{0,8}["']?(?:\.{0,2}|~)\/[\w./-]{1,60}["']?(?:[\s;|&)]|$)/

/** Whether nothing but a shell writes this: a word follows in no language of people. */
const substitutes = (opener: Opener): boolean => opener === '$(' || opener === '<(' || opener === '>('

/**
 * In a sentence a `;`, `|` or backtick is punctuation, unless what follows can only be typed at a prompt. Nothing where it is an item of a list.
 */
function weightOf(text: string, at: number, opener: Opener, found: Command): Weight | undefined {
  if (substitutes(opener)) return elements.has(found.name) && found.arguments === 'none' ? 'strict' : 'certain'
  if (opener === '`') return found.kind === 'work' && closeOf(text, at) < text.length + 1 ? 'strict' : 'bare'
  if (opener === '\n') return 'bare'
  if ((opener === ';' || opener === '&') && isListed(text, at, found)) {
    if (found.arguments === 'loose') return timers.has(found.name) ? 'strict' : undefined
    return telling.has(found.name) ? 'strict' : undefined
  }
  if (opener === '|' && isCell(text, at, found)) return 'bare'
  if (found.kind === 'spoken' && found.arguments !== 'typed') return 'bare'
  if (found.arguments === 'words' || (opener === '&' && found.arguments === 'none')) return 'bare'
  return 'certain'
}

/** Where a backtick that is opened at `at` is closed, or past the end. */
function closeOf(text: string, at: number): number {
  const close = text.slice(at + 1, at + 401).indexOf('`')
  return close < 0 ? text.length + 1 : at + 2 + close
}

/** Elements of a page that a script looks up by name: `$('label')`. */
const elements: ReadonlySet<string> = new Set('label time code path head map view'.split(' '))

/** Whether a command is a word in a list of words, as in `cut; paste` and `done; wait 5`, and does nothing to speak of by itself. */
function isListed(text: string, at: number, found: Command): boolean {
  if (found.hidden || found.located || found.kind === 'plain') return false
  if (found.arguments === 'none' ? acts.has(found.name) : found.arguments !== 'loose') return false
  if (text.length > 400 || text.charCodeAt(at + 1) !== 32 || text[at + 2] === ' ' || !listing.test(text)) return false
  return (text[at] === '&' ? /\p{L}{2}[\d .:%-]{0,12} $/u : /\p{L}{2}(?: [\d.:%$#-]{1,12})?$/u).test(text.slice(Math.max(0, at - 40), at))
}

/** Letters, numbers, and what stands between them in lists. */
const listing = /^[\p{L}\p{N}\s,;&.:!?'()%$#+-]*$/u
/** Commands that by themselves tell something to whoever runs them, or open a prompt. */
const acts: ReadonlySet<string> = new Set('id env ps w su ss arp sc reg net ver bash ash ksh pwd exec eval alias sg'.split(' '))
/** The same, where the word is more common than the command. */
const telling: ReadonlySet<string> = new Set(
  'history users who jobs mount set export python perl lua dash reboot shutdown halt poweroff'.split(' '),
)
/** Commands that a number is enough for to be noticed. */
const timers: ReadonlySet<string> = new Set('sleep ping kill timeout shutdown reboot halt watch'.split(' '))

function isCell(text: string, at: number, found: Command): boolean {
  return text[at + 1] === ' ' && /^\s{1,40}\|/.test(text.slice(found.end, found.end + 42))
}
