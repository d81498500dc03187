import { RE2JS } from 're2js'
import type { MaskedCall } from '../call.ts'
import { isObject, type Json } from '../json.ts'
import { type CedarPolicy, unquote } from './cedar-text.ts'
import type { Token } from './cedar-tokens.ts'
import { UnfitError } from './facts.ts'

/**
 * Regular expressions, which Cedar has not: `context.matched.contains("input.path matches ^/prod/")`. Such a fact is
 * computed before evaluation by a linear-time engine and named in the text, so that the evaluator, the solver and the
 * reader see the same thing. It holds when the expression is found anywhere in the field; a field that is missing, or no
 * string, matches nothing.
 */
export interface MatchedFact {
  readonly name: string
  readonly holds: (call: MaskedCall) => boolean
}

/** Longer expressions are not published, longer texts not judged. */
export const matchLimits = { expression: 1_000, text: 100_000, facts: 200 } as const

/** What a policy asks of `context.matched`; `undefined` where it is used in another way, or with what is no expression. */
export function matchedFacts({
  tokens,
}: Pick<CedarPolicy, 'tokens'>): readonly { readonly token: Token; readonly fact: MatchedFact | undefined }[] {
  return tokens.flatMap((token, index) => {
    const before = tokens[index - 1]?.text
    const of = tokens[index - 2]
    if (token.kind === 'string' && before === '[' && unquote(token.text) === 'matched') return [{ token, fact: undefined }]
    // `.matched` of anything that has a name of its own is not the context's.
    if (token.kind !== 'word' || token.text !== 'matched' || before !== '.' || (of?.kind === 'word' && of.text !== 'context')) return []
    const [dot, contains, open, name, close] = tokens.slice(index + 1, index + 6)
    const direct =
      of?.text === 'context' &&
      dot?.text === '.' &&
      contains?.text === 'contains' &&
      open?.text === '(' &&
      name?.kind === 'string' &&
      close?.text === ')'
    return [{ token: name ?? token, fact: direct ? matchedFact(unquote(name.text)) : undefined }]
  })
}

/** The fact of that name, or `undefined` when it is not `FIELD matches EXPRESSION`. */
export function matchedFact(name: string): MatchedFact | undefined {
  const [, field, expression] = /^((?:input\.)?[\w.-]{1,200}) matches ([^]+)$/u.exec(name) ?? []
  if (field === undefined || expression === undefined || expression.length > matchLimits.expression) return undefined
  const path = field.split('.')
  if ((path[0] !== 'input' || path.length < 2) && field !== 'tool' && field !== 'resource' && field !== 'session') return undefined
  let compiled: RE2JS
  try {
    compiled = RE2JS.compile(expression)
  } catch {
    return undefined
  }
  return {
    name,
    holds: (call) => {
      const text =
        path[0] === 'input'
          ? memberOf(call.input, path.slice(1))
          : { tool: call.tool.name, resource: call.resource, session: call.session }[field]
      if (typeof text !== 'string') return false
      if (text.length > matchLimits.text)
        throw new UnfitError(`\`${field}\` is longer than the ${matchLimits.text} characters that are judged`)
      return compiled.matcher(text).find()
    },
  }
}

function memberOf(value: Json, path: readonly string[]): Json | undefined {
  const [name, ...rest] = path
  if (name === undefined) return value
  const member = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
  return member === undefined ? undefined : memberOf(member, rest)
}
