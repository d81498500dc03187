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
  const lines = text.slice(0, start).split(/\r\n?|\n/u)
  const line = lines.length
  const column = (lines.at(-1)?.length ?? 0) + 1
  const offending = text.slice(start, Math.max(end, start + 1))
  return { line, column, text: offending.length > 120 ? `${offending.slice(0, 119)}…` : offending }
}

/** UTF-16 offsets of byte offsets into the UTF-8 form of `text`, which is how Cedar counts. */
export function fromBytes(text: string): (byte: number) => number {
  const bytes = new TextEncoder().encode(text)
  const decoder = new TextDecoder()
  return bytes.length === text.length ? (byte) => byte : (byte) => decoder.decode(bytes.subarray(0, byte)).length
}
