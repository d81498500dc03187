/** A `like` pattern: texts with a wildcard between each two. One text alone is itself. A wildcard matches any text, the empty one too. */
export type Pattern = readonly string[]

export function matches(text: string, [first = '', ...rest]: Pattern): boolean {
  const last = rest.pop()
  if (last === undefined) return text === first
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false
  let between = text.slice(first.length, text.length - last.length)
  for (const part of rest) {
    const at = between.indexOf(part)
    if (at < 0) return false
    between = between.slice(at + part.length)
  }
  return true
}
