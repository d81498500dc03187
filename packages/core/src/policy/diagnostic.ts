/** What is wrong with a policy set, and where: a value, never thrown. */
export interface Diagnostic {
  readonly code: DiagnosticCode
  readonly message: string
  /** What to do about it, where that is known. */
  readonly help?: string
  /** 1-based place in the Cedar text; columns count UTF-16 units. */
  readonly line?: number
  readonly column?: number
  /** The offending text, at most 120 characters of it. */
  readonly text?: string
  /** The policy's id. */
  readonly policy?: string
  /** JSON Pointer into the rules that the text was made from. */
  readonly path?: string
}

export type DiagnosticCode =
  /** Over 4 MiB: 413 over HTTP. Everything else is 422. */
  | 'too-large'
  | 'too-many-policies'
  | 'too-deep'
  | 'syntax'
  /** Does not fit the schema, or can never apply. */
  | 'type'
  | 'duplicate-id'
  | 'annotation'
  /** Quick or conditioned rules that are not what they should be. */
  | 'rule'
  /** A rule on an input field, and a tool that has had that field since the rule was compiled. */
  | 'uncovered'
  /** What a policy says of paths is most likely not what is meant: told, and published all the same. */
  | 'path'
  /** A literal is itself personal data. */
  | 'personal-data'
  /** Two registered tools claim one action name with different effects. */
  | 'action-conflict'

/** A diagnostic for people to read: of what a set holds, it repeats no more than helps to find it. */
export function shortened(diagnostic: Diagnostic): Diagnostic {
  const { message, help, policy, path } = diagnostic
  return {
    ...diagnostic,
    message: cut(message),
    ...(help !== undefined && { help: cut(help) }),
    ...(policy !== undefined && { policy: policy.length > 128 ? `${policy.slice(0, 127)}…` : policy }),
    ...(path !== undefined && path.length > 1_000 && { path: path.slice(0, path.lastIndexOf('/', 1_000)) }),
  }
}

function cut(text: string): string {
  const words = text.replaceAll(/\S{100,}/gu, (word) => `${word.slice(0, 79)}…${/\W*$/u.exec(word.slice(-3))?.[0] ?? ''}`)
  return words.length > 1_000 ? `${words.slice(0, 999)}…` : words
}

/** The place of the UTF-16 range `start` to `end` in `text`. Lines end at `\n`, `\r\n` or `\r`, as in editors. */
export function placeOf(text: string, start: number, end: number): { line: number; column: number; text: string } {
  const starts = lineStarts(text)
  const line = countUpTo(starts, start)
  const column = start - (starts[line - 1] ?? 0) + 1
  const offending = text.slice(start, Math.max(end, start + 1))
  return { line, column, text: offending.length > 120 ? `${offending.slice(0, 119)}…` : offending }
}

/** Many places of one text are asked for one after another: where its lines begin is found out once. */
let lately: { readonly text: string; readonly starts: readonly number[] } = { text: '', starts: [0] }

function lineStarts(text: string): readonly number[] {
  if (lately.text !== text) {
    const ends = text.matchAll(/\r\n?|\n/gu)
    lately = { text, starts: [0, ...Array.from(ends, ({ 0: end, index }) => index + end.length)] }
  }
  return lately.starts
}

/** How many of the ascending numbers are not above `most`. */
function countUpTo(numbers: readonly number[], most: number): number {
  let [low, high] = [0, numbers.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((numbers[middle] ?? 0) <= most) low = middle + 1
    else high = middle
  }
  return low
}

/** UTF-16 offsets of byte offsets into the UTF-8 form of `text`, which is how Cedar counts. */
export function fromBytes(text: string): (byte: number) => number {
  const bytes = new TextEncoder().encode(text)
  const decoder = new TextDecoder()
  return bytes.length === text.length ? (byte) => byte : (byte) => decoder.decode(bytes.subarray(0, byte)).length
}
