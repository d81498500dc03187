/**
 * Percent-encoding of what needs none (RFC 3986, 6.2.2.2), or of what would part or end a path: a slash, a backslash, a
 * control character.
 */
const encoded = /%(?:[01][\da-f]|2[def]|3\d|[46][1-9a-f]|[57][\da]|5[cf]|7[ef])/iu

/** The folder that a path with a last slash names: `/prod` of `/prod/`. Anything else is itself. */
export function folderOf(resource: string): string {
  return /^\/[^]*[^/]\/$/u.test(resource) ? resource.slice(0, -1) : resource
}

/**
 * The paths above an absolute path, nearest last; of what is no path, none. `/prod/` is what lies under `/prod`. `undefined`
 * for another spelling, which would get round rules on the path that it means: `/a/../prod`, `/prod//db`, `/prod%2fdb`, `\prod`.
 */
export function pathsAbove(resource: string): readonly string[] | undefined {
  if (!/^[/\\]/u.test(resource) || resource === '/') return []
  if (/[\\\p{Cc}]/u.test(resource) || encoded.test(resource)) return undefined
  const parts = folderOf(resource).split('/').slice(1)
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return undefined
  const above = resource.endsWith('/') ? parts : parts.slice(0, -1)
  return above.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)
}
