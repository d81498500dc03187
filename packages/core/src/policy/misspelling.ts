import type { ActionConstraint, SchemaJson, Type } from '@cedar-policy/cedar-wasm/nodejs'
import { unquote } from './cedar-text.ts'
import type { Token } from './cedar-tokens.ts'

/** A member of the context that a policy names, and that no call has which it could apply to. */
export interface Misspelling {
  readonly token: Token
  /** `context.input.amuont` */
  readonly path: string
  /** What is there instead, where something is spelt nearly so. */
  readonly meant: string | undefined
}

/** The misspellings in a policy's tokens, each once. `action` is the policy's scope. */
export function misspellings(tokens: readonly Token[], action: ActionConstraint, schema: SchemaJson<string>): readonly Misspelling[] {
  const contexts = contextsOf(action, schema)
  if (contexts.length === 0) return []
  const found = new Map<string, Misspelling>()
  tokens.forEach(({ kind, text }, at) => {
    const before = tokens[at - 1]?.text
    if (kind !== 'word' || text !== 'context' || before === '.' || before === '::') return
    const missing = missingFrom(contexts, stepsFrom(tokens, at + 1))
    if (missing && !found.has(missing.path)) found.set(missing.path, missing)
  })
  return [...found.values()]
}

interface Step {
  readonly token: Token
  readonly name: string
}

/** `.input["to whom"]`, ` has input.amount`: what follows `context`, up to a call or an operator. */
function stepsFrom(tokens: readonly Token[], start: number): readonly Step[] {
  const steps: Step[] = []
  for (let at = start, has = false; ; ) {
    const [sign, name, after] = tokens.slice(at, at + 3)
    if (sign?.text === '.' && name?.kind === 'word' && after?.text !== '(') {
      steps.push({ token: name, name: name.text })
      at += 2
    } else if (sign?.text === '[' && name?.kind === 'string' && after?.text === ']' && !has) {
      steps.push({ token: name, name: unquote(name.text) })
      at += 3
    } else if (sign?.text === 'has' && !has && (name?.kind === 'word' || name?.kind === 'string')) {
      steps.push({ token: name, name: name.kind === 'string' ? unquote(name.text) : name.text })
      has = true
      at += 2
    } else return steps
  }
}

function missingFrom(contexts: readonly Type<string>[], steps: readonly Step[]): Misspelling | undefined {
  let types = contexts
  let path = 'context'
  for (const { token, name } of steps) {
    const members = types.map(membersOf)
    // What is no record, or is not known here, may have any member.
    if (members.some((each) => each === undefined)) return undefined
    path += /^[a-zA-Z_]\w*$/u.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`
    const here = members.flatMap((each) => (each && Object.hasOwn(each, name) ? [each[name] as Type<string>] : []))
    if (here.length === 0) return { token, path, meant: nearest(name, new Set(members.flatMap((each) => Object.keys(each ?? {})))) }
    types = here
  }
  return undefined
}

function membersOf(type: Type<string>): { readonly [name: string]: Type<string> } | undefined {
  return 'attributes' in type ? type.attributes : undefined
}

/** The contexts of the actions that a scope names or groups. */
function contextsOf(scope: ActionConstraint, schema: SchemaJson<string>): readonly Type<string>[] {
  const actions = schema['']?.actions ?? {}
  const named = 'entities' in scope ? scope.entities : 'entity' in scope ? [scope.entity] : []
  const ids = new Set(named.map((uid) => ('__entity' in uid ? uid.__entity.id : uid.id)))
  const within = (name: string): boolean =>
    scope.op === 'All' || ids.has(name) || (scope.op === 'in' && (actions[name]?.memberOf ?? []).some(({ id }) => ids.has(id)))
  return Object.keys(actions).flatMap((name) => {
    const context = within(name) ? actions[name]?.appliesTo?.context : undefined
    return context ? [context as Type<string>] : []
  })
}

/** The name that takes the fewest letters to make of `name`, when they are few: two, or one of a short name. */
/** Of some names the one that is spelt nearly so, if one is. */
export function nearest(name: string, names: ReadonlySet<string>): string | undefined {
  const allowed = name.length > 3 ? 2 : 1
  const near = [...names]
    .filter((each) => Math.abs(each.length - name.length) <= allowed && name.length <= 64)
    .map((each) => ({ each, far: distance(name, each) }))
    .filter(({ far }) => far <= allowed)
  return near.sort((a, b) => a.far - b.far)[0]?.each
}

/** How many letters are added, dropped or changed (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (let j = 1; j <= b.length; j++) {
      const [above = 0, aside = 0, before = 0] = [row[j], next[j - 1], row[j - 1]]
      next.push(Math.min(above + 1, aside + 1, before + (letter === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length] ?? 0
}
