import { hitSteps } from './kind.ts'
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
  branchWord: 'exist errorlevel cmdextversion defined equ neq gtr geq lss leq',
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
const bitOf = {} as { [group in Group]: number }
for (const [index, [group, words]] of Object.entries(groups).entries()) {
  // INVARIANT: at most 31 groups, a bit each.
  bitOf[group as Group] = 1 << index
  for (const word of words.split(' ')) bits.set(word, (bits.get(word) ?? 0) | (1 << index))
}

/** The groups that a word is in, a bit each. */
export const groupsOf = (word: string): number => bits.get(word) ?? 0

/** A bit for each sign that a pattern may need; by code, 0 for the others. */
export const signBits = new Int32Array(128)
// INVARIANT: at most 31 signs, a line break being one.
for (const [index, sign] of [..."\n!#$%&'()*+,-./:;<=>?[\\]_`{|}~"].entries()) signBits[sign.charCodeAt(0)] = 1 << index
signBits[13] = signBits[10] ?? 0

/** What a stretch of a text has: signs and groups of words, a bit each. */
export interface Marks {
  readonly signs: number
  readonly words: number
}

function bitsOf(signs: string): number {
  let mask = 0
  for (let at = 0; at < signs.length; at++) mask |= signBits[signs.charCodeAt(at)] ?? 0
  return mask
}

/** Whether the text has any of `signs`. */
export function hasAny(marks: Marks, signs: string): boolean {
  return (marks.signs & bitsOf(signs)) !== 0
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
  /** What stands in every match and is found faster. */
  readonly hint?: RegExp
  readonly pattern: RegExp
}

/** What trying one pattern on a text costs: an engine for patterns looks at several signs in the time of a step. */
export const patternSteps = (text: string): number => 10 + (text.length >> 2)

/** Shapes with what they need as bits. */
export interface Gated<Weight> {
  readonly shape: Shape<Weight>
  readonly all: number
  readonly any: number
  readonly word: number
  readonly also: number
}

export function gated<Weight>(shapes: readonly Shape<Weight>[]): readonly Gated<Weight>[] {
  return shapes.map((shape) => ({
    shape,
    all: bitsOf(shape.signs),
    any: shape.oneOf === undefined ? 0 : bitsOf(shape.oneOf),
    word: shape.group === undefined ? 0 : bitOf[shape.group],
    also: shape.also === undefined ? 0 : bitOf[shape.also],
  }))
}

/** One match of a shape. */
export interface Match<Weight> {
  readonly shape: Shape<Weight>
  readonly start: number
  readonly end: number
}

/** The first match of each shape that a text can have. */
export function matches<Weight>(
  shapes: readonly Gated<Weight>[],
  text: string,
  { signs, words }: Marks,
  steps: Steps,
): readonly Match<Weight>[] {
  let found: Match<Weight>[] | undefined
  for (const { shape, all, any, word, also } of shapes) {
    if ((signs & all) !== all || (any !== 0 && (signs & any) === 0)) continue
    if ((word !== 0 && (words & word) === 0) || (also !== 0 && (words & also) === 0)) continue
    steps.take(patternSteps(text))
    if (shape.hint && !shape.hint.test(text)) continue
    const match = shape.pattern.exec(text)
    if (match) steps.take(hitSteps)
    if (match) (found ??= []).push({ shape, start: match.index, end: match.index + match[0].length })
  }
  return found ?? none
}

const none: readonly never[] = []
