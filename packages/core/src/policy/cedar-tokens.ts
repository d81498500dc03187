/** A lexical token of Cedar text. `start` and `end` are UTF-16 offsets. */
export interface Token {
  readonly kind: 'word' | 'integer' | 'string' | 'sign'
  readonly text: string
  readonly start: number
  readonly end: number
}

/** Cedar's lexer: spaces are Unicode's, and a comment ends at a carriage return as well. */
const token = /\p{White_Space}+|\/\/[^\n\r]*|([_a-zA-Z][_a-zA-Z0-9]*)|([0-9]+)|("(?:[^"\\]|\\[^])*")|(==|!=|<=|>=|&&|\|\||::|[^])/gu

/** The tokens of Cedar text, without comments. Total: what is no token of Cedar is a one-character sign. */
function* tokens(text: string): Iterable<Token> {
  for (const match of text.matchAll(token)) {
    const [all, word, integer, string, sign] = match
    const kind = word !== undefined ? 'word' : integer !== undefined ? 'integer' : string !== undefined ? 'string' : 'sign'
    if (kind !== 'sign' || sign !== undefined) yield { kind, text: all, start: match.index, end: match.index + all.length }
  }
}

/** The tokens of each policy of a text, its closing `;` included; what follows the last `;` is one more. */
export function* statements(text: string): Iterable<readonly Token[]> {
  let current: Token[] = []
  for (const each of tokens(text)) {
    current.push(each)
    if (each.text !== ';' || each.kind !== 'sign') continue
    yield current
    current = []
  }
  if (current.length > 0) yield current
}

const chains = new Set(['&&', '||', '+', '-', '*', '.', '!', '<', '>', '<=', '>=', '==', '!='])
const clauses = new Set(['if', 'when', 'unless', 'in', 'is', 'has', 'like'])

/**
 * How much of a parser's stack a policy could take, where 1,000 is what Cedar's build was measured to stand:
 * ten for each open bracket, two for each clause, one for each operator.
 */
export function stackOf(tokens: readonly Token[]): number {
  let open = 0
  let deepest = 0
  let chain = 0
  for (const { kind, text } of tokens) {
    if (kind === 'word') chain += clauses.has(text) ? 2 : 0
    else if (kind === 'sign') {
      if (text === '(' || text === '[' || text === '{') deepest = Math.max(deepest, ++open)
      else if (text === ')' || text === ']' || text === '}') open--
      else if (chains.has(text)) chain++
    }
  }
  return deepest * 10 + chain
}
