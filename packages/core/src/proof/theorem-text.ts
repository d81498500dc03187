import type { Encoding } from './encoding.ts'
import type { Fact } from './call-world.ts'
import { smtWriter } from './smt-text.ts'
import type { LeftOut } from './slice.ts'
import type { PolicySyntax } from './syntax.ts'
import type { Term } from './term.ts'

/** What a theorem's script is written of. */
export interface TheoremParts {
  readonly decision: string
  readonly salt: string
  readonly encoding: Encoding
  readonly facts: readonly Fact[]
  readonly verdict: Fact
  readonly policies: readonly { readonly policy: PolicySyntax; readonly term: Term }[]
  readonly leftOut: readonly (LeftOut & { readonly excluded: Term })[]
  readonly predicates: readonly { readonly name: string; readonly term: Term; readonly holds: boolean }[]
  readonly demanded: Term
  readonly sliced: Term
  readonly determining: { readonly term: Term; readonly names: readonly string[] }
}

/** A theorem, written. */
export interface TheoremText {
  readonly script: string
  /** The same with each fact put in the place of its symbol, for Z3 to simplify: `false` says that the theorem holds. */
  readonly quick: string
}

/**
 * The script of a theorem: SMT-LIB 2.6, ground and quantifier-free, to be read by people too. First what the policies mean,
 * then the facts, then the verdict and the denial of the theorem: `unsat` says that it holds.
 */
export function theoremText({
  decision,
  salt,
  encoding,
  facts,
  verdict,
  policies,
  leftOut,
  predicates,
  demanded,
  sliced,
  determining,
}: TheoremParts): TheoremText {
  const names = new Map<Term, string>()
  const aliases: string[] = []
  const define: (readonly [name: string, term: Term])[] = [
    ...policies.map(({ policy, term }) => [quoted(`${policy.effect} ${policy.id}`), term] as const),
    ...predicates.map(({ name, term }) => [name, term] as const),
    ['demanded', demanded],
    ['sliced', sliced],
    ['determining', determining.term],
  ]
  for (const [name, term] of define) if (term.args.length > 0 && !names.has(term)) names.set(term, name)
  const { write, definitions } = smtWriter(
    define.map(([, term]) => term),
    { names },
  )
  for (const [name, term] of define) if (names.get(term) !== name) aliases.push(`(define-fun ${name} () ${term.sort} ${write(term)})`)

  const stated = [...facts, verdict]
  const symbols = new Set(stated.map(({ symbol }) => symbol.text))
  const others = encoding.t.declared().filter(({ name, takes }) => takes.length === 0 && !symbols.has(name))
  const claims = predicates.map(({ name, holds }) => (holds ? name : `(not ${name})`))
  const theorem = `(and (= verdict demanded) sliced determining ${claims.join(' ')})`
  const written = stated.map(({ symbol, value }) => ({ name: symbol.text, sort: symbol.sort, value: smtWriter([value]).write(value) }))
  const free = others.map(({ name, sort }) => `(declare-const ${name} ${sort})`)
  const meanings = [...definitions, ...aliases]
  const script = [
    `; AgentGate: the theorem of decision ${ascii(decision)}.`,
    '; Unsatisfiable: the verdict, and the six predicates as they are claimed, are what policies and facts demand.',
    `; salt ${salt}`,
    '(set-info :smt-lib-version 2.6)',
    '(set-logic ALL)',
    '; What is a fact of the call. Texts are UTF-8, one character a byte.',
    ...written.map(({ name, sort }) => `(declare-const ${name} ${sort})`),
    ...free,
    ...leftOutLines(leftOut),
    `; ${policies.length} policies that could apply: a permit with its obligations discharged; a forbid also where it cannot be evaluated.`,
    ...meanings,
    '; The facts.',
    ...written.map(({ name, value }) => `(assert (= ${name} ${value}))`),
    `; The theorem, denied. The policies that are said to have decided: ${determining.names.map(ascii).join(' ') || 'none'}.`,
    `(assert (not ${theorem}))`,
    '(check-sat)',
    '',
  ].join('\n')
  const defined = written.map(({ name, sort, value }) => `(define-fun ${name} () ${sort} ${value})`)
  return { script, quick: [...defined, ...free, ...meanings, `(simplify (not ${theorem}))`].join('\n') }
}

/** Which policies are left out, by the part of a scope that they share: the parts themselves are in `sliced`. */
function leftOutLines(leftOut: TheoremParts['leftOut']): readonly string[] {
  if (leftOut.length === 0) return []
  const groups = new Map<Term, string[]>()
  for (const { policy, excluded } of leftOut) groups.set(excluded, [...(groups.get(excluded) ?? []), ascii(policy.id)])
  const lines = [...groups].map(([excluded, ids]) => `;   ${smtWriter([excluded]).write(excluded)}: ${ids.join(' ')}`)
  return [`; ${leftOut.length} policies that cannot apply, as a part of their scope is false, which \`sliced\` says:`, ...lines]
}

/** A name as a quoted symbol: printable ASCII without bars. */
function quoted(name: string): string {
  return `|${ascii(name).replace(/[|\\]/gu, hex)}|`
}

function ascii(text: string): string {
  return text.replace(/[^\x20-\x7e]/gu, hex)
}

function hex(each: string): string {
  return `$${Buffer.from(each).toString('hex')}`
}
