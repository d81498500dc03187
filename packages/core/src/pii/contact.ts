import { digits, digitsOf, isNear, type Match, type Recognizer, shape } from './recognizer.ts'

const local = /[A-Za-z0-9._%+'!#~\u00c0-\u058f-]/
const domain =
  /@(?:[A-Za-z0-9\u00c0-\uffef](?:[A-Za-z0-9\u00c0-\uffef-]{0,61}[A-Za-z0-9\u00c0-\uffef])?\.){1,8}(?:xn--[A-Za-z0-9-]{2,59}|[A-Za-z\u00c0-\uffef]{2,24})(?![A-Za-z0-9\u00c0-\uffef]|-\w)/y
const image = /^@\d+x\./

/** RFC 5322 as people write it: dot-atoms before the sign (RFC 6531 letters too), a name with a dot after it. */
function findEmail(text: string, at: number): Match | undefined {
  domain.lastIndex = at
  const [host] = domain.exec(text) ?? []
  if (!host || image.test(host)) return undefined
  let start = at
  while (start > 0 && at - start < 64 && local.test(text.charAt(start - 1))) start--
  start += /^(?:%[0-9A-Fa-f]{2}|[.%'!#~-])*/.exec(text.slice(start, at))?.[0].length ?? 0
  if (start === at) return undefined
  if (text.slice(start, at) === 'git' && text.charAt(at + host.length) === ':') return undefined
  return [start, at + host.length, 0.95]
}

const phoneWords =
  /\b(?:phones?|tel|telephone|telefon|mobile|cell|cellphone|call|calls|called|calling|fax|dial|contact|whatsapp|sms|text (?:me|him|her|us|them)|texted|reach|answer(?:ing)? at|hotline|landline|desk|office|messages? to|ring|number is|numbers?\s*[:=]|telegram|viber)\b/

/** Words that make even an unbroken run of digits a phone number. */
const strictWords =
  /\b(?:phones?|tel|telephone|telefon|mobile|cell|cellphone|call|fax|dial|whatsapp|sms|texted|hotline|landline|reach (?:me|us|him|her|them))\b/

const extension = '(?: ?(?:x|ext\\.?|extension|#) ?\\d{1,6})?'

function digitsBetween(least: number, most: number, more: (found: string) => boolean = () => true) {
  return (found: string) => {
    const digits = digitsOf(found.replace(/ ?(?:x|ext\.?|extension|#) ?\d{1,6}$/, '')).length
    return digits >= least && digits <= most && more(found)
  }
}

/** Dates, times and decimals have the shape of a phone number, to a machine. */
function isNoDate(found: string): boolean {
  return !/^(?:\d{4}[-./ ]\d{1,2}[-./ ]\d{1,2}|\d{1,2}[-./ ]\d{1,2}[-./ ](?:\d{4}|\d\d))$|^\d{4}[-/ ](?:19|20)\d\d$|^(?:19|20)\d\d[-./ ]\d{2}[-./ ]\d{2}/.test(
    found,
  )
}

/** A phone number that starts before its first digit: with `+`, `(` or `(+`. */
function phone(
  name: string,
  run: readonly [number, number],
  pattern: RegExp,
  score: number,
  nearScore: number,
  valid: (found: string) => boolean,
  near = phoneWords,
): Recognizer {
  return {
    name,
    kind: 'PHONE',
    at: digits(...run),
    find(text, at, hint) {
      let start = at
      while (at - start < 3 && start > 0 && '+( '.includes(text.charAt(start - 1))) start--
      while (text.charAt(start) === ' ') start++
      pattern.lastIndex = start
      const [found] = pattern.exec(text) ?? []
      if (!found || !valid(found)) return undefined
      const end = start + found.length
      const likely = (nearScore > score || score === 0) && isNear(text, start, end, near, hint) ? nearScore : score
      return likely > 0 ? [start, end, likely] : undefined
    },
  }
}

const schemes = /(?<![A-Za-z0-9])(?:https?|ftps?|sftp|wss?|ssh|git|file|mailto|s3|gs|ldaps?|smtps?|imaps?|[a-z][a-z0-9+.-]{1,15})$/i
const rest = /:\/\/[^\s"'<>`{}|\\^[\]]{1,2000}/y

function findUrl(text: string, at: number): Match | undefined {
  const [scheme] = schemes.exec(text.slice(Math.max(0, at - 17), at)) ?? []
  if (!scheme) return undefined
  rest.lastIndex = at
  const [found = ''] = rest.exec(text) ?? []
  const trimmed = found.replace(/[.,;:!?)*_~-]{1,8}$/, '')
  return trimmed.length > 3 ? [at - scheme.length, at + trimmed.length, 0.96] : undefined
}

export const contact: readonly Recognizer[] = [
  { name: 'email', kind: 'EMAIL', at: '@', find: findEmail },
  phone(
    'phone-international',
    [1, 15],
    new RegExp(`(?<![\\w+])\\(?\\+[1-9]\\d{0,2}\\)?(?:[ .\\-/]{0,2}\\(?\\d{1,5}\\)?){1,6}${extension}(?![\\d])`, 'y'),
    0.8,
    0.95,
    digitsBetween(8, 15),
  ),
  phone(
    'phone-american',
    [1, 3],
    new RegExp(
      `(?<![\\w(]|\\d[-./])(?:(?:\\+?1|001)[ .\\-]?)?(?:\\( ?\\d{3} ?\\)[ .\\-]{0,2}|\\d{3}[.\\-])\\d{3}[ .\\-]\\d{4}${extension}(?!\\w|[-./]\\d)`,
      'y',
    ),
    0.75,
    0.95,
    () => true,
  ),
  phone(
    'phone-american-spaced',
    [1, 3],
    new RegExp(`(?<![\\w(]|\\d[-./ ])(?:1 )?\\d{3} \\d{3} \\d{4}${extension}(?!\\w|[-./ ]\\d)`, 'y'),
    0.55,
    0.9,
    () => true,
  ),
  phone(
    'phone-area-code',
    [2, 5],
    new RegExp(`(?<![\\w(]|\\d[-./])\\(0?\\d{2,4}\\)[ .\\-]?\\d{2,4}(?:[ .\\-]?\\d{2,4}){1,3}${extension}(?!\\w|[-./]\\d)`, 'y'),
    0.6,
    0.9,
    digitsBetween(8, 13),
  ),
  phone(
    'phone-national',
    [2, 5],
    new RegExp(
      `(?<![\\w(]|[\\w][-./:_]|\\d )(?:0\\d{1,4}|\\(0\\d{1,4}\\))(?:[ .\\-/]\\d{2,8}){1,5}${extension}(?!\\w|[-./] ?\\d|:\\d)`,
      'y',
    ),
    0.55,
    0.9,
    digitsBetween(9, 12, isNoDate),
  ),
  phone(
    'phone-long-distance',
    [3, 5],
    new RegExp(`(?<![\\w(]|[\\w][-./:_]|\\d )00[1-9]\\d{0,2}(?:[ .\\-/]\\(?\\d{2,5}\\)?){2,5}${extension}(?!\\w|[-./] ?\\d)`, 'y'),
    0.7,
    0.9,
    digitsBetween(10, 16),
  ),
  phone(
    'phone-named',
    [1, 5],
    new RegExp(`(?<![\\w(]|[\\w][-./:_])(?:\\(?\\d{1,5}\\)?[ .\\-/]{1,2}){1,6}\\d{2,8}${extension}(?!\\w|[-./] ?\\d|:\\d)`, 'y'),
    0,
    0.65,
    digitsBetween(7, 13, isNoDate),
  ),
  phone(
    'phone-named-unbroken',
    [7, 13],
    new RegExp(`(?<![\\w(]|[\\w][-./:_])\\d{7,13}${extension}(?!\\w|[-./]\\d|:\\d)`, 'y'),
    0,
    0.6,
    () => true,
    strictWords,
  ),
  phone(
    'phone-national-unbroken',
    [10, 11],
    new RegExp(`(?<![\\w(]|[\\w][-./:_])(?!0123456789)0[1-9]\\d{8,9}${extension}(?!\\w|[-./]\\d|:\\d)`, 'y'),
    0.5,
    0.85,
    () => true,
  ),
  phone(
    'phone-in-pairs',
    [3, 3],
    new RegExp(`(?<![\\w(]|[\\w][-./:_]|\\d )\\d{3}(?<gap>[ -])\\d{3}\\k<gap>\\d\\d\\k<gap>\\d\\d${extension}(?!\\w|[-./ ]\\d)`, 'y'),
    0.55,
    0.85,
    () => true,
  ),
  { name: 'url', kind: 'URL', at: '://', find: findUrl },
  shape({
    name: 'url-www',
    kind: 'URL',
    at: { words: ['www', 'WWW', 'Www'] },
    pattern: /(?<![\w./@-])www\.(?:[a-z0-9-]{1,63}\.){1,6}[a-z]{2,24}(?![\w-])(?::\d{1,5})?(?:\/[^\s"'<>`]{0,1000}[^\s"'<>`.,;:!?)])?/iy,
    score: 0.7,
  }),
]
