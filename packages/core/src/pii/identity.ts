import { dea, nhs, npi } from './checksum.ts'
import { digits, digitsOf, type Recognizer, shape } from './recognizer.ts'

const ssnWords = /\b(?:ssn|ssns|social security|soc ?sec|social sec|socials?)\b/
const itinWords = /\b(?:itin|tin|tax ?id|taxpayer|tax identification|individual taxpayer)\b/
const licenceWords =
  /\b(?:driv\w{2,6}'?s? (?:licen[cs]e|permit)|licen[cs]e (?:number|no|num|id)\b|licen[cs]e(?: is)?\s*[:#]?\s*$|dl|dln|dvla|dmv)/
const passportWords = /\b(?:passports?|passport ?(?:no|number)|travel document)\b/
const healthWords = /\b(?:nhs|national health|patient|health service|health number)\b/

export const identity: readonly Recognizer[] = [
  shape({
    name: 'ssn-dashed',
    kind: 'SSN',
    at: digits(3, 3),
    pattern: /(?<!\d[-./_])(?!000|666|9)\d{3}(?<gap> ?-+ ?|\.)(?!00)\d\d\k<gap>(?!0000)\d{4}(?![A-Za-z0-9]|[-/]\d|\.\d)/y,
    score: 0.85,
    near: ssnWords,
    nearScore: 0.97,
  }),
  shape({
    name: 'ssn-spaced',
    kind: 'SSN',
    at: digits(3, 3),
    pattern: /(?<!\d[-./ ])(?!000|666|9)\d{3} {1,2}(?!00)\d\d {1,2}(?!0000)\d{4}(?![A-Za-z0-9]|[-./ ]\d)/y,
    score: 0.6,
    near: ssnWords,
    nearScore: 0.97,
  }),
  shape({
    name: 'ssn-bare',
    kind: 'SSN',
    at: digits(9, 9),
    pattern: /(?<![A-Za-z\d]|\d[-.,])(?!000|666|9)\d{3}(?!00)\d\d(?!0000)\d{4}(?![A-Za-z0-9]|[-.,]\d)/y,
    score: 0,
    near: ssnWords,
    nearScore: 0.9,
  }),
  shape({
    name: 'itin-dashed',
    kind: 'ITIN',
    at: digits(3, 3),
    pattern: /(?<!\d[-./])9\d\d(?<gap>[- ])(?:5\d|6[0-5]|7\d|8[0-8]|9[0-24-9])\k<gap>\d{4}(?![A-Za-z0-9]|[-./]\d)/y,
    score: 0.75,
    near: itinWords,
    nearScore: 0.95,
  }),
  shape({
    name: 'itin-bare',
    kind: 'ITIN',
    at: digits(9, 9),
    pattern: /(?<![A-Za-z\d]|\d[-.,])9\d\d(?:5\d|6[0-5]|7\d|8[0-8]|9[0-24-9])\d{4}(?![A-Za-z0-9]|[-.,]\d)/y,
    score: 0,
    near: itinWords,
    nearScore: 0.9,
  }),
  shape({
    name: 'nhs-grouped',
    kind: 'UK_NHS',
    at: digits(3, 3),
    pattern: /(?<!\d[-./ ])\d{3} \d{3} \d{4}(?![A-Za-z0-9]|[-./ ]\d)/y,
    valid: (found) => nhs(digitsOf(found)),
    score: 0.65,
    near: healthWords,
    nearScore: 0.97,
  }),
  shape({
    name: 'nhs-bare',
    kind: 'UK_NHS',
    at: digits(3, 10),
    pattern: /(?<![A-Za-z\d]|\d[-.,])\d{3}-?\d{3}-?\d{4}(?![A-Za-z0-9]|[-.,]\d)/y,
    valid: (found) => nhs(digitsOf(found)),
    score: 0,
    near: healthWords,
    nearScore: 0.95,
  }),
  shape({
    name: 'nino',
    kind: 'UK_NINO',
    at: 'code',
    pattern:
      /(?<![A-Za-z0-9]|[A-Za-z0-9][-_])(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d\d ?\d\d ?\d\d ?[A-D](?![A-Za-z0-9]|[-_][A-Za-z0-9])/y,
    score: 0.8,
    near: /\b(?:nino|national insurance|ni (?:number|no))\b/,
    nearScore: 0.97,
  }),
  {
    name: 'nino-spaced',
    kind: 'UK_NINO',
    at: digits(2, 6),
    find(text, at) {
      if (at < 3) return undefined
      spacedNino.lastIndex = at - 3
      return spacedNino.test(text) ? [at - 3, spacedNino.lastIndex, 0.8] : undefined
    },
  },
  shape({
    name: 'passport',
    kind: 'PASSPORT',
    at: digits(7, 9),
    pattern: /(?<![A-Za-z0-9]|[A-Za-z0-9][-_./])\d{7,9}(?![A-Za-z0-9]|[-_./][A-Za-z0-9])/y,
    score: 0,
    near: passportWords,
    nearScore: 0.85,
  }),
  shape({
    name: 'passport-lettered',
    kind: 'PASSPORT',
    at: 'code',
    pattern:
      /(?<![A-Za-z0-9]|[A-Za-z0-9][-_./])(?:[A-Za-z]{1,3}\d{5,8}[A-Za-z]?|\d{2}[A-Za-z]{2}\d{5}|[CFGHJKLMNPRTVWXYZ\d]{9})(?![A-Za-z0-9]|[-_./][A-Za-z0-9])/y,
    valid: (found) => /\d{2}/.test(found),
    score: 0,
    near: passportWords,
    nearScore: 0.85,
  }),
  shape({
    name: 'drivers-license',
    kind: 'DRIVERS_LICENSE',
    at: digits(4, 24),
    pattern: /(?<![A-Za-z0-9]|[A-Za-z0-9][-_./])\d{4,}(?:-\d{2,6}){0,3}[A-Za-z]{0,2}\d{0,4}(?![A-Za-z0-9]|[-_./][A-Za-z0-9])/y,
    valid: (found) => digitsOf(found).length >= 6 && found.length <= 20,
    score: 0,
    near: licenceWords,
    nearScore: 0.8,
  }),
  shape({
    name: 'drivers-license-lettered',
    kind: 'DRIVERS_LICENSE',
    at: 'code',
    pattern: /(?<![A-Za-z0-9]|[A-Za-z0-9][-_./])[A-Za-z0-9]{1,20}(?:[- ]\d{1,6}){0,4}(?![A-Za-z0-9]|[-_./][A-Za-z0-9])/y,
    valid: (found) => digitsOf(found).length >= 4 && found.length >= 6 && found.length <= 22,
    score: 0,
    near: licenceWords,
    nearScore: 0.8,
  }),
  shape({
    name: 'uk-driving-licence',
    kind: 'DRIVERS_LICENSE',
    at: 'code',
    pattern:
      /(?<![A-Za-z0-9])(?=[A-Z]{1,5}9{0,4}\d)[A-Z9]{5} ?\d(?:0[1-9]|1[0-2]|5[1-9]|6[0-2])(?:0[1-9]|[12]\d|3[01])\d ?[A-Z9]{2}[A-Z0-9][A-Z]{2}(?: \d\d)?(?![A-Za-z0-9])/y,
    score: 0.85,
  }),
  shape({
    name: 'dea',
    kind: 'MEDICAL_LICENSE',
    at: 'code',
    pattern: /(?<![A-Za-z0-9]|[A-Za-z0-9][-_])[ABCDEFGHJKLMPRSTUX][A-Z9]\d{7}(?![A-Za-z0-9]|[-_][A-Za-z0-9])/y,
    valid: (found) => dea(found.slice(2)),
    score: 0.65,
    near: /\b(?:dea|medical|physician|prescri\w+|practitioner|doctor|license|licence)\b/,
    nearScore: 0.97,
  }),
  shape({
    name: 'medical-license',
    kind: 'MEDICAL_LICENSE',
    at: 'code',
    pattern: /(?<![A-Za-z0-9]|[A-Za-z0-9][-_.])(?:MD|DO|RN|ME|[A-Z])[- ]?\d{5,8}(?![A-Za-z0-9]|[-_.][A-Za-z0-9])/y,
    score: 0,
    near: /\b(?:medical|physician|nursing|nurse|doctor)'?s? licen[cs]e\b/,
    nearScore: 0.85,
  }),
  shape({
    name: 'npi',
    kind: 'NPI',
    at: digits(4, 10),
    pattern: /(?<![A-Za-z\d]|\d[-.,])[12]\d{3}(?<gap>[- ]?)\d{3}\k<gap>\d{3}(?![A-Za-z0-9]|[-.,]\d)/y,
    valid: (found) => npi(digitsOf(found)),
    score: 0,
    near: /\b(?:npi|national provider|provider (?:id|identifier|number))\b/,
    nearScore: 0.97,
  }),
  shape({
    name: 'npi-grouped',
    kind: 'NPI',
    at: digits(4, 4),
    pattern: /(?<![A-Za-z\d]|\d[-. ])[12]\d{3}(?<gap>[- ])\d{3}\k<gap>\d{3}(?![A-Za-z0-9]|[-. ]\d)/y,
    valid: (found) => npi(digitsOf(found)),
    score: 0.6,
  }),
]

const spacedNino =
  /(?<![A-Za-z0-9]|[A-Za-z0-9][-_])(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] \d\d ?\d\d ?\d\d ?[A-D](?![A-Za-z0-9])/iy
