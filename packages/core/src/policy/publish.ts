import { isObject, type Json } from '../json.ts'
import { type Awaits, awaitedActions, mayApplyLater, withAwaited } from './awaited.ts'
import { type CedarPolicy, canonical, digestOf, limits, type Read, readCedar, tooLarge, unquote } from './cedar-text.ts'
import { compileConditionedRules } from './conditioned-rules.ts'
import { type Diagnostic, placeOf, shortened } from './diagnostic.ts'
import { pathAdvice } from './path-advice.ts'
import type { PolicySet } from './policies.ts'
import { matchedFields } from './matched-fields.ts'
import { isTooLarge, matchedNames, matchProblem, matchProblemOfAll } from './matched.ts'
import { type Compiled, compileQuickRules } from './quick-rules.ts'
import { cedarSchema, type PolicyTool } from './schema.ts'
import { type Supplies, unsupplied } from './supplied.ts'
import { typeErrors } from './type-errors.ts'

/** The ways in. All end as Cedar text that people can see. */
export type PolicySource =
  | { readonly form: 'cedar'; readonly text: string }
  | { readonly form: 'quick'; readonly rules: Json }
  | { readonly form: 'conditioned'; readonly rules: Json }

/** What `preparePolicySet` made, which may be larger than what somebody may write. */
export interface PublishedText {
  readonly form: 'published'
  readonly text: string
}

export interface PublishOptions {
  /** The tenant's registered tools: the set must fit the schema that they make. */
  readonly tools: readonly PolicyTool[]
  /** Names the kind of personal data that a literal holds, if it holds any. */
  readonly personal?: (literal: string) => string | undefined
  /** Which tools may be registered later. Unless given none: a policy that names another is refused. */
  readonly awaits?: Awaits
  /** What can discharge obligations here. Unless given, an obligation may ask for anything. */
  readonly supplies?: Supplies
}

/** What a store needs to publish a set, besides its id and who published it. `text` is canonical, and `digest` its SHA-256. */
export type Publishable = Pick<PolicySet, 'text' | 'digest' | 'source'>

/** A set that was read and fits the tools. `awaited`: the actions that it names and nobody registered, where it may. */
export interface Fitting {
  /** Cedar, as written or compiled. */
  readonly text: string
  readonly awaited: readonly string[]
  /** What is most likely not meant, and is published all the same. */
  readonly warnings: readonly Diagnostic[]
}

/** Reads, compiles, validates and formats a set: all of it, or every reason why not. Nothing is half-accepted. */
export function preparePolicySet(
  source: PolicySource,
  options: PublishOptions,
): Read<{ readonly set: Publishable; readonly policies: number } & Pick<Fitting, 'awaited' | 'warnings'>> {
  const fitting = fitPolicySet(source, options)
  if (!fitting.ok) return fitting
  const formatted = canonical(fitting.text)
  const again = readCedar(formatted)
  if (!again.ok) return again
  const kept = source.form === 'cedar' ? {} : { source: { form: source.form, json: JSON.stringify(source.rules) } }
  const set = { text: formatted, digest: digestOf(formatted), ...kept }
  return { ok: true, awaited: fitting.awaited, warnings: fitting.warnings, policies: again.policies.length, set }
}

/** Everything that `preparePolicySet` finds wrong, without making a set to publish: as tools come and go, the set stays. */
export function fitPolicySet(
  source: PolicySource | PublishedText,
  { tools, personal, awaits, supplies = {} }: PublishOptions,
): Read<Fitting> {
  const compiled = compile(source, tools)
  if (!compiled.ok) return { ok: false, errors: compiled.errors.map(shortened) }
  const { text, paths } = compiled
  const read = readCedar(text)
  if (!read.ok) return read
  const { schema, errors: conflicts } = cedarSchema(tools)
  const { policies } = read
  const awaited = awaits ? awaitedActions(policies, schema) : new Map<string, readonly string[]>()
  const names = [...new Set([...awaited.values()].flat())]
  const excused = awaits && ((policy: CedarPolicy) => awaited.has(policy.id) || mayApplyLater(policy, awaits))
  const types = conflicts.length > 0 ? [] : typeErrors(text, policies, withAwaited(schema, names), excused)
  const fields = matchedFields(text, policies, tools, excused)
  const errors = [
    ...conflicts,
    ...types,
    ...matchErrors(text, policies),
    ...fields.errors,
    ...unsupplied(text, policies, supplies),
    ...personalLiterals(text, policies, personal),
    ...personalRules(source, personal),
  ]
  if (errors.length > 0) return { ok: false, errors: errors.map((error) => atRule(error, paths)) }
  return {
    ok: true,
    text,
    awaited: names,
    warnings: [...pathAdvice(text, policies), ...fields.warnings].map((each) => atRule(each, paths)),
  }
}

function compile(source: PolicySource | PublishedText, tools: readonly PolicyTool[]): Compiled {
  if (source.form === 'published') return { ok: true, text: source.text, paths: new Map() }
  if (source.form === 'cedar') {
    const large = tooLarge(source.text)
    return large ? { ok: false, errors: [large] } : { ok: true, text: source.text, paths: new Map() }
  }
  const size = JSON.stringify(source.rules).length
  const message = `The rules have ${size} characters: at most ${limits.bytes} (4 MiB) are read.`
  if (size > limits.bytes) return { ok: false, errors: [{ code: 'too-large', message }] }
  if (source.form === 'quick') return compileQuickRules(source.rules)
  const matched = matchedIn(source.rules)
  const tooMany = matched.some(isTooLarge) ? undefined : matchProblemOfAll(matched)
  return tooMany === undefined
    ? compileConditionedRules(source.rules, tools)
    : { ok: false, errors: [{ code: 'rule', message: tooMany, path: '/rules' }] }
}

/** Whoever wrote rules knows no lines: what is wrong with a compiled policy is told at the rule that it came from. */
function atRule(error: Diagnostic, paths: ReadonlyMap<string, string>): Diagnostic {
  const path = error.policy === undefined ? undefined : paths.get(error.policy)
  return path === undefined ? error : { ...error, path }
}

/** `context.matched` is computed from its names, so it is asked for them directly, and for no others. */
function matchErrors(text: string, policies: readonly CedarPolicy[]): readonly Diagnostic[] {
  const asked = policies.flatMap((policy) => matchedNames(policy).map((each) => ({ ...each, policy: policy.id })))
  const large = asked.filter(({ name }) => name !== undefined && isTooLarge(name))
  const tooMany = matchProblemOfAll(asked.flatMap(({ name }) => name ?? []))
  if (tooMany !== undefined && large.length === 0) return [{ code: 'type', message: tooMany }]
  return (large.length > 0 ? large : asked).flatMap(({ name, token, policy }) => {
    const message = matchProblem(name ?? '')
    return message === undefined ? [] : [{ code: 'type', message, policy, ...placeOf(text, token.start, token.end) }]
  })
}

/** What conditioned rules would ask of `context.matched`, whatever else is wrong with them. */
function matchedIn(rules: Json): readonly string[] {
  const listed = (value: Json | undefined) => (Array.isArray(value) ? value.filter((each: Json) => isObject(each)) : [])
  const conditions = listed(isObject(rules) ? rules['rules'] : undefined).flatMap((rule) => listed(rule['conditions']))
  return conditions.flatMap(({ field, operator, value }) =>
    operator === 'matches' && typeof field === 'string' && typeof value === 'string' ? [`${field} matches ${value}`] : [],
  )
}

/** Literals that are read as numbers, never as texts: networks and spans of time. */
const numeric = new Set(['ip', 'duration'])

/** Characters. Longer ones are not looked through for personal data, so they are not published. */
const longestLiteral = 100_000

/** The places of literals that hold personal data, which is not repeated, or that are too long to tell. */
export function personalLiterals(
  text: string,
  policies: readonly CedarPolicy[],
  personal: PublishOptions['personal'],
): readonly Diagnostic[] {
  if (!personal) return []
  const literals = policies.flatMap(({ id, tokens }) => {
    const shown = personal(id) === undefined ? id : undefined
    return tokens.flatMap((token, index): readonly Diagnostic[] => {
      const plain = token.kind !== 'string' || (tokens[index - 1]?.text === '(' && numeric.has(tokens[index - 2]?.text ?? ''))
      const { line, column } = placeOf(text, token.start, token.end)
      const of = shown === undefined ? 'a policy' : `the policy \`${shown}\``
      if (token.text.length > longestLiteral)
        return [{ code: 'too-large', message: `A literal of ${of} has more than ${longestLiteral} characters.`, line, column }]
      const kind = plain ? undefined : personal(unquote(token.text))
      if (kind === undefined) return []
      return [
        {
          code: 'personal-data',
          message: `A literal of ${of} holds personal data (${kind}): policies are read, stored and shown in the clear.`,
          help: 'Judge by the derived facts: `context.pii_kinds`, `context.pii_count`, `context.email_domains`.',
          line,
          column,
          ...(shown !== undefined && { policy: shown }),
        },
      ]
    })
  })
  return [...literals, ...personalComments(text, policies, personal)]
}

/** The places of comments that hold personal data: they are kept with the text. */
function personalComments(
  text: string,
  policies: readonly CedarPolicy[],
  personal: NonNullable<PublishOptions['personal']>,
): readonly Diagnostic[] {
  const found: Diagnostic[] = []
  const look = (start: number, end: number) => {
    for (const { 0: comment, index } of text.slice(start, end).matchAll(/\/\/[^\n]*/gu)) {
      const kind = comment.length > longestLiteral ? 'too long to tell' : personal(comment.slice(2))
      const { line, column } = placeOf(text, start + index, start + index + 2)
      const message = `A comment holds personal data (${kind}): policies are read, stored and shown in the clear.`
      if (kind !== undefined) found.push({ code: 'personal-data', message, line, column })
    }
  }
  let at = 0
  for (const { start, end } of policies.flatMap(({ tokens }) => tokens)) {
    if (start - at > 2) look(at, start)
    at = end
  }
  look(at, text.length)
  return found
}

/** The places in rules, kept as they were written, of what never becomes Cedar and holds personal data. */
function personalRules(source: PolicySource | PublishedText, personal: PublishOptions['personal']): readonly Diagnostic[] {
  if (!personal || !('rules' in source) || !isObject(source.rules)) return []
  return Object.entries(source.rules).flatMap(([name, value]): readonly Diagnostic[] => {
    const kind = typeof value !== 'string' ? undefined : value.length > longestLiteral ? 'too long to tell' : personal(value)
    const message = `\`${name}\` holds personal data (${kind}): policies are read, stored and shown in the clear.`
    return kind === undefined ? [] : [{ code: 'personal-data', message, path: `/${name}` }]
  })
}
