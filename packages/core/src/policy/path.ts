/** What stays encoded in a path: what is reserved (RFC 3986, 2.2), a percent sign, a backslash, and what nobody sees. */
const stays = /[:/?#[\]@!$&'()*+,;=%\\\p{C}\p{Default_Ignorable_Code_Point}]/u

/**
 * The one reading of a path that begins with a slash, for rules: characters that need no encoding (RFC 3986, 6.2.2.2; those
 * of RFC 3987 too) stand for themselves, the other escapes in capitals; `.`, `..` and doubled slashes are resolved; a folder
 * has no slash after it. `/prod/caf%c3%a9/` is `/prod/café`. Anything else is a name, and itself.
 */
export function canonicalPath(resource: string): string {
  return resource.startsWith('/') ? folder(resolved(unescaped(resource))) : resource
}

/** The path with the escapes that it needs, and no others. A percent sign that begins no escape leaves all as they are. */
export function unescaped(path: string): string {
  if (!path.includes('%') || /%(?![\da-f]{2})/iu.test(path)) return path
  return path.replace(/(?:%[\da-f]{2})+/giu, (run) =>
    charactersOf(run)
      .map((each) => (each.text === undefined || stays.test(each.text) ? each.escape.toUpperCase() : each.text))
      .join(''),
  )
}

/** `.`, `..` and doubled slashes resolved; a slash at the end stays. */
export function resolved(path: string): string {
  if (!/\/(?:\.{0,2}\/|\.{1,2}$)/u.test(path)) return path
  const kept: string[] = []
  const parts = path.split('/').slice(1)
  for (const part of parts) {
    if (part === '..') kept.pop()
    else if (part !== '' && part !== '.') kept.push(part)
  }
  const open = ['', '.', '..'].includes(parts.at(-1) ?? '')
  return kept.length === 0 ? '/' : `/${kept.join('/')}${open ? '/' : ''}`
}

/** The folder that a path with a last slash names: `/prod` of `/prod/`. */
export function folder(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}

/** The paths above a path, nearest last: of what does not begin with a slash, none. `/prod/` is what lies under `/prod`. */
export function pathsAbove(path: string): readonly string[] {
  if (!path.startsWith('/')) return []
  const ends = [...path.matchAll(/\//gu)].map(({ index }) => index).filter((at) => at > 0)
  return ends.map((at) => path.slice(0, at))
}

interface Encoded {
  readonly escape: string
  /** Absent where the bytes are no UTF-8. */
  readonly text?: string
}

/** What escapes that follow each other stand for, character by character. */
export function charactersOf(run: string): readonly Encoded[] {
  const found: Encoded[] = []
  for (let at = 0; at < run.length; ) {
    const first = Number.parseInt(run.slice(at + 1, at + 3), 16)
    const size = 3 * (first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4)
    const text = decodedWhole(run.slice(at, at + size))
    const escape = run.slice(at, at + (text === undefined ? 3 : size))
    found.push({ escape, ...(text !== undefined && { text }) })
    at += escape.length
  }
  return found
}

function decodedWhole(escape: string): string | undefined {
  try {
    return decodeURIComponent(escape)
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
}
