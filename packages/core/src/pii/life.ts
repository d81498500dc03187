import { digits, type Recognizer, shape } from './recognizer.ts'

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

/** A year by itself is a date only where the words say so: `in 1984`, `during 2003`, `(1971)`. */
const yearAlone =
  /(?<=\b(?:in|since|of|until|till|from|during|before|after|by|to|late|early|mid|summer|winter|spring|autumn|fall|year|circa) |\()(?:1[89]|20)\d\d(?![\w%]|[-.,/:]\d| (?:people|users|items|times|words|files|rows|dollars|bytes|tokens|ms|MB|KB|GB|Hz|RPM|rpm))/y
const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
const weekday = /(?<![\w-])(?:mon|tues|wednes|thurs|fri|satur|sun)day(?![\w-])/iy

function dates(kind: 'DATE' | 'DATE_OF_BIRTH', score: number, nearScore: number): readonly Recognizer[] {
  const near = kind === 'DATE_OF_BIRTH' ? { near: birthWords, nearScore } : {}
  const name = kind === 'DATE' ? 'date' : 'date-of-birth'
  return [
    shape({ name, kind, at: digits(1, 4), pattern: fromNumber, score, ...near }),
    shape({ name: `${name}-month`, kind, at: { words: monthWords }, pattern: fromMonth, score, ...near }),
  ]
}

const tens = [
  'ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety',
  'one two three four five six seven eight nine',
]
  .join(' ')
  .split(' ')

export const life: readonly Recognizer[] = [
  ...dates('DATE_OF_BIRTH', 0, 0.9),
  ...dates('DATE', 0.6, 0.6),
  shape({ name: 'year', kind: 'DATE', at: digits(4, 4), pattern: yearAlone, score: 0.5 }),
  shape({ name: 'weekday', kind: 'DATE', at: { words: weekdays }, pattern: weekday, score: 0.5 }),
  shape({
    name: 'age',
    kind: 'AGE',
    at: digits(1, 3),
    pattern:
      /(?<![\w]|\d[-./,]|[$€£])(?:1[0-4]\d|\d{1,2})(?:[ -]?(?:years?|yrs?|months?)[ .-]{0,2}olds?| ?y\/o| ?yo|[ -]?yrs?)(?![A-Za-z])/iy,
    score: 0.75,
  }),
  shape({
    name: 'age-spelled',
    kind: 'AGE',
    at: { words: tens.flatMap((word) => [word, word.charAt(0).toUpperCase() + word.slice(1)]) },
    pattern: new RegExp(
      `(?<![\\w-])(?:(?:${tens.join('|')})(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?|(?:a|one) hundred)[ -](?:years?|yrs?)[ -]olds?(?![A-Za-z])`,
      'iy',
    ),
    score: 0.75,
  }),
  shape({
    name: 'age-named',
    kind: 'AGE',
    at: { words: ['age', 'Age', 'AGE', 'aged', 'Aged', 'turn', 'Turn'] },
    pattern: /(?:aged?(?: (?:of|is|was))?|turn(?:s|ed|ing)?)(?:["']?\s?[:=]\s?|\s)"?(?<value>(?:1[0-4]\d|\d{1,2}))(?![\w%]|[.,:/-]\d)/iy,
    score: 0.7,
  }),
]
