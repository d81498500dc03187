import { smtString } from './smt-text.ts'
import type { Term, Terms } from './term.ts'

/** A `like` pattern: texts with a wildcard between each two. */
export type Pattern = readonly string[]

/**
 * Whether a text matches a pattern. Over bytes this is exact: in UTF-8 no character is found inside another.
 * A wildcard matches any text, the empty one too.
 */
export function like(t: Terms, text: Term, pattern: Pattern): Term {
  const [first = '', ...rest] = pattern
  if (rest.length === 0) return t.eq(text, t.string(first))
  if (pattern.every((part) => part === '')) return t.bool(true)
  if (typeof text.literal === 'string') return t.bool(matches(text.literal, pattern))
  return t.inLanguage(text, concatenation(pattern))
}

function concatenation(pattern: Pattern): string {
  const parts: string[] = []
  for (const [index, part] of pattern.entries()) {
    if (index > 0 && parts.at(-1) !== 're.all') parts.push('re.all')
    if (part !== '') parts.push(`(str.to_re ${smtString(part)})`)
  }
  return parts.length === 1 ? (parts[0] ?? '') : `(re.++ ${parts.join(' ')})`
}

function matches(text: string, [first = '', ...rest]: Pattern): boolean {
  const last = rest.pop() ?? ''
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false
  let between = text.slice(first.length, text.length - last.length)
  for (const part of rest) {
    const at = between.indexOf(part)
    if (at < 0) return false
    between = between.slice(at + part.length)
  }
  return true
}
