import type { Steps } from './steps.ts'

/**
 * Words that patterns of one group cannot do without. A text that has none of a group's words is passed over by its patterns, which is what
 * makes judging ordinary text fast.
 */
const groups = {
  pageObject: 'document window self top parent frames this globalthis',
  pageCall: 'alert prompt confirm eval atob btoa settimeout setinterval execscript function msgbox importscripts',
  pageMember:
    'cookie write writeln domain body location referrer localstorage alert eval open onerror name frames documentelement defaultview createelement',
  pageName:
    'fromcharcode fetch getscript xmlhttprequest activexobject innerhtml outerhtml insertadjacenthtml constructor __proto__ __definegetter__ reflect',
  pagePlace: 'location',
  placePart: 'href hash replace search',
  pageError: 'onerror throw alert',
  import: 'import',
  scriptScheme: 'javascript vbscript livescript vascript v',
  style: 'expression binding behavior behaviour url',
  data: 'data',
  element: 'script iframe object embed',
  entity: 'entity attlist cdata',
  destroy: 'rm preserve mkfs dd chmod chown shred wipefs',
  download: 'curl wget fetch iwr',
  remote: 'nc ncat netcat socket bash',
  device: 'dev',
  alias: 'alias',
  loop: 'for',
  branch: 'if',
  branchWord: 'exist errorlevel cmdextversion defined',
  scheme: 'gopher dict ldap ldaps tftp sftp netdoc jar file local_file php expect phar url',
  powershell: 'invoke downloadstring webclient frombase64string powershell',
  run: 'system passthru shell_exec popen phpinfo proc_open pcntl_exec subprocess exec child_process compile __import__ base64_decode',
  prompt: 'shell databases system tables import load',
  wrapper: 'wrapper',
  sensitive:
    'etc proc sys root var usr boot win config settings boto ht htaccess htpasswd ssh aws docker git env web global error winnt windows c d systemroot windir systemdrive history bash_history mysql_history sh_history',
  header:
    'cookie location content host transfer x access refresh referer user bcc cc reply mime http get post put delete head options mail rcpt retr dele ' +
    'top stat list ehlo helo vrfy expn rset noop quit stls apop',
  cloud: '169 metadata 100 fd00 254',
  mailCommand: 'mail rcpt apop',
  mailbox:
    'append authenticate status uid login logout select examine create delete rename list lsub fetch store copy search expunge starttls capability subscribe',
} as const

export type Group = keyof typeof groups

/** Every word of any group. */
export const groupWords = (): readonly string[] => Object.values(groups).flatMap((words) => words.split(' '))

const bits = new Map<string, number>()
const shapes = new Uint8Array(1 << 14)
const bitOf = {} as { [group in Group]: number }
for (const [index, [group, words]] of Object.entries(groups).entries()) {
  // INVARIANT: at most 31 groups, a bit each.
  bitOf[group as Group] = 1 << index
  for (const word of words.split(' ')) {
    bits.set(word, (bits.get(word) ?? 0) | (1 << index))
    shapes[shapeOf(word, 0, word.length)] = 1
  }
}

/** A number that most words do not share with any of a small set, made of two letters and the length. */
export function shapeOf(text: string, at: number, size: number): number {
  return ((text.charCodeAt(at) & 31) << 9) | ((text.charCodeAt(at + 1) & 31) << 4) | (size > 15 ? 15 : size)
}

/** What one pass over a text noticed. */
export interface Marks {
  /** 1 for each ASCII sign that occurs, and at 128 when any other does. */
  readonly signs: Uint8Array
  readonly words: number
}

const letters = new Uint8Array(128)
for (let code = 0; code < 128; code++) if ((code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code === 95) letters[code] = 1

export function marksOf(text: string): Marks {
  const signs = new Uint8Array(129)
  let words = 0
  const { length } = text
  for (let at = 0; at < length; ) {
    const code = text.charCodeAt(at)
    if (code > 127 || letters[code] === 0) {
      signs[code > 127 ? 128 : code] = 1
      at++
      continue
    }
    let end = at + 1
    for (let next = text.charCodeAt(end); next < 128 && letters[next] === 1; next = text.charCodeAt(end)) end++
    signs[code] = 1
    const size = end - at
    if (size < 22 && shapes[shapeOf(text, at, size)] === 1) words |= bits.get(text.slice(at, end)) ?? 0
    at = end
  }
  return { signs, words }
}

/** Whether the text has any of `signs`. */
export function hasAny({ signs }: Marks, wanted: string): boolean {
  for (let at = 0; at < wanted.length; at++) if (signs[wanted.charCodeAt(at)] === 1) return true
  return false
}

/** Whether the text has all of `signs`. */
export function hasAll({ signs }: Marks, wanted: string): boolean {
  for (let at = 0; at < wanted.length; at++) if (signs[wanted.charCodeAt(at)] !== 1) return false
  return true
}

/** Whether the text has a word of a group. */
export function hasWord({ words }: Marks, group: Group): boolean {
  return (words & bitOf[group]) !== 0
}

/** A pattern, and what a text must have for it to be worth trying. Patterns are linear: bounded repeats, nothing nested that overlaps. */
export interface Shape<Weight> {
  readonly rule: string
  readonly weight: Weight
  /** Signs that must all occur. */
  readonly signs: string
  /** Signs of which one must occur. */
  readonly oneOf?: string
  /** Groups of each of which a word must occur. */
  readonly group?: Group
  readonly also?: Group
  readonly pattern: RegExp
}

/** What trying one pattern on a text costs: an engine for patterns looks at several signs in the time of a step. */
export const patternSteps = (text: string): number => 10 + (text.length >> 2)

/** The first match of each shape that a text can have. */
export function* matches<Weight>(
  shapes: readonly Shape<Weight>[],
  text: string,
  marks: Marks,
  steps: Steps,
): Generator<{ readonly shape: Shape<Weight>; readonly start: number; readonly end: number }> {
  for (const shape of shapes) {
    if (!hasAll(marks, shape.signs) || (shape.oneOf !== undefined && !hasAny(marks, shape.oneOf))) continue
    if ((shape.group !== undefined && !hasWord(marks, shape.group)) || (shape.also !== undefined && !hasWord(marks, shape.also))) continue
    steps.take(patternSteps(text))
    const match = shape.pattern.exec(text)
    if (match) yield { shape, start: match.index, end: match.index + match[0].length }
  }
}
