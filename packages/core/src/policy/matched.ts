import { RE2JS } from 're2js'
import type { MaskedCall } from '../call.ts'
import { isObject, type Json } from '../json.ts'
import { type CedarPolicy, unquote } from './cedar-text.ts'
import type { Token } from './cedar-tokens.ts'
import { UnfitError } from './facts.ts'
import { canonicalPath } from './path.ts'

/**
 * Regular expressions, which Cedar has not: `context.matched.contains("input.path matches ^/prod/")`. Such a fact is
 * computed before evaluation by a linear-time engine and named in the text, so that the evaluator, the solver and the
 * reader see the same thing. It holds when the expression is found anywhere in the field; a field that is missing
 * matches nothing, and a call in which it is no string is refused. The resource is its canonical reading (`path.ts`), unless `resource` says otherwise; `anyCase` finds it
 * in capitals or not.
 */
export interface MatchedFact {
  readonly name: string
  readonly holds: (call: MaskedCall, resource?: string, anyCase?: boolean) => boolean
  /** What finding out may take: steps of the expression times characters of the text. */
  readonly work: (call: MaskedCall, resource?: string) => number
}

/**
 * Longer expressions are not published, longer texts not judged. `program`: the steps that one expression is compiled to,
 * counted repetitions written out, at most; `programs`: those of all of a set. `work`: steps times characters for one call.
 */
export const matchLimits = { expression: 1_000, text: 100_000, facts: 200, program: 2_500, programs: 10_000, work: 20_000_000 } as const

/** What a policy asks of `context.matched`; `undefined` where it is used in another way, or with what is no expression. */
export function matchedFacts(
  policy: Pick<CedarPolicy, 'tokens'>,
): readonly { readonly token: Token; readonly fact: MatchedFact | undefined }[] {
  return matchedNames(policy).map(({ token, name }) => ({ token, fact: name === undefined ? undefined : matchedFact(name) }))
}

/** The names by which a policy asks `context.matched`; `undefined` where it is used in another way. */
export function matchedNames({
  tokens,
}: Pick<CedarPolicy, 'tokens'>): readonly { readonly token: Token; readonly name: string | undefined }[] {
  return tokens.flatMap((token, index) => {
    const before = tokens[index - 1]?.text
    const of = tokens[index - 2]
    if (token.kind === 'string' && before === '[' && unquote(token.text) === 'matched') return [{ token, name: undefined }]
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
    return [{ token: name ?? token, name: direct ? unquote(name.text) : undefined }]
  })
}

interface Asked {
  readonly field: string
  readonly path: readonly string[]
  readonly expression: string
}

/** Reads `FIELD matches EXPRESSION`. */
function askedBy(name: string): Asked | undefined {
  const [, field, expression] = /^((?:input\.)?[\w.-]{1,200}) matches ([^]+)$/u.exec(name) ?? []
  if (field === undefined || expression === undefined || expression.length > matchLimits.expression) return undefined
  const path = field.split('.')
  if ((path[0] !== 'input' || path.length < 2) && field !== 'tool' && field !== 'resource' && field !== 'session') return undefined
  return { field, path, expression }
}

/** The field that a fact of that name is about, if it is one. */
export function fieldMatched(name: string): string | undefined {
  return askedBy(name)?.field
}

/** Whether a call has something else than text where policies match `input.<path>`: nobody can tell then what it matches. */
export function isNoText(input: Json | undefined, path: readonly string[]): boolean {
  const [name, ...rest] = path
  if (input === undefined || input === null) return false
  if (name === undefined) return typeof input !== 'string'
  return !isObject(input) || (Object.hasOwn(input, name) && isNoText(input[name], rest))
}

/** Why a fact of that name is not published, if so. Little is done for an expression that is too large. */
export function matchProblem(name: string): string | undefined {
  const asked = askedBy(name)
  const help = `write a string field and an expression of RE2 of at most ${matchLimits.expression} characters, such as \`input.path matches ^/prod/\``
  if (!asked) return `A fact of \`context.matched\` is no expression that can be computed: ${help}.`
  const steps = weightOf(asked.expression)
  const size = steps > matchLimits.program ? steps : compiled(asked.expression)?.programSize()
  if (size === undefined) return `A fact of \`context.matched\` is no expression that can be computed: RE2 cannot read it; ${help}.`
  return size > matchLimits.program
    ? `An expression of \`context.matched\` comes to ${size} steps, its repetitions written out: at most ${matchLimits.program} are computed. Count to less, or use \`*\` and \`+\`.`
    : undefined
}

/** Whether the expression of a fact is too large whatever else it is, which takes no compiling to tell. */
export function isTooLarge(name: string): boolean {
  return weightOf(askedBy(name)?.expression ?? '') > matchLimits.program
}

/** Why facts of those names cannot be published together, if so. Nothing is compiled for that. */
export function matchProblemOfAll(all: readonly string[]): string | undefined {
  const names = new Set(all)
  if (names.size > matchLimits.facts)
    return `The set asks for ${names.size} regular expressions: at most ${matchLimits.facts} are computed.`
  const steps = [...names].reduce((sum, name) => sum + weightOf(askedBy(name)?.expression ?? ''), 0)
  return steps > matchLimits.programs
    ? `The regular expressions of the set come to ${steps} steps, their repetitions written out: at most ${matchLimits.programs} are computed.`
    : undefined
}

/** The fact of that name, or `undefined` when it is not `FIELD matches EXPRESSION`. Its size is bounded when it is published. */
export function matchedFact(name: string): MatchedFact | undefined {
  const asked = askedBy(name)
  const expression = asked && compiled(asked.expression)
  if (!expression) return undefined
  const { field, path } = asked
  const steps = expression.programSize()
  let folded: RE2JS | undefined
  const textOf = (call: MaskedCall, resource = canonicalPath(call.resource)) =>
    path[0] === 'input' ? memberOf(call.input, path.slice(1)) : { tool: call.tool.name, resource, session: call.session }[field]
  return {
    name,
    work: (call, resource) => {
      const text = textOf(call, resource)
      return typeof text === 'string' ? steps * Math.min(text.length, matchLimits.text) : 0
    },
    holds: (call, resource, anyCase = false) => {
      const text = textOf(call, resource)
      if (typeof text !== 'string') return false
      if (text.length > matchLimits.text)
        throw new UnfitError(`\`${field}\` is longer than the ${matchLimits.text} characters that are judged`)
      if (anyCase && field === 'resource') {
        folded ??= RE2JS.compile(asked.expression, RE2JS.CASE_INSENSITIVE)
        return folded.matcher(text).find()
      }
      return expression.matcher(text).find()
    },
  }
}

/** What finding out which of these facts hold may take, with what was `spent`. Throws an `UnfitError` when that is more than one call may. */
export function boundWork(call: MaskedCall, facts: readonly MatchedFact[], resource?: string, spent = 0): number {
  const work = facts.reduce((sum, each) => sum + each.work(call, resource), spent)
  if (work > matchLimits.work)
    throw new UnfitError('its texts are too long for the regular expressions of the active policies: send less at once')
  return work
}

/** Compiled lately: policies ask for the same expression again and again. */
const lately = new Map<string, RE2JS>()
const mostLately = 200

function compiled(expression: string): RE2JS | undefined {
  const known = lately.get(expression)
  if (known) return known
  try {
    const fresh = RE2JS.compile(expression)
    for (const oldest of lately.keys()) if (lately.size >= mostLately) lately.delete(oldest)
    lately.set(expression, fresh)
    return fresh
  } catch {
    return undefined
  }
}

/** One for each thing that an expression looks for; RE2 writes counted repetitions out. A class by property costs as much as many. */
const part =
  /\\Q[^]*?(?:\\E|$)|\\[pP](?:\{[^}]*\}|.)|\\x\{[^}]*\}|\\[^]|\[\^?\]?(?:\[:\^?\w+:\]|\\[^]|[^\]\\])*\]|\{(\d+)(,?)(\d*)\}|\(\?(?:P?<\w*>|[a-zA-Z-]*[:)])|[^]/gu

/** About how many steps RE2 compiles an expression to: an estimate made without compiling it. */
export function weightOf(expression: string): number {
  /** Of each open group, what stands in it so far; the last of it may yet be repeated. */
  const open: { sum: number; last: number }[] = [{ sum: 0, last: 0 }]
  const add = (weight: number) => {
    const top = open.at(-1)
    if (!top) return
    top.sum += top.last
    top.last = weight
  }
  const close = (): number => {
    const group = open.length > 1 ? open.pop() : undefined
    return group ? group.sum + group.last + 1 : 1
  }
  for (const [text, least, comma, most] of expression.matchAll(part)) {
    const top = open.at(-1)
    if (least !== undefined && top) top.last *= Math.max(1, Number(least) + (comma === ',' && most === '' ? 1 : 0), Number(most ?? 0))
    else if (text.startsWith('(') && !text.endsWith(')')) open.push({ sum: 0, last: 0 })
    else if (text === ')') add(close())
    else if (/^\\[pP]/u.test(text)) add(20)
    else if (text.startsWith('\\Q')) add(text.length)
    else add(1)
  }
  while (open.length > 1) add(close())
  const [whole] = open
  return Math.min(whole ? whole.sum + whole.last : 0, Number.MAX_SAFE_INTEGER)
}

function memberOf(value: Json, path: readonly string[]): Json | undefined {
  const [name, ...rest] = path
  if (name === undefined) return value
  const member = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
  return member === undefined ? undefined : memberOf(member, rest)
}
