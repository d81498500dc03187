import type { Json } from '../json.ts'
import { canonical, digestOf, limits, type Read, readCedar, typeErrors, unquote } from './cedar-text.ts'
import { type Diagnostic, placeOf } from './diagnostic.ts'
import type { PolicySet } from './policies.ts'
import { compileQuickRules } from './quick-rules.ts'
import { cedarSchema, type PolicyTool } from './schema.ts'

/** The ways in. All end as Cedar text that people can see. */
export type PolicySource = { readonly form: 'cedar'; readonly text: string } | { readonly form: 'quick'; readonly rules: Json }

export interface PublishOptions {
  /** The tenant's registered tools: the set must fit the schema that they make. */
  readonly tools: readonly PolicyTool[]
  /** Names the kind of personal data that a literal is, if it is one. */
  readonly personal?: (literal: string) => string | undefined
}

/** What a store needs to publish a set, besides its id and who published it. `text` is canonical, and `digest` its SHA-256. */
export type Publishable = Pick<PolicySet, 'text' | 'digest' | 'source'>

/** Reads, compiles, validates and formats a set: all of it, or every reason why not. Nothing is half-accepted. */
export function preparePolicySet(source: PolicySource, { tools, personal }: PublishOptions): Read<{ readonly set: Publishable }> {
  const compiled = compile(source)
  if (!compiled.ok) return compiled
  const { text } = compiled
  const read = readCedar(text)
  if (!read.ok) return read
  const { schema, errors: conflicts } = cedarSchema(tools)
  const types = conflicts.length > 0 ? [] : typeErrors(text, read.policies, schema)
  const errors = [...conflicts, ...types, ...personalErrors(text, read.policies, personal)]
  if (errors.length > 0) return { ok: false, errors: source.form === 'cedar' ? errors : errors.map(atRule) }
  const formatted = canonical(text)
  const again = readCedar(formatted)
  if (!again.ok) return again
  const kept = source.form === 'cedar' ? {} : { source: { form: source.form, json: JSON.stringify(source.rules) } }
  return { ok: true, set: { text: formatted, digest: digestOf(formatted), ...kept } }
}

function compile(source: PolicySource): Read<{ readonly text: string }> {
  switch (source.form) {
    case 'cedar':
      return { ok: true, text: source.text }
    case 'quick': {
      const size = JSON.stringify(source.rules).length
      const message = `The rules have ${size} characters: at most ${limits.bytes} (4 MiB) are read.`
      return size > limits.bytes ? { ok: false, errors: [{ code: 'too-large', message }] } : compileQuickRules(source.rules)
    }
  }
}

/** Rules know no lines: what is wrong with a compiled policy is told at the rule that it came from. */
function atRule(error: Diagnostic): Diagnostic {
  return error.policy === undefined ? error : { ...error, path: `/${error.policy}` }
}

function personalErrors(
  text: string,
  policies: Extract<ReturnType<typeof readCedar>, { ok: true }>['policies'],
  personal: PublishOptions['personal'],
): readonly Diagnostic[] {
  if (!personal) return []
  return policies.flatMap(({ id, tokens }) =>
    tokens.flatMap((token): readonly Diagnostic[] => {
      const kind = token.kind === 'string' ? personal(unquote(token.text)) : undefined
      if (kind === undefined) return []
      const { line, column } = placeOf(text, token.start, token.end)
      const message = `A literal of the policy \`${id}\` is itself personal data (${kind}): policies are read, stored and shown in the clear.`
      return [
        {
          code: 'personal-data',
          message,
          help: 'Judge by the derived facts: `context.pii_kinds`, `context.pii_count`, `context.email_domains`.',
          line,
          column,
          policy: id,
        },
      ]
    }),
  )
}
