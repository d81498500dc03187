import { abaRouting, luhn, mod97 } from './checksum.ts'
import { digits, digitsOf, isNear, type Match, type Recognizer, shape } from './recognizer.ts'

const cardWords =
  /\b(?:cards?|credit|debit|visa|master ?card|amex|american express|discover|diners|jcb|maestro|cc|ccn|pan|payment|cvv|cvc)\b/

/** Prefix ranges and lengths of card brands (ISO/IEC 7812 issuer identification numbers in public use). */
const brands: readonly (readonly [prefix: RegExp, lengths: readonly number[]])[] = [
  [/^4/, [13, 16, 19]],
  [/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]],
  [/^3[47]/, [15]],
  [/^3(?:0[0-59]|[689])/, [14, 16, 17, 18, 19]],
  [/^(?:6011|64[4-9]|65|622)/, [16, 17, 18, 19]],
  [/^35(?:2[89]|[3-8])/, [16, 17, 18, 19]],
  [/^(?:2131|1800)/, [15]],
  [/^(?:62|81)/, [16, 17, 18, 19]],
  [/^220[0-4]/, [16, 17, 18, 19]],
  [/^(?:60|82|508|9792)/, [16]],
  [/^(?:50|5[6-8]|6[0379])/, [13, 14, 15, 16, 17, 18, 19]],
]

/** Ranges that a few issuers use beyond their brand's: cards only where the words around say so. */
const rare: typeof brands = [
  [/^35/, [16]],
  [/^(?:50|5[6-8]|6)/, [12]],
]

function isRareCard(found: string): boolean {
  return rare.some(([prefix, lengths]) => lengths.includes(found.length) && prefix.test(found)) && luhn(found)
}

function isCard(found: string): boolean {
  const digits = digitsOf(found)
  return brands.some(([prefix, lengths]) => lengths.includes(digits.length) && prefix.test(digits)) && luhn(digits)
}

/** Lengths of IBANs by country (SWIFT IBAN registry). */
const ibanLengths: { readonly [country: string]: number } = Object.fromEntries(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 ' +
    'FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 ' +
    'MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 ' +
    'SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
)

const ibanStart = /(?<![A-Za-z0-9])[A-Za-z]{2}\d\d/y

/** Reads as many characters as the country's IBANs have, groups apart by one space or dash, and checks them. */
function findIban(text: string, at: number): Match | undefined {
  ibanStart.lastIndex = at
  if (!ibanStart.test(text)) return undefined
  const length = ibanLengths[text.slice(at, at + 2).toUpperCase()]
  if (!length) return undefined
  let iban = ''
  let end = at
  for (; iban.length < length; end++) {
    const char = text.charAt(end)
    if (/[A-Za-z0-9]/.test(char)) iban += char
    else if (!/[ -]/.test(char) || !/[A-Za-z0-9]/.test(text.charAt(end - 1))) return undefined
  }
  if (/[A-Za-z0-9]/.test(text.charAt(end)) || (/[a-z]/.test(iban) && /[A-Z]/.test(iban)) || !mod97(iban.toUpperCase())) return undefined
  return [at, end, 0.98]
}

const routingWords = /\b(?:routing|aba|rtn|transit|fedwire|ach)\b/
const accountWords = /\b(?:account(?! ids?\b)|acct|a\/c|bank|banking|iban|checking|savings|deposit|wire)\b/

export const payment: readonly Recognizer[] = [
  shape({
    name: 'card-unbroken',
    kind: 'CREDIT_CARD',
    at: digits(14, 19),
    pattern: /(?<!\d[.,])\d{14,19}(?![\d]|[.,]\d)/y,
    valid: isCard,
    score: 0.9,
    near: cardWords,
    nearScore: 0.99,
  }),
  shape({
    name: 'card-of-13',
    kind: 'CREDIT_CARD',
    at: digits(13, 13),
    pattern: /(?<!\d[.,])\d{13}(?![\d]|[.,]\d)/y,
    valid: isCard,
    score: 0,
    near: cardWords,
    nearScore: 0.95,
  }),
  shape({
    name: 'card-grouped',
    kind: 'CREDIT_CARD',
    at: digits(4, 4),
    pattern:
      /(?<!\d[-.])\d{4}(?<gap>[ .\-/]| - | {2})(?:\d{4}\k<gap>\d{4}\k<gap>\d{4}(?:\k<gap>\d{1,3})?|\d{4}\k<gap>\d{4}\k<gap>\d{1,3}|\d{6}\k<gap>\d{4,5})(?!\d|[-.]\d)/y,
    valid: isCard,
    score: 0.97,
    near: cardWords,
    nearScore: 0.99,
  }),
  shape({
    name: 'card-rare',
    kind: 'CREDIT_CARD',
    at: digits(12, 16),
    pattern: /(?<!\d[.,])\d{12,16}(?![\d]|[.,]\d)/y,
    valid: isRareCard,
    score: 0,
    near: cardWords,
    nearScore: 0.9,
  }),
  { name: 'iban', kind: 'IBAN', at: 'code', find: findIban },
  shape({
    name: 'aba-routing',
    kind: 'ABA_ROUTING',
    at: digits(4, 9),
    pattern: /(?<![\d-]|\d[.,])(?:\d{9}|\d{4}-\d{4}-\d)(?!\d|[-.,]\d)/y,
    valid: (found) => abaRouting(digitsOf(found)),
    score: 0.3,
    near: routingWords,
    nearScore: 0.95,
  }),
  shape({
    name: 'aba-routing-dashed',
    kind: 'ABA_ROUTING',
    at: digits(4, 4),
    pattern: /(?<![\w-]|\d[.,])\d{4}-\d{4}-\d(?![\w]|[-.,]\d)/y,
    valid: (found) => abaRouting(digitsOf(found)),
    score: 0.55,
    near: routingWords,
    nearScore: 0.95,
  }),
  {
    name: 'us-bank-account',
    kind: 'US_BANK',
    at: digits(8, 17),
    find(text, at, hint) {
      account.lastIndex = at
      const end = account.test(text) ? account.lastIndex : 0
      return end && isNear(text, at, end, accountWords, hint) ? [at, end, 0.6] : undefined
    },
  },
]

const account = /(?<![\w-]|\d[.,])\d{8,17}(?![\w]|[-.,]\d)/y
