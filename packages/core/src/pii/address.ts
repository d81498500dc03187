import { digits, isNear, type Match, type Recognizer, shape } from './recognizer.ts'

const types =
  'street|str|st|avenue|ave|av|road|rd|boulevard|blvd|drive|dr|lane|ln|court|ct|place|pl|square|sq|terrace|ter|way|parkway|pkwy|highway|hwy|circle|cir|trail|trl|close|crescent|cres|gardens|grove|mews|row|alley|plaza|crossing|ridge|heights|loop|walk|quay|broadway|turnpike|expressway'
/** How streets begin in languages that name the kind first. */
const heads =
  'rue|calle|via|viale|corso|piazza|piazzetta|piazzale|largo|vicolo|strada|avenida|avda\\.|av\\.|avenue|boulevard|bd|impasse|place|chemin|allée|rua|travessa|praça|plaza|paseo|passeig|carrer|camino|carretera|ronda|ul\\.|ulica|ulitsa|al\\.|aleja|os\\.|nám\\.|c/|rúa|jalan|jl\\.'
const units = 'apt|apartment|suite|ste|unit|floor|flat|room|rm'
const compound =
  '\\p{L}{2,24}(?:stra(?:ß|ss)e|str\\.|gatan?|gade|veg(?:en)?|vej(?:en)?|veien|vägen|weg|wei|allee|gasse|platz|ring|damm|ufer|steig|straat|laan|plein|kade|gracht|dijk|katu|tie|kuja|polku|stræde|stræti|straeti|götu|gata|braut|steenweg|bakken|centret|utca|brücke)'
const word = "\\p{L}[\\p{L}'’.-]{0,24}"
const named = "\\p{Lu}[\\p{L}'’.-]{0,24}"
const link = '(?:de|der|den|van|von|del|della|di|da|do|dos|du|des|la|le|les|el|al|zur|zum|am|an|auf|of|the|st\\.|y|e|d’|l’|ten|ter)'
const months = '(?!(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\\b)'
const compass = '(?:N|S|E|W|NE|NW|SE|SW|North|South|East|West)'
const notBefore = '(?<![\\w$€£#]|\\d[-./:,]|[-./:@_])'
const house = '\\d{1,6}[A-Za-z]?(?:[-/]\\d{1,4})?'
const lastNumber = '\\d{1,4}(?:[ -]?[A-Za-z](?![\\p{L}]))?(?![\\p{L}\\d%°]|[.,:/-]\\d| ?(?:am|pm|AM|PM)\\b)'
const unit = `(?:,?\\s{1,3}(?:[>?*]{1,4} ?)?(?:${units})\\.? ?#? ?[A-Za-z]?\\d{1,5}[A-Za-z]?(?!\\p{L})){0,2}`

/** `12 Old Mill Road`, `1000 N. Main St Apt 4`. */
const american = new RegExp(
  `${notBefore}(?:\\d{1,6} )?${house},? (?:${compass}\\.? )?(?:(?!and\\b|or\\b|of\\b|the\\b|in\\b|to\\b)(?:${word}|\\d{1,3}(?:st|nd|rd|th)?) ){0,4}?(?:${types})(?![\\p{L}\\d])\\.?(?: ${compass}\\b)?(?: \\d{1,4}(?![\\p{L}\\d]|[.,:/-]\\d))?${unit}`,
  'iuy',
)
/** `12 rue de la Paix`, `56 Calle Mayor 4`. */
const romance = new RegExp(
  `${notBefore}(?:\\d{1,6} )?${house},? (?:${heads})(?: (?:${link} ){0,3}${word}){1,5}?(?: ${lastNumber}|(?=[,;.!?\\n]|$| (?:${units})\\b))${unit}`,
  'iuy',
)
/** `41086 Kiannonkatu 98`, `20 Hauptplatz`. */
const germanic = new RegExp(
  `${notBefore}(?:\\d{1,6} )?${house},? (?:${named} ){0,2}?${compound}(?! ?\\p{L}{30})(?: ${lastNumber})?(?![\\p{L}])${unit}`,
  'iuy',
)
/** `35 Herrería 6`: two numbers around names that begin with capitals. */
const plain = new RegExp(
  `${notBefore}(?:\\d{1,6} )?\\d{1,6} ${months}(?=\\p{Lu})(?:${named}|${link})(?: (?:${link}|${named})){0,5} ${lastNumber}${unit}`,
  'uy',
)
/** The rest of a whole address: the town with its code, or the town and the country. */
const code = '\\d{4,6}(?:-\\d{4})?(?![\\p{L}\\d])'
const town = `${named}(?:[ -](?:${link}[ -])?${named}){0,3}`
const rest = new RegExp(
  `,?\\s{1,3}${town}(?: [A-Z]{1,2})?\\s?,\\s(?:[A-Z]{2,3}(?:,?\\s{1,3}${code})?(?![\\p{L}])|${town}(?: \\([A-Z][a-z]+\\))? ${code})|, ${town}(?: \\d{1,2})?, ${town}(?: ${code})?(?=[^\\p{L} ]|$| (?:in|for|by|at|and|or|last|this|after|before|is|was)\\b)|,? [A-Z]{2} ${code}|, ${code}`,
  'uy',
)

const addressWords =
  /\b(?:address(?:es)?|addr|lives?|lived|living|located|location|residence|resid\w+|home|street|ship(?:ped|ping)?|deliver\w*|mail(?:ing)?|billing|visit|meet|return to|taxi|sent? (?:it )?to|office|arrived)\b/

const years = /^(?:19|20)\d\d /

/** The whole of an address that begins at a number. */
function findNumbered(text: string, at: number, hint: string): Match | undefined {
  const from = at > 1 && text.charAt(at - 1) === ' ' && /\d/.test(text.charAt(at - 2)) ? undefined : at
  for (const [pattern, sure] of [
    [american, 0.6],
    [romance, 0.6],
    [germanic, 0.6],
    [plain, 0.5],
  ] as const) {
    pattern.lastIndex = at
    const [found] = pattern.exec(text) ?? []
    if (!found || (from === undefined && pattern === plain)) continue
    const likely = isNear(text, at, at + found.length, addressWords, hint)
    const block = /(?:^|\n)[ \t>?*]*$/.test(text.slice(Math.max(0, at - 8), at))
    const capital = /\p{Lu}/u.test(found) || (/^\d+[A-Za-z]? \d/.test(found) && /\p{L}/u.test(found))
    if (!capital && !likely && !block) continue
    if (pattern === plain && (years.test(found) || /\b(?:19|20)\d\d$/.test(found)) && !likely) continue
    if (pattern === plain && !likely && !block) continue
    if (pattern === germanic && !likely && !block && (years.test(found) || (!/\d$/.test(found) && !sureStreet.test(found)))) continue
    rest.lastIndex = at + found.length
    const end = rest.test(text) ? rest.lastIndex : at + found.length
    return [at, end, likely ? 0.86 : block ? 0.75 : sure]
  }
  return undefined
}

/** Endings of street names that hardly any other words have. */
const sureStreet = /(?:stra(?:ß|ss)e|str\.|vej(?:en)?|vägen|veien|allee|gasse|platz|straat|laan|gracht|steenweg|stræde)$/iu

const streetWord = new RegExp(`^(?=\\p{Lu})(?:${compound}|(?:strasse|straße|street|avenue))$`, 'iu')
const wordThenStreet = /(?:^|[\s,"'>:(])(\p{Lu}[\p{L}'’.-]{2,24} (?:utca|tér|út|útja|u\.|ulica|ulice|trg|nám\.|náměstí|tee|mnt|pst) )$/u
const streetThenWords = new RegExp(`(?:^|[\\s,"'>:(])((?:${heads}|Λεωφόρος|Οδός) (?:${word} ){1,5})$`, 'iu')

/** Where the street's name begins that ends right before a house number, if one does. */
function streetBefore(text: string, at: number): number | undefined {
  if (text.charAt(at - 1) !== ' ' || !/[\p{L}.]/u.test(text.charAt(at - 2))) return undefined
  const line = text.slice(Math.max(0, at - 60), at)
  const near = line.slice(line.lastIndexOf('\n') + 1)
  const single = near.slice(near.lastIndexOf(' ', near.length - 2) + 1, -1).replace(/^[^\p{L}]+/u, '')
  if (streetWord.test(single)) return at - single.length - 1
  const found = wordThenStreet.exec(near) ?? streetThenWords.exec(near)
  const named = found?.[1]
  if (named === undefined || month.test(named) || !/ (?:\p{Lu}|[a-zà-ÿ'’]{1,4} )/u.test(named)) return undefined
  return at - named.length
}

const month = / (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.? $/i

const houseNumber = new RegExp(`${lastNumber}${unit}`, 'uy')

/** A line of an address block: names, then a code; what stands above it has numbers. */
const codeLine = /\n[ \t>?*]*\p{Lu}?[\p{L}.'’ -]{3,40} $/u
const codeEnd = /\d{4,6}(?:-\d{4})?(?=[ \t]*(?:\n|$)|[.?!]?\s*$|[?!.] )/y

const corner = new RegExp(`(?:the )?corner of (?:(?:${word}|\\d{1,5}) ){0,7}?and (?:(?:${named}|\\d{1,5}) ?){1,5}`, 'iuy')
const streetName = new RegExp(`(?<![\\p{L}\\d])(?:Street|Avenue|Road|Lane|Boulevard|Blvd|Turnpike|Crossroad)(?![\\p{L}])`, 'uy')

export const addresses: readonly Recognizer[] = [
  { name: 'address', kind: 'ADDRESS', at: digits(1, 6), find: findNumbered },
  {
    name: 'address-street-first',
    kind: 'ADDRESS',
    at: digits(1, 4),
    find(text, at, hint) {
      houseNumber.lastIndex = at
      if (!houseNumber.test(text)) return undefined
      let end = houseNumber.lastIndex
      const street = streetBefore(text, at)
      if (street === undefined) return undefined
      rest.lastIndex = end
      if (rest.test(text)) end = rest.lastIndex
      return [street, end, isNear(text, street, end, addressWords, hint) ? 0.8 : 0.6]
    },
  },
  {
    name: 'address-code-line',
    kind: 'ZIP',
    at: digits(4, 6),
    find(text, at) {
      codeEnd.lastIndex = at
      if (!codeEnd.test(text)) return undefined
      const above = text.slice(Math.max(0, at - 160), at)
      if (!codeLine.test(above.slice(-48))) return undefined
      const lines = above.split('\n').slice(-5, -1)
      return lines.some((line) => /\d[\p{L}]? *$|^[ >?*]*\d{1,6} \p{L}/u.test(line) && line.length < 60)
        ? [at, codeEnd.lastIndex, 0.6]
        : undefined
    },
  },
  shape({ name: 'address-corner', kind: 'ADDRESS', at: { words: ['the', 'corner', 'The'] }, pattern: corner, score: 0.7 }),
  {
    name: 'street-named',
    kind: 'ADDRESS',
    at: { words: ['Street', 'Avenue', 'Road', 'Lane', 'Boulevard', 'Blvd', 'Turnpike', 'Crossroad'] },
    find(text, at) {
      streetName.lastIndex = at
      if (!streetName.test(text)) return undefined
      const end = streetName.lastIndex
      const before = text.slice(Math.max(0, at - 56), at)
      const [, name] = /(?:^|[^\p{L}])(?:on|at|near|of|along|off|and|in|to) ((?:\p{Lu}[\p{L}'’.-]{1,24} ){1,3})$/u.exec(before) ?? []
      return name === undefined || /^(?:Wall|Main|The) $/.test(name) ? undefined : [at - name.length, end, 0.55]
    },
  },
  shape({
    name: 'po-box',
    kind: 'ADDRESS',
    at: { words: ['P.', 'PO', 'Po', 'Pos', 'p.o', 'po ', 'pos'] },
    pattern: /(?<![\w])(?:P\. ?O\. ?|PO |Post(?:al)? ?(?:office )?|pb )box ?#?\d{1,6}(?!\w)/iy,
    score: 0.7,
  }),
  shape({
    name: 'military',
    kind: 'ADDRESS',
    at: { words: ['PSC', 'CMR', 'Unit', 'UNIT', 'unit', 'psc'] },
    pattern: /(?<![\w])(?:psc|cmr|unit) \d{1,5},? box \d{1,5}(?:[,]?\s?[AFD]PO A[AEP] \d{5}(?:-\d{4})?)?(?!\w)/iy,
    score: 0.8,
  }),
  shape({
    name: 'military-ship',
    kind: 'ADDRESS',
    at: { words: ['USS', 'USNS', 'USCGC', 'USNV', 'uss', 'usns', 'uscgc', 'usnv'] },
    pattern: /(?<![\w])us(?:s|ns|nv|cgc) [\p{L}-]{2,24},?\s[AFD]PO A[AEP] \d{5}(?:-\d{4})?(?!\w)/iuy,
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
      /(?<=(?:zip|ZIP|Zip|postal|Postal|POSTAL|postcode|Postcode)(?: ?[Cc]ode)?["']?(?:\s?[:=#]\s?| is | )["']?)(?:\d{2,3}[ -]\d{2,3}|\d{3,7})(?: [A-Z]{2})?(?!\w|[-.,/:]\d)/y,
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
