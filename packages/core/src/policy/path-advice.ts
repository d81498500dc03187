import type { CedarPolicy } from './cedar-text.ts'
import { unquote } from './cedar-text.ts'
import type { Token } from './cedar-tokens.ts'
import { type Diagnostic, placeOf, shortened } from './diagnostic.ts'
import { canonicalPath } from './path.ts'

/** At most so many are told of one set. */
const most = 50

/**
 * What policies say of paths and most likely do not mean, each at its place: a spelling that is no canonical reading of a path,
 * a forbid that leaves out the folder itself, a path that does not begin at the root.
 */
export function pathAdvice(text: string, policies: readonly CedarPolicy[]): readonly Diagnostic[] {
  const asked = policies.map((policy) => ({ policy, literals: pathLiterals(policy.tokens) }))
  const named = new Set(asked.flatMap(({ literals }) => literals.flatMap(({ parts }) => (parts.length === 1 ? parts : []))))
  const found: Diagnostic[] = []
  for (const { policy, literals } of asked) {
    const told = new Set<string>()
    for (const literal of literals) {
      if (found.length === most) return found
      const advice = told.has(literal.token.text) ? undefined : adviceOn(literal, policy, named)
      told.add(literal.token.text)
      if (!advice) continue
      const { start, end } = literal.token
      found.push(shortened({ code: 'path', ...advice, policy: policy.id, ...placeOf(text, start, end) }))
    }
  }
  return found
}

/** A text that a policy compares with the resource, by what is between its wildcards. */
interface PathLiteral {
  readonly token: Token
  readonly parts: readonly string[]
  /** Whether what it matches is kept out by it. */
  readonly keepsOut: (effect: CedarPolicy['effect']) => boolean
}

/** `context.resource like "…"`, `context.resource == "…"`, `Resource::"…"`. */
function pathLiterals(tokens: readonly Token[]): readonly PathLiteral[] {
  let clause = ''
  return tokens.flatMap((token, at): readonly PathLiteral[] => {
    if (token.text === 'when' || token.text === 'unless') clause = token.text
    if (token.kind !== 'string') return []
    const [context, dot, left, operator] = tokens.slice(Math.max(0, at - 4), at)
    const ofContext = context?.text === 'context' && dot?.text === '.' && left?.text === 'resource'
    const isPattern = ofContext && operator?.text === 'like'
    if (!isPattern && !(ofContext && operator?.text === '==') && !(left?.text === 'Resource' && operator?.text === '::')) return []
    const within = clause
    return [
      {
        token,
        parts: isPattern
          ? token.text
              .slice(1, -1)
              .split(/(?<=(?<!\\)(?:\\\\)*)\*/u)
              .map((part) => unquote(`"${part}"`))
          : [unquote(token.text)],
        keepsOut: (effect) => (effect === 'forbid') !== (within === 'unless'),
      },
    ]
  })
}

type Advice = Pick<Diagnostic, 'message' | 'help'>

function adviceOn({ token, parts, keepsOut }: PathLiteral, { id, effect }: CedarPolicy, named: ReadonlySet<string>): Advice | undefined {
  const [first = ''] = parts
  const shown = `\`${token.text}\` in the policy \`${id}\``
  if (first.startsWith('/')) {
    const whole = parts.join('*')
    const read = canonicalPath(whole).normalize('NFC')
    if (read !== whole && !(whole.endsWith('/') && parts.at(-1) === '' && read === whole.slice(0, -1)))
      return {
        message: `${shown} is not how a path is read for rules, so it ${keepsOut(effect) ? 'keeps none out' : 'never lets one in'}: \`..\`, doubled slashes, the slash at the end, needless percent-encoding and letters in two parts are gone by then.`,
        help: `Write \`"${read}"\`.`,
      }
    const folder = parts.length === 2 && parts[1] === '' && first.length > 1 && first.endsWith('/') ? first.slice(0, -1) : undefined
    if (folder !== undefined && keepsOut(effect) && !named.has(folder))
      return {
        message: `${shown} covers what lies under \`${folder}\`, and not \`${folder}\` itself.`,
        help: `Use \`resource in Resource::"${folder}"\`, which is both, or add a rule on \`${folder}\`.`,
      }
  }
  if (keepsOut(effect) && /^[\w.~-]+\/|^\/?\.\.?\//u.test(first) && !first.startsWith('/'))
    return {
      message: `${shown} begins at no root, so it is about names, and not about the path \`/${parts.join('*')}\`.`,
      help: `Write \`"/${parts.join('*').replace(/^(?:\.\.?\/)+/u, '')}"\` if a path is meant: calls that leave out the first slash are kept out too.`,
    }
  return undefined
}
