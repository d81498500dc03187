import { canonicalPath, charactersOf, folder, resolved, unescaped } from './path.ts'

/** The most ways that one path is read, and the longest that is read in more than one: what goes beyond is in no rule's reach. */
export const readingLimits = { readings: 32, characters: 4_096 } as const

/**
 * What some server, proxy or file system does to a path before it is looked up. Any of them may come first, and may come
 * again: `/a/%252e%252e/prod`.
 */
const habits: readonly ((text: string) => string)[] = [
  decoded,
  // Queries and fragments, of a folder; and what C takes for the end of a text.
  (text) => text.replace(/\/?[?#][^]*$/u, '/'),
  (text) => text.replace(/\p{Cc}[^]*$/u, ''),
  // Blanks around, and what nobody sees anywhere.
  (text) => text.replace(/^[\s\p{C}]+|(?<![\s\p{C}])[\s\p{C}]+$/gu, ''),
  (text) => text.replace(/[\p{C}\p{Default_Ignorable_Code_Point}]/gu, ''),
  // One form for all forms of a character: `／`, `ｐ`, `é` of two characters.
  (text) => text.normalize('NFKC'),
  (text) => text.replaceAll('\\', '/'),
  // Parameters of servlets: `..;x/`; and the dots and blanks that Windows drops.
  (text) => text.replace(/;[^/\\]*/gu, ''),
  (text) => text.replace(/(?<=[^/\\.\s])[. ]+(?=[/\\]|$)/gu, ''),
  (text) => text.replace(/(?<! ) +(?=[/\\]|$)/gu, ''),
  // Where files and hosts are: `file:///prod`, `C:\prod`, `//host/prod`.
  (text) => text.replace(/^file:(?:\/\/(?:localhost)?)?(?=\/)/iu, ''),
  (text) => text.replace(/^\/?[a-z]:(?=[/\\])/iu, ''),
  (text) => text.replace(/^\/\/[^/\\]+(?=[/\\])/u, ''),
  (text) => (text.startsWith('/') ? resolved(text) : text),
  (text) => (text.startsWith('/') ? folder(text) : text),
  // An address of the web, as clients read it before they ask.
  asAddress,
  // Who asks for a relative path under the root.
  (text) => (text === '' || text.startsWith('/') || scheme.test(text) ? text : `/${text}`),
]

const scheme = /^[a-z][a-z\d+.-]*:/iu

/** What needs no other reading, as long as case does not matter. */
const plain = /^(?:\/[\w-]+(?:\.[\w-]+)*)+$|^(?!file:)[a-z][a-z\d+-]+:[\w-]+$/iu

/**
 * The ways to read a resource besides its canonical one, those that begin with a slash and those that do not. `undefined`:
 * there are too many to judge.
 */
export function otherReadings(resource: string): readonly string[] | undefined {
  if (plain.test(resource)) return []
  if (resource.length > readingLimits.characters) return undefined
  const first = resource.startsWith('/') ? unescaped(resource) : resource
  const found = new Set([first])
  for (const text of found) {
    for (const habit of habits) found.add(habit(text))
    if (found.size > readingLimits.readings) return undefined
  }
  found.delete(canonicalPath(resource))
  found.delete('')
  return [...found]
}

/** The text without case, where case may not matter. */
export function withoutCase(text: string): string {
  return text.toUpperCase().toLowerCase()
}

/**
 * An address of the web as clients read it (WHATWG URL): its host in small letters, without the port that its scheme has and
 * without who asks, its path as other paths are read.
 */
function asAddress(text: string): string {
  if (!/^(?:https?|wss?|ftp):/iu.test(text)) return text
  let url: URL
  try {
    url = new URL(text)
  } catch {
    return text
  }
  const { protocol, host, pathname, search } = url
  return `${protocol}//${host}${resolved(unescaped(pathname))}${search}`
}

/** Percent-encoding undone once, with what old servers take for it: overlong bytes (`%c0%af`) and `%u002f`. */
function decoded(text: string): string {
  if (!text.includes('%')) return text
  return text
    .replace(/%(?:c|e0%8|f0%80%8)([01])%([89ab][\da-f])/giu, (_, high: string, low: string) =>
      String.fromCharCode((Number(high) << 6) | (Number.parseInt(low, 16) & 0x3f)),
    )
    .replace(/%u([\da-f]{4})/giu, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/(?:%[\da-f]{2})+/giu, (run) =>
      charactersOf(run)
        .map(({ escape, text: each = escape }) => each)
        .join(''),
    )
}
