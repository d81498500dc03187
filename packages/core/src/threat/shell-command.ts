import { type CommandClass, commands, prefixes } from './commands.ts'
import { grammarWords, isSentence } from './sentence.ts'
import { programName, shellWord, skipBlank } from './shell-words.ts'
import type { Steps } from './steps.ts'

/** A command line as it was read. */
export interface Command {
  readonly name: string
  readonly kind: CommandClass
  /** Whether quotes, backslashes, empty expansions or wildcards hid the name. */
  readonly hidden: boolean
  /** Whether a path leads to it, as in `/usr/bin/id`. */
  readonly located: boolean
  readonly prefixed: boolean
  readonly start: number
  readonly end: number
  readonly arguments: Arguments
}

/**
 * What follows a command's name: nothing (the end or another separator), something typed for a program, words, or `loose`: what people put
 * behind a word as well, a number, a time, a share, or a file to read.
 */
export type Arguments = 'none' | 'typed' | 'loose' | 'words'

/** The command that begins at `from`, if one does. */
export function commandAt(text: string, from: number, steps: Steps): Command | undefined {
  let at = from
  let prefixed = false
  for (let words = 0; words < 6; words++) {
    at = skipBlank(text, at)
    const { value, end, hidden } = shellWord(text, at)
    steps.take(30 + 2 * (end - at))
    if (value === '') return undefined
    if (!hidden && value.includes('=') && /^\w{1,20}=/.test(value)) {
      at = end
      continue
    }
    const name = programName(value)
    const kind = commands.get(name)
    if (kind !== undefined) steps.take(lineSteps)
    if (prefixes.has(name) && argumentsAt(text, end, name, kind) !== 'none') {
      const inner = /^\s{1,4}-/.test(text.slice(end, end + 6)) ? undefined : commandAt1(text, end)
      if (inner) {
        prefixed = true
        at = end
        continue
      }
    }
    if (kind === undefined) {
      if (!value.startsWith('/')) return undefined
      const wild = /^\/[\w?*[\]/]{0,20}[?*[][\w?*[\]/]{0,20}$/.test(value) && value.length > 5
      return wild
        ? {
            name,
            kind: 'plain',
            hidden: true,
            located: true,
            prefixed,
            start: at,
            end,
            arguments: argumentsAt(text, end, name, kind),
          }
        : undefined
    }
    return {
      name,
      kind,
      hidden,
      located: /(?:^|\/)s?bin\/\w|^\.\//.test(value),
      prefixed,
      start: prefixed ? from : at,
      end,
      arguments: argumentsAt(text, end, name, kind),
    }
  }
  return undefined
}

function commandAt1(text: string, from: number): boolean {
  const { value } = shellWord(text, skipBlank(text, from))
  return commands.has(programName(value)) && value !== ''
}

/** What reading the arguments of one command costs, in steps. */
const lineSteps = 300

function argumentsAt(text: string, end: number, name: string, kind: CommandClass | undefined): Arguments {
  const rest = text.slice(end, end + 120)
  // A parenthesis behind a word is a call in some language, or a remark.
  if (kind === 'spoken' && /^ ?\(/.test(rest)) return 'words'
  if (/^[\s"'+\\]{0,6}(?:$|[;|&)`>}\n])/.test(rest)) return 'none'
  if (name === 'kill' && /^\s{1,6}-\w/.test(rest)) return 'typed'
  if (looseNumber.test(rest) && !(dials.has(name) && /^.\d+\./.test(rest))) return 'loose'
  if (kind === 'spoken') {
    if (eitherOr.test(rest) && !reads.has(name)) return 'words'
    if (looseFile.test(rest) && asked.has(name)) return 'loose'
  }
  if (typedArgument.test(rest) || (dials.has(name) && /^[\s+]{1,6}["']?(?:127\.\d|\d{1,3}\.\d{1,3}\.\d)/.test(rest))) return 'typed'
  if (/^\s{0,4}=>?\s/.test(rest)) return 'words'
  if (!typedSign.test(rest)) return (kind !== 'spoken' || manages.has(name)) && verbArgument.test(rest) ? 'typed' : 'words'
  const line = rest.split(/[\n;|&]/, 1)[0] ?? ''
  const words = line.trim().split(/\s+/)
  if (kind !== 'spoken') {
    if (verbArgument.test(rest) || mailbox.test(rest)) return 'typed'
  } else {
    if (manages.has(name) && verbArgument.test(rest)) return 'typed'
    // People say more before they come to what looks typed, and end what they say with a colon.
    const spoken = words.findIndex((word) => laterArgument.test(word))
    if (spoken > 2 || words.slice(0, spoken).some((word) => /[:,.?!]$|^["'(]?\w{1,30}[")']$/.test(word))) return 'words'
  }
  return words.some((word) => laterArgument.test(word)) && !words.slice(0, 6).some((word) => grammarWords.has(word)) ? 'typed' : 'words'
}

/** What any argument has that looks typed. */
const typedSign = /[-/:.=@]/

/** Commands that people speak of by name and that take a verb. */
const manages = new Set('apt yum snap service net sc reg ip perl python'.split(' '))
const verbArgument =
  /^[\s+]{1,6}["']?(?:install|add|dump|list|start|stop|restart|enable|disable|update|upgrade|remove|uninstall|download|exec|run|user|view|localgroup|share|accounts|firewall|advfirewall|decrypt|encrypt|all)(?:\s|$)/
/** To whom a program connects; people mail to one as well. */
const mailbox = /^[\s+]{1,6}["']?[\w.-]{1,40}@[\w-]/

/** A number, a time, a date, a price, a share, a version: people say one after any word. */
const looseNumber = /^[\s+]{1,6}["']?[$#]?\d{1,12}(?!(?:\.\d{1,3}){3})(?:[.,:/-]\d{1,12}){0,3}%?\s{0,4}(?:$|[;|&"'`)!?])/
/** Programs that a number is an address for. */
const dials = new Set('nc ncat netcat telnet nslookup dig'.split(' '))
const eitherOr = /^[\s+]{1,6}[a-z]{1,12}\/[a-z]{1,12}(?:$|[\s,.;!?])/
/** Commands whose argument is a path even when it looks like a choice. */
const reads = new Set('cat tar sed tee cp mv dir cd source tr wc nl bash python perl'.split(' '))
const looseFile = /^[\s+]{1,6}["']?[\w-]{1,30}\.[a-z]{1,4}["']?\s{0,4}(?:$|[;|&,!?])/
/** What people ask one another, and agents, to do with a file. */
const asked = new Set(
  'read print find view sort attach paste copy move mail split join look watch file rename compare share open title label free host as at for name'.split(
    ' ',
  ),
)

const typedArgument =
  /^(?:<{1,3}|>{1,2})|^[\s+]{1,6}["']?(?:--?[a-z]|[/~$\\][\w.$~*?/[{-]|\.{1,2}[\\/]|\/[a-z?]\b|[a-z]:(?:[\\/\s]|$)|(?!\d{1,4}\/\d)[\w.-]{1,40}\/|[\w-]{1,30}\.[a-z]{1,5}(?:\s|$|["'])|\d{1,3}(?:\.\d{1,3}){3}|\*|%\w{1,20}%|https?:|\w{1,8}=[/\w]|&|<\?|["']x["'])|^\$\{?ifs/
const laterArgument =
  /^(?:-{1,2}[a-z][\w-]{0,20}(?:=.{0,40})?|\/[a-z]{1,10}\/.{0,40}|\/|https?:.{0,60}|[a-z]:\\.{0,60}|[\w/.-]{1,40}\.(?:txt|php|sh|exe|conf|log|ini|bat|ps1|py|rb|pl|gz|zip|tar)|=.{0,20}|\/[a-z])$/

/**
 * Where command lines end: at a new line, or where words turn into a sentence, at most 400 units on. Ask in the order of the text: a command in
 * the line of the one before goes on where that was read to.
 */
export function commandEnds(text: string, steps: Steps): (command: Command) => number {
  let last = 0
  let stopped = 0
  return ({ end }) => {
    if (end < last && stopped > end) return last
    const from = Math.max(end, Math.min(last, end + 400))
    last = endFrom(text, from, end + 400, steps)
    // INVARIANT: what ended before its 400 units ends there for every command before that place.
    stopped = last < end + 400 ? last : 0
    return last
  }
}

function endFrom(text: string, from: number, limit: number, steps: Steps): number {
  const stop = Math.min(text.length, limit)
  let at = from
  const word = /[^\s]{1,80}/y
  while (at < stop) {
    while (at < stop && text.charCodeAt(at) <= 32) {
      if (text.charCodeAt(at) === 10) return at
      at++
    }
    word.lastIndex = at
    const match = word.exec(text)
    if (!match) break
    steps.take(20 + match[0].length)
    if (grammarWords.has(match[0].replace(/[,.:;!?]$/, ''))) {
      steps.take(200)
      if (isSentence(text.slice(at, at + 200))) return at
    }
    at += match[0].length
  }
  return at
}
