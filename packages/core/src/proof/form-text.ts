import type { Encoding } from './encoding.ts'
import type { LeftOut } from './slice.ts'
import { smtWriter } from './smt-text.ts'
import type { PolicySyntax } from './syntax.ts'
import type { Term } from './term.ts'

/** What the meaning of a theorem is written of. */
export interface FormParts {
  readonly encoding: Encoding
  /** What stands for a fact, the verdict or a claim. */
  readonly symbols: readonly Term[]
  readonly policies: readonly { readonly policy: PolicySyntax; readonly term: Term }[]
  readonly leftOut: readonly (LeftOut & { readonly excluded: Term })[]
  readonly claims: readonly { readonly name: string; readonly term: Term; readonly claimed: Term }[]
  readonly verdict: Term
  readonly demanded: Term
  readonly sliced: Term
  readonly determining: { readonly term: Term; readonly names: readonly string[] }
}

/** SMT-LIB 2.6, ground and quantifier-free, to be read by people too: declarations, and definitions that end in `theorem`. */
export function formText({ encoding, symbols, policies, leftOut, claims, verdict, demanded, sliced, determining }: FormParts): string {
  const names = new Map<Term, string>()
  const define: (readonly [name: string, term: Term])[] = [
    ...policies.map(({ policy, term }) => [quoted(`${policy.effect} ${policy.id}`), term] as const),
    ...claims.map(({ name, term }) => [name, term] as const),
    ['demanded', demanded],
    ['sliced', sliced],
    ['determining', determining.term],
  ]
  for (const [name, term] of define) if (term.args.length > 0 && !names.has(term)) names.set(term, name)
  const { write, definitions } = smtWriter(
    define.map(([, term]) => term),
    { names },
  )
  const aliases = define.filter(([name, term]) => names.get(term) !== name)
  const known = new Set(symbols.map(({ text }) => text))
  const free = encoding.t.declared().filter(({ name, takes }) => takes.length === 0 && !known.has(name))
  const claimed = claims.map(({ name, claimed: said }) => `(= ${said.text} ${name})`)
  return [
    '; What is a fact of the call. Texts are UTF-8, one character a byte.',
    ...symbols.map(({ text, sort }) => `(declare-const ${text} ${sort})`),
    ...free.map(({ name, sort }) => `(declare-const ${name} ${sort})`),
    ...leftOutLines(leftOut),
    `; ${policies.length} policies that could apply: a permit with its obligations discharged; a forbid also where it cannot be evaluated.`,
    ...definitions,
    ...aliases.map(([name, term]) => `(define-fun ${name} () ${term.sort} ${write(term)})`),
    `; The policies that are said to have decided: ${determining.names.map(ascii).join(' ') || 'none'}.`,
    `(define-fun theorem () Bool (and (= ${verdict.text} demanded) sliced determining ${claimed.join(' ')}))`,
    '',
  ].join('\n')
}

/** Which policies are left out, by the part of a scope that they share: the parts themselves are in `sliced`. */
function leftOutLines(leftOut: FormParts['leftOut']): readonly string[] {
  if (leftOut.length === 0) return []
  const groups = new Map<Term, string[]>()
  for (const { policy, excluded } of leftOut) {
    const group = groups.get(excluded) ?? []
    group.push(ascii(policy.id))
    groups.set(excluded, group)
  }
  const lines = [...groups].map(([excluded, ids]) => `;   ${smtWriter([excluded]).write(excluded)}: ${ids.join(' ')}`)
  return [`; ${leftOut.length} policies that cannot apply, as a part of their scope is false, which \`sliced\` says:`, ...lines]
}

/** A name as a quoted symbol: printable ASCII without bars. */
function quoted(name: string): string {
  return `|${ascii(name).replace(/[|\\]/gu, hex)}|`
}

/** Printable ASCII; what else there is as bytes. */
export function ascii(text: string): string {
  return text.replace(/[^\x20-\x7e]/gu, hex)
}

function hex(each: string): string {
  return `$${Buffer.from(each).toString('hex')}`
}
