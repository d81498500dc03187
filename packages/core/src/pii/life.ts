import { digits, isNear, type Recognizer, shape } from './recognizer.ts'

const birthWords = /\b(?:born|birth|birthday|birthdate|birthdays|dob|d\.o\.b\.?|date of birth|nee)(?![a-z])/
const month =
  '(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?'
const year = '(?:1[89]|20)\\d\\d'
const monthWords = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'].flatMap((name) => [
  name,
  name.toUpperCase(),
  name.charAt(0).toUpperCase() + name.slice(1),
])

/** `2001-02-03`, `3.2.2001`, `02/03/01`, `3rd February 2001`, and with a time. */
const fromNumber = new RegExp(
  '(?<![\\w]|[\\w][-./])(?:' +
    `${year}(?<a>[-./])(?:0?[1-9]|1[0-2])\\k<a>(?:3[01]|[12]\\d|0?[1-9])(?:[T ]\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d{1,6})?)?(?:Z|[+-]\\d\\d:?\\d\\d)?)?` +
    `|(?:3[01]|[12]\\d|0?[1-9])(?<b>[-./])(?:3[01]|[12]\\d|0?[1-9])\\k<b>(?:${year}|\\d\\d)` +
    `|(?:3[01]|[12]\\d|0?[1-9])(?:st|nd|rd|th)?(?: of)?[ -]${month},?(?:[ -]${year})?` +
    ')(?![\\w]|[-./]\\d)',
  'iy',
)
/** `February 3rd, 2001`, `Feb 2001`, `February 3`. */
const fromMonth = new RegExp(
  `(?<![\\w]|[\\w][-./])${month}[ -](?:(?:3[01]|[12]\\d|0?[1-9])(?:st|nd|rd|th)?(?![\\d])(?:,? ${year})?|${year})(?![\\w]|[-./]\\d)`,
  'iy',
)

function dates(kind: 'DATE' | 'DATE_OF_BIRTH', score: number, nearScore: number): readonly Recognizer[] {
  const near = kind === 'DATE_OF_BIRTH' ? { near: birthWords, nearScore } : {}
  const name = kind === 'DATE' ? 'date' : 'date-of-birth'
  return [
    shape({ name, kind, at: digits(1, 4), pattern: fromNumber, score, ...near }),
    shape({ name: `${name}-month`, kind, at: { words: monthWords }, pattern: fromMonth, score, ...near }),
  ]
}

const streets =
  'street|st|avenue|ave|road|rd|boulevard|blvd|drive|dr|lane|ln|court|ct|place|pl|square|sq|terrace|ter|way|parkway|pkwy|highway|hwy|circle|cir|trail|trl|close|crescent|cres|gardens|grove|mews|row|alley|plaza|crossing|ridge|heights|loop|walk|quay|broadway|turnpike|expressway'
const unit = '(?:,? (?:apt|apartment|suite|ste|unit|floor|room|flat)\\.? ?#? ?[A-Za-z]?\\d{1,5}[A-Za-z]?)?'
const american = new RegExp(
  `(?<![\\w$€£]|\\d[-./:,])\\d{1,6}[A-Za-z]?,? (?:(?:[NSEW]|North|South|East|West|NE|NW|SE|SW)\\.? )?(?:(?!and\\b|or\\b|of\\b|the\\b)[\\p{L}\\d'’.-]{1,24} ){0,3}?(?:(?:${streets})(?![\\p{L}\\d])\\.?)(?: (?:N|S|E|W|NE|NW|SE|SW|North|South|East|West)\\b)?${unit}`,
  'iuy',
)
const streetWord =
  /^(?=\p{Lu})(?:\p{L}{2,24}(?:stra(?:ß|ss)e|str\.|gatan?|gade|veg(?:en)?|vej(?:en)?|veien|weg|allee|gasse|platz|straat|laan|plein|katu|tie|stræde|stræti|straeti|götu)|(?:strasse|straße|street|avenue))$/iu
const wordThenStreet = /(?:^|[\s,"'>:(])(\p{Lu}[\p{L}'’.-]{2,24} (?:utca|tér|út|útja|u\.|ulica|ulice|trg|nám\.|náměstí) )$/u
const streetThenWords =
  /(?:^|[\s,"'>:(])((?:Rue|Calle|Via|Avenida|Avenue|Boulevard|Rua|Plaza|Piazza|ul\.|Ulica|Rúa|C\/|Corso|Viale|rue|calle|via|avenida) (?:[\p{L}'’.-]{1,24} ){1,4})$/u

/** Where the street's name begins that ends right before a house number, if one does. */
function streetBefore(text: string, at: number): number | undefined {
  if (text.charAt(at - 1) !== ' ' || !/[\p{L}.]/u.test(text.charAt(at - 2))) return undefined
  const line = text.slice(Math.max(0, at - 56), at)
  const near = line.slice(line.lastIndexOf('\n') + 1)
  const word = near.slice(near.lastIndexOf(' ', near.length - 2) + 1, -1).replace(/^[^\p{L}]+/u, '')
  if (streetWord.test(word)) return at - word.length - 1
  const found = wordThenStreet.exec(near) ?? streetThenWords.exec(near)
  return found?.[1] === undefined ? undefined : at - found[1].length
}

const houseNumber = /\d{1,4}(?:[ -]?[A-Za-z](?![\p{L}]))?(?![\p{L}\d]|[.,:/]\d)/uy
const addressWords =
  /\b(?:address|addr|lives?|lived|living|located|location|residence|resid\w+|home|street|ship(?:ped|ping)?|deliver\w*|mail(?:ing)?|billing|visit)\b/

export const life: readonly Recognizer[] = [
  ...dates('DATE_OF_BIRTH', 0, 0.9),
  ...dates('DATE', 0.6, 0.6),
  shape({
    name: 'age',
    kind: 'AGE',
    at: digits(1, 3),
    pattern:
      /(?<![\w]|\d[-./,]|[$€£])(?:1[0-4]\d|\d{1,2})(?:[ -]?(?:years?|yrs?|months?)[ .-]{0,2}olds?| ?y\/o| ?yo|[ -]?yrs?)(?![A-Za-z])/iy,
    score: 0.75,
  }),
  shape({
    name: 'age-named',
    kind: 'AGE',
    at: { words: ['age', 'Age', 'AGE', 'aged', 'Aged', 'turn', 'Turn'] },
    pattern: /(?:aged?(?: (?:of|is|was))?|turn(?:s|ed|ing)?)(?:["']?\s?[:=]\s?|\s)"?(?<value>(?:1[0-4]\d|\d{1,2}))(?![\w%]|[.,:/-]\d)/iy,
    score: 0.7,
  }),
  {
    name: 'address',
    kind: 'ADDRESS',
    at: digits(1, 6),
    find(text, at, hint) {
      american.lastIndex = at
      const [found] = american.exec(text) ?? []
      if (!found) return undefined
      const [, first = '', second = ''] = found.split(/,? /)
      const named = /^\p{Lu}/u.test(first) || (/^\d/.test(first) && /^\p{L}/u.test(second))
      const likely = isNear(text, at, at + found.length, addressWords, hint)
      return named || likely ? [at, at + found.length, likely ? 0.85 : 0.65] : undefined
    },
  },
  {
    name: 'address-european',
    kind: 'ADDRESS',
    at: digits(1, 4),
    find(text, at, hint) {
      houseNumber.lastIndex = at
      if (!houseNumber.test(text)) return undefined
      const end = houseNumber.lastIndex
      const street = streetBefore(text, at)
      return street === undefined ? undefined : [street, end, isNear(text, street, end, addressWords, hint) ? 0.8 : 0.6]
    },
  },
  shape({
    name: 'po-box',
    kind: 'ADDRESS',
    at: { words: ['P.', 'PO', 'Po', 'Pos'] },
    pattern: /(?<![\w])(?:P\. ?O\. ?|PO |Post(?:al)? ?(?:office )?)box ?#?\d{1,6}(?!\w)/iy,
    score: 0.7,
  }),
  shape({
    name: 'military',
    kind: 'ADDRESS',
    at: { words: ['PSC', 'CMR', 'Unit', 'UNIT', 'unit', 'psc'] },
    pattern: /(?<![\w])(?:psc|cmr|unit) \d{1,5},? box \d{1,5}(?:[,]? ?[AFD]PO A[AEP] \d{5}(?:-\d{4})?)?(?!\w)/iy,
    score: 0.8,
  }),
  shape({
    name: 'military-post',
    kind: 'ADDRESS',
    at: { words: ['APO', 'FPO', 'DPO', 'apo', 'fpo', 'dpo'] },
    pattern: /(?<![\w])[afd]po a[aep] \d{5}(?:-\d{4})?(?!\w)/iy,
    score: 0.8,
  }),
  shape({
    name: 'address-plain',
    kind: 'ADDRESS',
    at: digits(1, 5),
    pattern: /(?<![\w$€£]|\d[-./:,])\d{1,5} (?:\p{Lu}[\p{L}'’.-]{2,24} ){1,4}\d{1,4}(?![\p{L}\d]|[.,:/-]\d| (?:am|pm|AM|PM|%))/uy,
    score: 0,
    near: addressWords,
    nearScore: 0.65,
  }),
  shape({
    name: 'unit',
    kind: 'ADDRESS',
    at: { words: ['Apt', 'apt', 'APT', 'Apa', 'Suit', 'suit', 'SUIT', 'Ste', 'Flat', 'Unit'] },
    pattern: /(?<![\w])(?:apt|apartment|suite|ste|flat|unit)\.? #?\d{1,5}[A-Za-z]?(?![\w]|[.,:/-]\d)/iy,
    score: 0.6,
  }),
  shape({
    name: 'zip',
    kind: 'ZIP',
    at: digits(5, 5),
    pattern: /(?<![\w]|[\w][-./])\d{5}(?:-\d{4})?(?!\w|[-.,/:]\d)/y,
    score: 0,
    near: /\b(?:zip|zips|zip ?code|postal|post ?code|plz)\b/,
    nearScore: 0.8,
  }),
  shape({
    name: 'zip-named',
    kind: 'ZIP',
    at: digits(2, 7),
    pattern:
      /(?<=(?:zip|ZIP|Zip|postal|Postal|POSTAL|postcode|Postcode)(?: ?[Cc]ode)?["']?(?:\s?[:=#]\s?| is | )["']?)(?:\d{3,7}|\d{2,3}[ -]\d{2,3})(?: [A-Z]{2})?(?!\w|[-.,/:]\d)/y,
    score: 0.75,
  }),
  shape({
    name: 'zip-of-state',
    kind: 'ZIP',
    at: digits(5, 5),
    pattern:
      /(?<=(?:^|[\s,])(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]),? {1,2})\d{5}(?:-\d{4})?(?!\w|[-.,/:]\d)/y,
    score: 0.7,
  }),
  shape({
    name: 'postcode-uk',
    kind: 'ZIP',
    at: 'code',
    pattern: /(?<![\w]|[\w][-])[A-PR-UWYZ](?:[A-HK-Y]?\d[\dABEHMNPRV-Y]?|\d[A-HJKPSTUW]) \d[ABD-HJLNP-UW-Z]{2}(?!\w|-\w)/y,
    score: 0.65,
  }),
]
