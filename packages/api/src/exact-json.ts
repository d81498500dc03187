/**
 * JSON whose integers beyond 2^53 are bigints, not rounded: those of up to 19 digits, as 64 bits hold. Longer ones are
 * numbers, as JSON.parse reads them.
 */
export function parseExactly(text: string): unknown {
  return big.test(text) ? JSON.parse(text, exact) : JSON.parse(text)
}

/** The JSON of a value; bigints are written as their digits. `undefined` where JSON.stringify says so. */
export function writeExactly(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => (typeof member === 'bigint' ? rawJson(`${member}`) : member))
}

/** Texts without so many digits in a row hold no such integer, and are parsed without looking at each value. */
const big = /\d{16}/

function exact(_: string, value: unknown, { source }: { readonly source?: string } = {}): unknown {
  return typeof value === 'number' && !Number.isSafeInteger(value) && source && /^-?\d{16,19}$/.test(source) ? BigInt(source) : value
}

/** JSON.rawJSON (ECMAScript 2026) where there is one; a text of digits, which servers take for integers too, elsewhere. */
const { rawJSON: rawJson = (digits: string): unknown => digits } = JSON as { readonly rawJSON?: (text: string) => unknown }
