import { type Diagnostic, type PolicyDraft, type PolicyForm, type PolicyVersion, readJson, type Typed } from '@agentgate/api'
import type { Complaint } from './code-mirror.ts'

/** The three ways to write a set. All become Cedar. */
export type Form = 'cedar' | 'quick' | 'conditioned'
export const forms: { readonly [form in Form]: string } = { cedar: 'Cedar', quick: 'Quick rules', conditioned: 'Conditioned rules' }

/** What is being written: the text in its form, and what must hold of it. */
export interface Working {
  readonly form: Form
  readonly text: string
  readonly invariants: string
}

/** What a new text of each form begins with. */
export const blank: { readonly [form in Form]: string } = {
  cedar: `// What is not permitted is denied. A forbid always wins.
@id("reads")
@advice("Reads of registered tools are permitted to developers.")
permit (principal in Role::"developer", action in Action::"read", resource);
`,
  quick: `{
  "pre_rules": [
    { "type": "permit", "action": "read", "resource": "*" },
    { "type": "deny", "action": "delete", "resource": "/prod/*" }
  ]
}
`,
  conditioned: `{
  "policy_set_id": "my-rules",
  "version": "1",
  "default_effect": "deny",
  "rules": [
    {
      "rule_id": "developers-read",
      "effect": "allow",
      "conditions": [
        { "field": "role", "operator": "eq", "value": "developer" },
        { "field": "action", "operator": "eq", "value": "read" }
      ]
    }
  ]
}
`,
}

/** A saved text as it was written. */
export function workingOf({ text, source, invariants = '' }: Pick<PolicyDraft | PolicyVersion, 'text' | 'source' | 'invariants'>): Working {
  return source ? { form: source.form, text: indented(source.json), invariants } : { form: 'cedar', text, invariants }
}

function indented(json: string): string {
  const read = readJson(json)
  return read.ok && !json.includes('\n') ? `${JSON.stringify(read.value, null, 2)}\n` : json
}

/** What is sent, or why it cannot be: rules are JSON, read here first. */
export type Ready =
  | { readonly ok: true; readonly policy: PolicyForm; readonly typed?: Extract<Typed, { ok: true }> }
  | { readonly ok: false; readonly complaints: readonly Problem[] }

export function ready({ form, text }: Pick<Working, 'form' | 'text'>): Ready {
  if (form === 'cedar') return { ok: true, policy: { text } }
  const typed = readJson(text)
  if (!typed.ok) return { ok: false, complaints: [{ message: typed.message, ...typed.place, in: 'policy' }] }
  if (typeof typed.value !== 'object' || typed.value === null || Array.isArray(typed.value))
    return { ok: false, complaints: [{ message: 'Rules are one object: `{ … }`.', line: 1, column: 1, in: 'policy' }] }
  const rules = typed.value as Record<string, unknown>
  return { ok: true, policy: form === 'quick' ? { quick: rules } : { conditioned: rules }, typed }
}

/** Something wrong, as the editor marks it and the list says it. */
export interface Problem extends Complaint {
  readonly in: 'policy' | 'invariants'
  readonly help?: string | undefined
  readonly policy?: string | undefined
}

/** The server's diagnostics, with the line of the rule where the text is rules: those name a member, not a line. */
export function problemsOf(diagnostics: readonly Diagnostic[], typed?: Extract<Typed, { ok: true }>): readonly Problem[] {
  return diagnostics.map(({ message, help, line, column, text, policy, path, in: of = 'policy' }) => {
    const said = { message, help, policy, in: of }
    if (typed && of === 'policy') return { ...said, ...typed.placeOf(path ?? '') }
    return { ...said, line, column, text }
  })
}

export const same = (a: Working, b: Working) => a.form === b.form && a.text === b.text && a.invariants === b.invariants
