import { createHash } from 'node:crypto'
import type { DetailedError, PolicyJson } from '@cedar-policy/cedar-wasm/nodejs'
import { annotationProblem } from './annotations.ts'
import { statements, stackOf, type Token } from './cedar-tokens.ts'
import { askCedar } from './cedar-wasm.ts'
import { type Diagnostic, fromBytes, placeOf, shortened } from './diagnostic.ts'
import { foreignCharacter } from './foreign-character.ts'

/** Most that a set may hold; it may have more bytes when it is formatted. Cedar's parser was measured to stand a stack of 1,000 (`stackOf`) and 5,000 list items. */
export const limits = { policies: 10_000, bytes: 4 * 1024 * 1024, formatted: 8 * 1024 * 1024, stack: 800, tokens: 8_000 } as const

/** One policy of a set, as it was written. */
export interface CedarPolicy {
  /** Its `@id`, or `policy<n>` by its place in the text. */
  readonly id: string
  readonly effect: 'permit' | 'forbid'
  readonly annotations: { readonly [name: string]: string }
  readonly tokens: readonly Token[]
  readonly text: string
  readonly start: number
}

export type Read<T> = ({ readonly ok: true } & T) | { readonly ok: false; readonly errors: readonly Diagnostic[] }

/** The policies of a set, or everything that is wrong with it: also what Cedar would take and we do not (`annotations.ts`). */
export function readCedar(text: string): Read<{ readonly policies: readonly CedarPolicy[] }> {
  const parsed = parseCedar(text)
  if (!parsed.ok) return parsed
  const errors = [...parsed.policies.flatMap((policy) => annotationErrors(text, policy)), ...duplicates(text, parsed.policies)].slice(
    0,
    most,
  )
  return errors.length > 0 ? { ok: false, errors: errors.map(shortened) } : parsed
}

/** What is wrong with a text as somebody wrote it, when it is larger than is read. */
export function tooLarge(text: string): Diagnostic | undefined {
  const size = new TextEncoder().encode(text).length
  return size > limits.bytes
    ? { code: 'too-large', message: `The set has ${size} bytes: at most ${limits.bytes} (4 MiB) are read.` }
    : undefined
}

/** The policies of a Cedar text within `limits`, which may be a formatted one. Templates, which need linking, are refused. */
export function parseCedar(text: string): Read<{ readonly policies: readonly CedarPolicy[] }> {
  if (!text.isWellFormed()) return failed({ code: 'syntax', message: 'The text holds a lone surrogate: it is not valid Unicode.' })
  const size = new TextEncoder().encode(text).length
  if (size > limits.formatted)
    return failed({ code: 'too-large', message: `The set, formatted, has ${size} bytes: at most ${limits.formatted} (8 MiB) are kept.` })
  const found = [...statements(text)]
  if (found.length > limits.policies) {
    const [first] = found[limits.policies] ?? []
    const message = `The set has ${found.length} policies: at most ${limits.policies} may be in one. The first that is too many is here.`
    return failed({ code: 'too-many-policies', message, ...placeOf(text, first?.start ?? 0, first?.end ?? 0) })
  }
  const deep = found.find((tokens) => tokens.length > limits.tokens || stackOf(tokens) > limits.stack)
  if (deep) {
    const at = deep[Math.min(limits.tokens, deepest(deep), deep.length - 1)]
    return failed({ ...deepError, ...placeOf(text, at?.start ?? 0, at?.end ?? 0) })
  }

  const all = found.flat()
  const foreign = foreignCharacter(text, all)
  if (foreign) return failed(foreign)
  const slot = all.find((token, index) => token.text === '?' && token.kind === 'sign' && all[index + 1]?.kind === 'word')
  if (slot) {
    const message = 'Templates are not accepted: name the principal or resource instead of a slot.'
    return failed({ code: 'syntax', message, ...placeOf(text, slot.start, slot.end) })
  }

  const answer = askCedar((cedar) => cedar.checkParsePolicySet({ staticPolicies: text }))
  if (!answer) return failed(deepError)
  if (answer.type === 'failure') return { ok: false, errors: diagnoses(text, answer.errors, 'syntax') }
  return { ok: true, policies: found.map((tokens, index) => policyOf(text, tokens, index)) }
}

/** The policies of a text that was read before, one after the other: nothing is checked again. */
export function* policiesIn(text: string): Iterable<CedarPolicy> {
  let index = 0
  for (const tokens of statements(text)) yield policyOf(text, tokens, index++)
}

/** The one form that a digest is taken of: Cedar's own formatting, policy by policy (of a whole set it takes quadratic time). */
export function canonical(text: string): string {
  const ends = [...statements(text)].map((tokens) => tokens.at(-1)?.end ?? 0)
  const parts = [...ends, text.length].map((end, index, all) => text.slice(all[index - 1] ?? 0, end))
  const formatted = parts.map((part) => (part.trim() === '' ? '' : format(part)))
  return `${formatted.filter((part) => part !== '').join('\n\n')}\n`
}

function format(text: string): string {
  const answer = askCedar((cedar) => cedar.formatPolicies({ policyText: text, lineWidth: 100, indentWidth: 2 }))
  if (answer?.type === 'success') return answer.formatted_policy.trim()
  throw new TypeError('The text is no Cedar: read it before it is formatted.')
}

/** SHA-256, hex, of a set's canonical text. */
export function digestOf(canonicalText: string): string {
  return createHash('sha256').update(canonicalText).digest('hex')
}

/** Cedar's JSON form of one policy. Rounds integers beyond 2^53: `compile` puts them back from the tokens. */
export function policyJson(text: string): PolicyJson {
  const answer = askCedar((cedar) => cedar.policyToJson(text))
  if (answer?.type === 'success') return answer.json
  throw new TypeError('The text is no Cedar policy: read it before it is compiled.')
}

function policyOf(text: string, tokens: readonly Token[], index: number): CedarPolicy {
  const annotations: Record<string, string> = Object.create(null)
  let at = 0
  for (; tokens[at]?.text === '@'; ) {
    const name = tokens[at + 1]?.text ?? ''
    const valued = tokens[at + 2]?.text === '('
    annotations[name] = valued ? unquote(tokens[at + 3]?.text ?? '""') : ''
    at += valued ? 5 : 2
  }
  const start = tokens[0]?.start ?? 0
  const effect = tokens[at]?.text
  // INVARIANT: our tokens are Cedar's, so what Cedar took for a policy says here which of the two it is.
  if (effect !== 'permit' && effect !== 'forbid') throw new TypeError('The text is no Cedar policy: its effect cannot be read.')
  return {
    id: annotations['id'] || `policy${index}`,
    effect,
    annotations,
    tokens,
    text: text.slice(start, tokens.at(-1)?.end),
    start,
  }
}

const escapes: { readonly [escape: string]: string } = { n: '\n', r: '\r', t: '\t', '\\': '\\', '0': '\0', "'": "'", '"': '"', '*': '*' }

/** The text that a Cedar string literal means. */
export function unquote(literal: string): string {
  return literal
    .slice(1, -1)
    .replace(
      /\\(?:u\{([0-9a-fA-F_]+)\}|x([0-9a-fA-F]{2})|([^]))/gu,
      (_, point: string | undefined, byte: string | undefined, simple: string) =>
        (point ?? byte) === undefined
          ? (escapes[simple] ?? simple)
          : String.fromCodePoint(Number.parseInt((point ?? byte ?? '').replaceAll('_', ''), 16)),
    )
}

/** A Cedar string literal that means `text`. */
export function quote(text: string): string {
  const inner = text.replace(/[\\"]|\p{Cc}|\p{Cf}/gu, (each) =>
    each === '\\' || each === '"' ? `\\${each}` : `\\u{${(each.codePointAt(0) ?? 0).toString(16)}}`,
  )
  return `"${inner}"`
}

function annotationErrors(text: string, policy: CedarPolicy): readonly Diagnostic[] {
  return Object.entries(policy.annotations).flatMap(([name, value]) => {
    const message = annotationProblem(policy.effect, name, value)
    if (!message) return []
    const at = policy.tokens.findIndex((each, index) => each.text === '@' && policy.tokens[index + 1]?.text === name)
    const end = policy.tokens[at + 2]?.text === '(' ? at + 4 : at + 1
    return [
      { code: 'annotation', message, policy: policy.id, ...placeOf(text, policy.tokens[at]?.start ?? 0, policy.tokens[end]?.end ?? 0) },
    ]
  })
}

function duplicates(text: string, policies: readonly CedarPolicy[]): readonly Diagnostic[] {
  const seen = new Set<string>()
  return policies.flatMap(({ id, tokens }) => {
    const message = `Two policies have the id \`${id}\`: give each its own \`@id\`.`
    if (seen.has(id)) return [{ code: 'duplicate-id', message, policy: id, ...placeOf(text, tokens[0]?.start ?? 0, tokens[4]?.end ?? 0) }]
    seen.add(id)
    return []
  })
}

/** The first token of a policy by which it takes more of the parser's stack than there is; past its end when none does. */
function deepest(tokens: readonly Token[]): number {
  let [fits, over] = [0, tokens.length]
  while (fits < over) {
    const middle = Math.floor((fits + over) / 2)
    if (stackOf(tokens.slice(0, middle + 1)) > limits.stack) over = middle
    else fits = middle + 1
  }
  return over
}

/** Of what Cedar's parser or validator could not stand. */
export const deepError: Diagnostic = {
  code: 'too-deep',
  message: 'A policy nests too deep or is too long to be parsed safely.',
  help: 'Split it into several policies, or compare with a set by `contains` instead of a chain of `||`.',
}

function failed(error: Diagnostic): { ok: false; errors: readonly Diagnostic[] } {
  return { ok: false, errors: [error] }
}

/** At most this many errors are told at once. */
export const most = 50

/** Cedar's errors with what hangs on them, each at its place in the text. */
export function diagnoses(text: string, errors: readonly DetailedError[], code: 'syntax' | 'type'): readonly Diagnostic[] {
  const utf16 = fromBytes(text)
  const all = (error: DetailedError): DetailedError[] => [error, ...(error.related ?? []).flatMap(all)]
  return errors
    .flatMap(all)
    .slice(0, most)
    .map(({ message, help, sourceLocations }): Diagnostic => {
      const label = sourceLocations?.[0]
      const advice = help ?? label?.label
      return shortened({
        code,
        message: message.replace(/^(failed to parse polic(y|ies) from string|cannot parse input policies): /u, ''),
        ...(advice && { help: advice }),
        ...(label && placeOf(text, utf16(label.start), utf16(label.end))),
      })
    })
}
