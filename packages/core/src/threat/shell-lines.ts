import type { Steps } from './steps.ts'

/** A word as a shell hands it to a program: quotes, backslashes and line continuations gone. */
export interface ShellArgument {
  /** What stands for the output of another command is `output`. */
  readonly value: string
  readonly start: number
  readonly end: number
  /** The commands whose output is put here: `$(…)`, backticks, `<(…)`. */
  readonly runs: readonly (readonly ShellLine[])[]
  /** What sends a stream to or from it: `>`, `<`, `<<<`. */
  readonly redirect: string
}

/** One program with its arguments. */
export interface ShellLine {
  readonly words: readonly ShellArgument[]
  /** Whether it reads what the line before it, or the whole group before it, writes. */
  readonly piped: 'no' | 'line' | 'group'
}

/** Stands for what another command writes; no character that a text has by accident. */
export const output = '\u0001'

/** How deep commands are read inside one another, and how much of one that is inside. */
const deepest = 5
const inside = 8_000
/** How long a word and a line may be. What goes on after that is read as another word, another line of the same program. */
const longest = 8_000
const most = 1_000

/** Reads command lines one after another, from `from` up to the sign that closes them. */
export interface LineReader {
  readonly next: () => ShellLine | undefined
  /** Where reading has come to. */
  readonly at: () => number
}

/** Reads the lines of `text` as a shell splits them: at `;`, `|`, `&`, line ends, parentheses; comments are skipped. Linear. */
export function shellLines(text: string, steps: Steps, from = 0, closer = '', depth = 0, limit = text.length): LineReader {
  steps.take(100)
  let at = from
  let piped: ShellLine['piped'] = 'no'
  let grouped = false
  let ended = false
  let carried: ShellArgument[] = []
  const next = (): ShellLine | undefined => {
    let words: ShellArgument[] = carried
    let redirect = ''
    let taken = piped
    const began = at
    carried = []
    /** Ends the line; what follows reads from it when `pipe` is true. */
    const end = (pipe: boolean): ShellLine | undefined => {
      const line = words.length > 0 ? { words, piped: taken } : undefined
      if (line) grouped = grouped || /^(?:\}|done|fi|esac)$/.test(words[0]?.value ?? '')
      if (line || !pipe) piped = pipe ? (grouped ? 'group' : 'line') : 'no'
      else piped = 'group'
      if (!pipe) grouped = false
      if (!line) taken = piped
      words = []
      return line
    }
    while (at < limit && !ended) {
      const sign = text[at] ?? ''
      if (sign === closer) {
        ended = true
        at++
        break
      }
      const second = text[at + 1]
      if (sign === '\n' || sign === '\r' || sign === ';' || sign === '|' || (sign === '&' && second !== '>')) {
        const pipe = sign === '|' && second !== '|'
        at += (sign === '|' || sign === '&') && (second === sign || (pipe && second === '&')) ? 2 : 1
        const line = end(pipe)
        if (line) return line
      } else if (sign === '(' || sign === ')') {
        at++
        const line = end(false)
        grouped = sign === ')'
        if (line) return line
      } else if (sign <= ' ') at++
      else if (sign === '\\' && second === '\n') at += 2
      else if (sign === '#' && (at === from || (text[at - 1] ?? '') <= ' ')) while (at < limit && text[at] !== '\n') at++
      else if (sign === '&' || ((sign === '<' || sign === '>') && second !== '(')) {
        const [signs] = /^&?[<>]{1,3}[&|]?/.exec(text.slice(at, at + 5)) ?? [sign]
        redirect = signs
        at += signs.length
      } else {
        const word = shellArgument(text, steps, at, closer, depth, redirect, limit)
        at = word.end
        redirect = ''
        words.push(word)
        if (words.length >= most || at - began > longest) {
          const line = { words, piped: taken }
          carried = words.slice(0, 8).map((each) => ({ ...each, runs: [] }))
          return line
        }
      }
    }
    return end(false)
  }
  return { next, at: () => at }
}

function shellArgument(
  text: string,
  steps: Steps,
  from: number,
  closer: string,
  depth: number,
  redirect: string,
  limit: number,
): ShellArgument {
  const runs: (readonly ShellLine[])[] = []
  let value = ''
  let at = from
  let quoted = false
  /** Takes what is inside of `$(`, a backtick or `<(`, the sign that closes it included. */
  const run = (begin: number, close: string): void => {
    const lines: ShellLine[] = []
    const reader = shellLines(text, steps, begin, close, depth + 1, Math.min(limit, begin + inside))
    for (let line = reader.next(); line; line = reader.next()) lines.push(line)
    runs.push(lines)
    value += output
    at = Math.max(reader.at(), begin)
  }
  while (at < limit && at < from + longest) {
    const sign = text[at] ?? ''
    const second = text[at + 1]
    if (sign === '\\') {
      if (second !== '\n' && second !== undefined) value += second
      at += 2
    } else if (sign === '"') {
      if (!quoted && !text.slice(at + 1, Math.min(limit, at + longest)).includes('"')) value += sign
      else quoted = !quoted
      at++
    } else if (sign === '$' && second === '(' && text[at + 2] !== '(' && depth < deepest) run(at + 2, ')')
    else if (sign === '`' && closer !== '`' && depth < deepest) run(at + 1, '`')
    else if (quoted) {
      value += sign
      at++
    } else if (sign === "'") {
      const size = text.slice(at + 1, Math.min(limit, at + longest)).indexOf("'")
      value += size < 0 ? sign : text.slice(at + 1, at + 1 + size)
      at += size < 0 ? 1 : size + 2
    } else if ((sign === '<' || sign === '>') && second === '(' && at === from && depth < deepest) {
      value += sign
      run(at + 2, ')')
    } else if (sign === '$' && (second === "'" || second === '"')) at++
    else if (sign <= ' ' || ';|&()<>'.includes(sign) || sign === closer) {
      if (at > from) break
      at++
      break
    } else {
      value += sign
      at++
    }
  }
  steps.take(50 + 10 * (at - from))
  return { value, start: from, end: Math.min(at, limit), runs, redirect }
}
