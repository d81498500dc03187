import { type CommandClass, commands, loneCommands, prefixes } from './commands.ts'
import type { Hit, Weight } from './kind.ts'
import { hasAny, type Marks, matches, type Shape } from './marks.ts'
import { grammarWords, isSentence } from './sentence.ts'

/**
 * Finds commands put where a value was expected: at each place where a shell begins a command (the start, after `;`, `|`, `&`, a new line,
 * `$(`, a backtick), the words are split and unquoted as the shell does, and the first one is looked up.
 */
export function shell(text: string, hits: Hit[], marks: Marks, decoded: boolean): void {
  const add = (rule: string, start: number, end: number, weight: Weight): void => {
    if (hits.length < 200) hits.push({ kind: 'shell_injection', detector: `shell-${rule}`, start, end: Math.min(end, text.length), weight })
  }
  const head = commandAt(text, 0)
  if (head && headCounts(head)) add(head.hidden ? 'hidden' : 'command', head.start, commandEnd(text, head), 'bare')
  if (hasAny(marks, ';|&$`<>\n\r'))
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code > 124 || openers[code] === 0) continue
      const opener = openerAt(text, at, code)
      if (opener === undefined) continue
      if (!begins(text, at + opener.length)) continue
      const found = commandAt(text, at + opener.length)
      if (found && counts(found, opener, decoded))
        add(
          found.hidden ? 'hidden' : opener.startsWith('$') ? 'substitution' : 'chained',
          at,
          commandEnd(text, found),
          weightOf(text, at, opener, found),
        )
      at += opener.length - 1
    }
}

/** Shapes of commands that no value has by accident; in a window of a text. */
export function shellShapes(text: string, hits: Hit[], marks: Marks): void {
  for (const { shape, start, end } of matches(tricks, text, marks))
    hits.push({ kind: 'shell_injection', detector: `shell-${shape.rule}`, start, end, weight: shape.weight })
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

function openerAt(text: string, at: number, code: number): Opener | undefined {
  const next = text.charCodeAt(at + 1)
  switch (code) {
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

interface Command {
  readonly name: string
  readonly kind: CommandClass
  /** Whether quotes, backslashes, empty expansions or wildcards hid the name. */
  readonly hidden: boolean
  /** Whether a path leads to it, as in `/usr/bin/id`. */
  readonly located: boolean
  readonly prefixed: boolean
  readonly start: number
  readonly end: number
  readonly arguments: 'none' | 'typed' | 'words'
}

/** The command that begins at `from`, if one does. */
function commandAt(text: string, from: number): Command | undefined {
  let at = from
  let prefixed = false
  for (let words = 0; words < 6; words++) {
    at = skipBlank(text, at)
    const { value, end, hidden } = shellWord(text, at)
    if (value === '') return undefined
    if (/^\w{1,20}=/.test(value) && !hidden) {
      at = end
      continue
    }
    const name = programName(value)
    const kind = commands.get(name)
    if (prefixes.has(name) && argumentsAt(text, end, true) !== 'none') {
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
            arguments: argumentsAt(text, end, kind === 'spoken'),
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
      arguments: argumentsAt(text, end, false),
    }
  }
  return undefined
}

function commandAt1(text: string, from: number): boolean {
  const { value } = shellWord(text, skipBlank(text, from))
  return commands.has(programName(value)) && value !== ''
}

function skipBlank(text: string, from: number): number {
  let at = from
  while (
    at < text.length &&
    at < from + 40 &&
    (text.charCodeAt(at) <= 32 || '({!@+"\''.includes(text[at] ?? '') || text.startsWith('${ifs}', at))
  ) {
    at += text[at] === '$' ? 6 : 1
  }
  return at
}

const programSuffix = /(?:\.(?:exe|bat|com|cmd))$|(?<=^(?:python|pip|perl|php|ruby|lua|gcc|node|nc))[\d.]+$/

function programName(value: string): string {
  const slash = Math.max(value.lastIndexOf('/'), value.startsWith('c:') ? value.lastIndexOf('\\') : -1)
  return value.slice(slash + 1).replace(programSuffix, '')
}

/** One word as the shell sees it: quotes and backslashes gone, expansions that give nothing gone. At most 80 units are read. */
function shellWord(text: string, from: number): { readonly value: string; readonly end: number; readonly hidden: boolean } {
  let value = ''
  let at = from
  let hidden = false
  const last = Math.min(text.length, from + 80)
  while (at < last) {
    const sign = text[at] ?? ''
    if (sign <= ' ' || ';|&<>(),'.includes(sign) || (sign === '+' && value !== '')) {
      if ((sign === '<' || sign === '(') && text[at + 1] === ')') {
        at += 2
        hidden = true
        continue
      }
      if (sign === '<' && text.startsWith('<()', at)) {
        at += 3
        hidden = true
        continue
      }
      break
    }
    if (sign === '"' || sign === "'" || sign === '^') {
      if (value !== '' && /[\w"']/.test(text[at + 1] ?? '')) hidden = true
      at++
    } else if (sign === '\\') {
      if (value.startsWith('c:') || text[at - 1] === '\\' || /^[a-z]:/.test(value)) value += sign
      else if (value !== '') hidden = true
      at++
    } else if (sign === '`') {
      if (text[at + 1] !== '`') break
      hidden = true
      at += 2
    } else if (sign === '$') {
      const size = expansion(text, at)
      if (size === 0) {
        value += sign
        at++
      } else if (size < 0) break
      else {
        hidden = hidden || value !== ''
        at += size
      }
    } else {
      value += sign
      at++
    }
  }
  return { value, end: at, hidden: hidden && value.length > 1 }
}

/** How long an expansion that likely gives nothing is: `$@`, `$u`, `$()`, `${x}`; negative when it separates words. */
function expansion(text: string, at: number): number {
  const next = text[at + 1] ?? ''
  if (next === '(') return text[at + 2] === ')' ? 3 : -1
  if (next === '{') {
    if (text.startsWith('ifs', at + 2)) return -1
    const close = text.indexOf('}', at)
    return close > 0 && close - at < 20 ? close - at + 1 : 0
  }
  if (next === "'" || next === '"') return 1
  if (text.startsWith('ifs', at + 1)) return -1
  if ('@*#?!$-_'.includes(next) && next !== '') return 2
  return /[a-z0-9]/.test(next) && !/\w/.test(text[at + 2] ?? '') ? 2 : 0
}

/** What follows a command's name: nothing (the end or another separator), something typed for a program, or words. */
function argumentsAt(text: string, end: number, spoken: boolean): Command['arguments'] {
  const rest = text.slice(end, end + 120)
  if (/^[\s"'+\\]{0,6}(?:$|[;|&)`>}\n])/.test(rest)) return 'none'
  const first = typedArgument.test(rest)
  if (first) return 'typed'
  if (spoken) return 'words'
  const line = rest.split(/[\n;|&]/, 1)[0] ?? ''
  const words = line.trim().split(/\s+/)
  return words.some((word) => laterArgument.test(word)) && !words.slice(0, 6).some((word) => grammarWords.has(word)) ? 'typed' : 'words'
}

const typedArgument =
  /^(?:<{1,3}|>{1,2})|^[\s+]{1,6}["']?(?:--?[a-z]|[/~$\\][\w.$~*?/[{-]|\.{1,2}[\\/]|\/[a-z?]\b|[a-z]:(?:[\\/\s]|$)|[\w.-]{1,40}\/|[\w-]{1,30}\.[a-z]{1,5}(?:\s|$|["'])|\d{1,6}\s{0,4}(?:$|[;|&"'`)])|[\w.-]{1,30}@[\w-]|\d{1,3}\.\d{1,3}\.|\d{1,2}:\d\d\s|\*|%\w{1,20}%|https?:|\w{1,8}=[/\w]|(?:install|dump|list|start|stop|restart|enable|disable|update|upgrade|remove|uninstall|download|exec|run|user|view|localgroup|share|accounts|firewall|advfirewall|decrypt|encrypt|all)(?:\s|$)|&|<\?|["']x["'])|^\$\{?ifs/
const laterArgument =
  /^(?:-{1,2}[a-z][\w-]{0,20}(?:=.{0,40})?|\/[a-z]{1,10}\/.{0,40}|\/|https?:.{0,60}|[a-z]:\\.{0,60}|[\w/.-]{1,40}\.(?:txt|php|sh|exe|conf|log|ini|bat|ps1|py|rb|pl|gz|zip|tar)|=.{0,20}|\/[a-z])$/

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
  return found.arguments === 'none'
}

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

/** Where a command line ends: at a new line, or where words turn into a sentence. */
function commandEnd(text: string, { end }: Command): number {
  const stop = Math.min(text.length, end + 400)
  let at = end
  const word = /[^\s]{1,80}/y
  while (at < stop) {
    while (at < stop && text.charCodeAt(at) <= 32) {
      if (text.charCodeAt(at) === 10) return at
      at++
    }
    word.lastIndex = at
    const match = word.exec(text)
    if (!match) break
    if (grammarWords.has(match[0].replace(/[,.:;!?]$/, '')) && isSentence(text.slice(at, at + 200))) return at
    at += match[0].length
  }
  return at
}

/** Shapes that no value has by accident, whatever command they carry. Each is linear: bounded repeats, no nesting. */
const tricks: readonly Shape<Weight>[] = [
  {
    rule: 'destroy',
    weight: 'bare',
    signs: '',
    group: 'destroy',
    pattern:
      /\brm\s{1,4}(?:-{1,2}[\w-]{1,20}\s{1,4}){1,6}["']?(?:\/|~|\$home)[\/*.]{0,3}["']?(?=$|[\s;&|@])|--no-preserve-root\b|\bmkfs(?:\.\w{1,8})?\s{1,4}\/dev\/|\bdd\s.{0,80}\bof=\/dev\/(?:sd|nvme|hd|vd|disk)|\bch(?:mod|own)\s{1,4}-r\s{1,4}\S{1,20}\s{1,4}\/(?=$|\s)|\b(?:shred|wipefs)\s.{0,40}\/dev\//,
  },
  {
    rule: 'download',
    weight: 'bare',
    signs: '|',
    group: 'download',
    pattern:
      /\b(?:curl|wget|fetch|iwr)\s[^|;&\n]{1,300}\|\s{0,4}(?:sudo\s{1,4})?(?:ba|z|k|da)?sh\b|\b(?:curl|wget|fetch)\s[^|;&\n]{1,300}\|\s{0,4}(?:sudo\s{1,4})?(?:python|perl|ruby|node|php)[\d.]{0,4}\b|\b(?:ba|z)?sh\s{1,4}(?:-c\s{1,4})?["']?(?:<\(|\$\()\s{0,4}(?:curl|wget)/,
  },
  {
    rule: 'remote',
    weight: 'bare',
    signs: '-',
    group: 'remote',
    pattern:
      /\b(?:nc|ncat|netcat)\s[^|;&\n]{0,80}\s-\w{0,4}e\s{1,4}\S{0,20}sh\b|\bsocket\b.{0,200}\b(?:dup2|subprocess|pty\.spawn)|\bbash\s{1,4}-i\s{0,4}[>&]/,
  },
  { rule: 'function', weight: 'certain', signs: '(){', pattern: /\(\)\s{0,4}\{\s{0,4}(?:$|[:;]|[\w:]{1,20}\s{0,4}(?:\(\)\s{0,4})?[|&])/ },
  { rule: 'device', weight: 'certain', signs: '/', group: 'device', pattern: /\/dev\/(?:tcp|udp)\/|>\s{0,4}\/dev\/[sh]d[a-z]/ },
  { rule: 'separator', weight: 'certain', signs: '$', pattern: /\$\{?ifs\b/ },
  {
    rule: 'braces',
    weight: 'bare',
    signs: '{},',
    pattern:
      /(?:^|[\s;|&("'`])\{(?:,[^\s{},":]{1,40}|,?[^\s{},":]{1,40},[^\s{}":]{0,60}|[^\s{},":]{1,40},)\}(?=$|[\s;|&)"'`\w<])|\w\{[\w]{0,10},[\w]{1,10}\}\w/,
  },
  {
    rule: 'wildcard',
    weight: 'bare',
    oneOf: '[?*',
    signs: '/',
    pattern:
      /(?:^|[\s=(])\/?[\w.]{0,20}\/\w{0,10}\[[a-z][a-z/]{0,6}\]\w|\/[\w?]{0,4}\?[\w?]{0,4}\/[\w?]{0,6}\?|\/[a-z]{1,10}[*?]\/[a-z*?]{1,12}/,
  },
  { rule: 'tilde', weight: 'bare', signs: '~', pattern: /(?:^|["=])~[+-]\d{0,2}(?:$|")/ },
  { rule: 'history', weight: 'bare', signs: '!-', pattern: /(?:^|["=])!-\d/ },
  {
    rule: 'arithmetic',
    weight: 'bare',
    signs: '$',
    pattern: /\$\(\(|\$\[|\$\{[^\w\s}]|\$\{\w{1,20}(?::-|:=|%%|##|\/\/|@|\^\^)|\$\{\w{1,20}\}\s{1,4}-c\b|\$\w{1,20}\s{1,4}-c\s/,
  },
  { rule: 'process', weight: 'bare', signs: '<', pattern: /(?:^|[\s=;|&])<\(\s{0,4}[a-z]|<<<\s{0,4}[\w"'$]/ },
  { rule: 'process', weight: 'bare', signs: '>(', pattern: /(?:^|[\s=;|&])>\(\s{0,4}[a-z]/ },
  {
    rule: 'variable',
    weight: 'bare',
    oneOf: ';&|',
    signs: '$',
    pattern: /[;&|]\s{0,4}\$\w{1,20}(?:\s{1,4}-|\s{0,4}$|[;&|\s])|\b\w{1,20}=[\w\\'"]{1,20}[;&]{1,2}\s{0,2}\w{0,20}\$/,
  },
  { rule: 'inner', weight: 'bare', oneOf: ';&|', signs: '$', pattern: /[;&|]\s{0,4}[a-z]{1,8}\$[@*!_$-][a-z+]/ },
  { rule: 'inner', weight: 'bare', oneOf: ';&|', signs: '\\', pattern: /[;&|]\s{0,4}[a-z]{1,8}\\[a-z+]/ },
  { rule: 'inner', weight: 'bare', oneOf: ';&|', signs: '`', pattern: /[;&|]\s{0,4}`/ },
  { rule: 'alias', weight: 'bare', signs: '', group: 'alias', pattern: /^\s{0,4}alias\s{1,4}[-+.\w]{1,20}(?:=|\s[\w+]{1,20}=)/ },
  { rule: 'alias', weight: 'certain', signs: '', group: 'alias', pattern: /["';&|]\s{0,4}alias\s{1,4}[-+.\w]{1,20}(?:=|\s[\w+]{1,20}=)/ },
  {
    rule: 'batch',
    weight: 'certain',
    signs: '%',
    group: 'loop',
    pattern:
      /(?:^|[&|;]\s{0,4})for\s{1,20}(?:\/[a-z]\s{1,20}(?:[\w:\\.]{1,40}\s{1,20}|\\?"[^"]{0,60}"\s{1,20})?){0,4}%{1,2}\S{0,12}\s{1,20}in\s{0,20}\(/,
  },
  {
    rule: 'batch',
    weight: 'certain',
    also: 'branchWord',
    signs: '',
    group: 'branch',
    pattern:
      /(?:^|[&|;]\s{0,4})if(?:\s{1,20}|(?=\/))(?:\/i\s{1,20})?(?:not\s{1,20})?(?:exist\s{1,20}[("]?[\w:\\~-]{1,60}[.:\\("]|errorlevel\s\d|cmdextversion\s|defined\s{1,20}\w{1,20}\s{1,20}[(\w])/,
  },
  {
    rule: 'batch',
    weight: 'bare',
    signs: '',
    group: 'branch',
    pattern:
      /(?:^|[&|;]\s{0,4})if(?:\s{1,20}|(?=\/))(?:\/i\s{1,20})?(?:not\s{1,20})?[("[{]?[%!]{0,2}[\w ]{1,30}[%!]{0,2}["\])}]?\s{0,4}(?:==|\b(?:equ|neq|gtr|geq|lss|leq)\b)\s{0,4}\S/,
  },
  {
    rule: 'batch',
    weight: 'certain',
    oneOf: '%!',
    signs: '',
    group: 'branch',
    pattern: /(?:^|[&|;]\s{0,4})if(?:\s{1,20}|(?=\/))(?:not\s{1,20})?["([{]?[%!]\w{1,30}[%!]?["\])}]?\s{0,4}(?:==|equ|neq|gtr|geq|lss|leq)/,
  },
  {
    rule: 'powershell',
    weight: 'bare',
    signs: '',
    group: 'powershell',
    pattern:
      /\b(?:invoke-(?:expression|webrequest|command|mimikatz)|downloadstring\s{0,4}\(|new-object\s{1,4}(?:system\.)?net\.webclient|frombase64string\s{0,4}\()|powershell(?:\.exe)?\s{1,4}-\w/,
  },
  {
    rule: 'code',
    weight: 'bare',
    signs: '(',
    group: 'run',
    pattern:
      /\b(?:system|passthru|shell_exec|popen|proc_open|pcntl_exec|phpinfo|os\.system|subprocess\.(?:run|call|popen|check_output)|getruntime\(\)\.exec|child_process|eval\s{0,4}\(\s{0,4}compile|__import__|base64_decode)\s{0,4}[('"].{0,200}/,
  },
  { rule: 'code', weight: 'bare', signs: '<', pattern: /<\?(?:php|=)|<!--#\s{0,4}(?:exec|include|echo|set|config)/ },
  { rule: 'lookup', weight: 'certain', signs: '${', pattern: /\$\{(?:jndi|env|sys|lower|upper|::|:[^}]{0,12}-)/ },
  {
    rule: 'prompt',
    weight: 'bare',
    signs: '.',
    group: 'prompt',
    pattern: /[;"]\s{0,4}(?:\\n)?\s{0,4}\.\s{0,2}\\?["']?(?:shell|databases|system|tables|import|load)\b/,
  },
  { rule: 'wrapper', weight: 'certain', signs: '-', group: 'wrapper', pattern: /\s-wrapper\s{1,4}\w{0,4}sh,/ },
  { rule: 'decode', weight: 'certain', signs: '|', pattern: /\|\s{0,4}(?:base64|base32|rev|xxd|tac)\b.{0,40}\|\s{0,4}(?:ba|z|k|da)?sh\b/ },
]
