/** What a piece of Cedar or JSON is, for its colour. */
export type Kind = 'comment' | 'string' | 'annotation' | 'permit' | 'forbid' | 'keyword' | 'entity' | 'number'

export interface Token {
  readonly from: number
  readonly to: number
  readonly kind: Kind
}

const grammar = new RegExp(
  [
    String.raw`(?<comment>\/\/.*)`,
    String.raw`(?<string>"(?:[^"\\]|\\.)*"?)`,
    String.raw`(?<annotation>@[A-Za-z_]\w*)`,
    String.raw`(?<permit>\bpermit\b)`,
    String.raw`(?<forbid>\bforbid\b)`,
    String.raw`(?<keyword>\b(?:principal|action|resource|context|when|unless|if|then|else|in|is|has|like|true|false|null)\b)`,
    String.raw`(?<entity>\b[A-Za-z_]\w*(?=::))`,
    String.raw`(?<number>-?\b\d+(?:\.\d+)?\b)`,
  ].join('|'),
  'g',
)

/** The tokens of one line that have a colour. A guess by the eye's rules, never by the language's: the server parses. */
export function tokensOf(line: string): readonly Token[] {
  // Lines longer than any person writes are left plain.
  if (line.length > 2000) return []
  return [...line.matchAll(grammar)].flatMap((found) => {
    const kind = Object.entries(found.groups ?? {}).find(([, text]) => text !== undefined)?.[0] as Kind | undefined
    return kind ? [{ from: found.index, to: found.index + found[0].length, kind }] : []
  })
}
