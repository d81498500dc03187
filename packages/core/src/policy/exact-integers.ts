import type { Expr } from '@cedar-policy/cedar-wasm/nodejs'
import type { Token } from './cedar-tokens.ts'
import type { StandIn } from './expression.ts'

/**
 * Cedar's build answers JSON, which rounds integers beyond 2^53 (9223372036854775807 comes back as …776000). So a big
 * literal is parsed as a call, `datetime("<mark><digits>")`, with a mark that is nowhere in the text, and read back.
 */
export function withStandIns(text: string, start: number, tokens: readonly Token[]): { readonly text: string; readonly standIn: StandIn } {
  const big = tokens.filter((token) => token.kind === 'integer' && !Number.isSafeInteger(Number(token.text)))
  if (big.length === 0) return { text, standIn: () => undefined }
  let mark = 'integer:'
  while (text.includes(mark)) mark = `exact-${mark}`
  let rewritten = ''
  let at = 0
  for (const token of big) {
    rewritten += `${text.slice(at, token.start - start)}datetime("${mark}${token.text}")`
    at = token.end - start
  }
  return { text: rewritten + text.slice(at), standIn }

  function standIn(name: string, argument: Expr | undefined): bigint | undefined {
    const value = name === 'datetime' && argument && 'Value' in argument ? argument.Value : undefined
    return typeof value === 'string' && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : undefined
  }
}
