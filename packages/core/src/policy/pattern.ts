import type { PatternElem } from '@cedar-policy/cedar-wasm/nodejs'

/** Whether a text matches a `like` pattern. Each literal part is looked for once, left to right: no backtracking. */
export function matcher(pattern: readonly PatternElem[]): (text: string) => boolean {
  const parts = ['']
  for (const each of pattern) {
    if (each === 'Wildcard') parts.push('')
    else parts[parts.length - 1] += each.Literal
  }
  const [first = '', ...rest] = parts
  const last = rest.pop()
  if (last === undefined) return (text) => text === first
  const middle = rest.filter((part) => part !== '')
  return (text) => {
    const end = text.length - last.length
    if (end < first.length || !text.startsWith(first) || !text.endsWith(last)) return false
    let at = first.length
    for (const part of middle) {
      const found = text.indexOf(part, at)
      if (found < 0 || found + part.length > end) return false
      at = found + part.length
    }
    return true
  }
}
