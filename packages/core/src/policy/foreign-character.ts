import type { Token } from './cedar-tokens.ts'
import { type Diagnostic, placeOf } from './diagnostic.ts'

/**
 * The first character that is nowhere a part of Cedar, outside of strings and comments: most often one that nobody sees, or
 * a quote that an editor bent. Looked for up to a string that does not end: what follows that may be its text.
 */
export function foreignCharacter(text: string, tokens: readonly Token[]): Diagnostic | undefined {
  const found = tokens.find((token) => token.kind === 'sign' && (token.text === '"' || !/^[\x21-\x7e]+$/u.test(token.text)))
  if (!found || found.text === '"') return undefined
  const code = `U+${(found.text.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
  const invisible = /[\p{C}\p{M}\p{Default_Ignorable_Code_Point}]/u.test(found.text)
  const name =
    found.text === '\ufeff' ? `a byte order mark (${code})` : invisible ? `an invisible character (${code})` : `\`${found.text}\` (${code})`
  return {
    code: 'syntax',
    message: `There is ${name} here, which Cedar knows only in strings and comments.`,
    help:
      found.text === '\ufeff'
        ? 'Save the file as UTF-8 without a byte order mark.'
        : 'Remove it, or write what it stands for in plain ASCII.',
    ...placeOf(text, found.start, found.end),
  }
}
