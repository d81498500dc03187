/**
 * Percent-encoding of what needs none (RFC 3986, 6.2.2.2), or of what would part or end a path: a slash, a backslash, a
 * control character.
 */
const encoded = /%(?:[01][\da-f]|2[def]|3\d|[46][1-9a-f]|[57][\da]|5[cf]|7[ef])/iu

/**
 * The paths above an absolute path, nearest last; of what is no path, none. `undefined` for another spelling than the
 * shortest, which would get round rules on the path that it means: `/prod/`, `/a/../prod`, `/prod//db`, `/prod%2fdb`, `\prod`.
 */
export function pathsAbove(resource: string): readonly string[] | undefined {
  if (!/^[/\\]/u.test(resource) || resource === '/') return []
  if (/[\\\p{Cc}]/u.test(resource) || encoded.test(resource)) return undefined
  const parts = resource.split('/').slice(1)
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return undefined
  return parts.slice(0, -1).map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)
}
