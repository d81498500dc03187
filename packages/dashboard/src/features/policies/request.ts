import { readJson } from '@agentgate/api'
import type { EvaluateBody } from './queries.ts'

/** A call to judge, as the address carries it. `roles` are separated by spaces; `context` is JSON. */
export interface Asked {
  readonly who?: string
  readonly roles?: string
  readonly mfa?: 'yes'
  readonly action?: string
  readonly resource?: string
  readonly context?: string
}

export type Request =
  | { readonly ok: true; readonly body: EvaluateBody }
  | { readonly ok: false; readonly message: string; readonly line?: number }

/** The request, or what is wrong with its facts. */
export function requestOf(
  { who = '', roles = '', mfa, action = '', resource = '', context = '' }: Asked,
  subject: Partial<EvaluateBody>,
): Request {
  const facts = context.trim() === '' ? undefined : readJson(context)
  if (facts && !facts.ok) return { ok: false, message: `The facts are no JSON: ${facts.message}`, line: facts.place.line }
  if (facts && (typeof facts.value !== 'object' || facts.value === null || Array.isArray(facts.value)))
    return { ok: false, message: 'The facts are one object: `{ "input": { … } }`.' }
  return {
    ok: true,
    body: {
      ...subject,
      principal: { id: who, roles: roles.split(/[\s,]+/).filter(Boolean), mfa: mfa === 'yes' },
      action,
      resource,
      ...(facts && { context: facts.value as Record<string, unknown> }),
    },
  }
}

/** The input that a tool's schema asks for, with empty values: what is required, or, where nothing is, all of it. */
export function emptyInput(schema: unknown, depth = 0): unknown {
  if (!isRecord(schema) || depth > 8) return null
  const { type, properties, required, enum: choices, default: otherwise } = schema
  if (otherwise !== undefined) return otherwise
  if (Array.isArray(choices)) return choices[0] ?? null
  if (isRecord(properties)) {
    const needed = Array.isArray(required) && required.length > 0 ? required.map(String) : Object.keys(properties)
    return Object.fromEntries(needed.map((name) => [name, emptyInput(properties[name], depth + 1)]))
  }
  switch (type) {
    case 'string':
      return ''
    case 'integer':
    case 'number':
      return 0
    case 'boolean':
      return false
    case 'array':
      return []
    case 'object':
      return {}
    default:
      return null
  }
}

function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
