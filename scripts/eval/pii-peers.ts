import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Span } from './pii-rows.ts'

/** Another detector, and how its findings are called here. */
export interface Peer {
  readonly name: string
  readonly version: string
  readonly find: (text: string) => Promise<readonly Span[]>
}

/**
 * Detectors on npm that are installed here, or in the folder of `--peers=FOLDER`: OpenRedaction, Arcjet's redact, redact-pii,
 * remove-pii, and compromise, which knows names alone. What is not installed is named by `missing`.
 */
export async function peers(): Promise<{ readonly here: readonly Peer[]; readonly missing: readonly string[] }> {
  const folder = process.argv.find((word) => word.startsWith('--peers='))?.slice('--peers='.length) ?? '.'
  const require = createRequire(join(resolve(folder), 'package.json'))
  const here: Peer[] = []
  const missing: string[] = []
  for (const [name, open] of known) {
    try {
      const version = String((require(join(resolve(folder), 'node_modules', name, 'package.json')) as { version: unknown }).version)
      const load = async (): Promise<Loaded> => {
        try {
          return (await import(pathToFileURL(require.resolve(name)).href)) as Loaded
        } catch {
          return require(name) as Loaded
        }
      }
      here.push({ name, version, find: open(await load()) })
    } catch {
      missing.push(name)
    }
  }
  return { here, missing }
}

/** What the packages export, as far as it is used here; each has its own part. */
interface Loaded {
  readonly OpenRedaction: new (options: {
    redactionMode: string
  }) => { detect: (text: string) => Promise<{ detections: { type: string; position: [number, number] }[] }> }
  readonly redact: (text: string, options: { replace: (type: string, value: string) => undefined }) => Promise<unknown>
  readonly analyzePII: (text: string) => { pii: { detected: { type: string; positions: { start: number; end: number }[] }[] } }
  readonly SyncRedactor?: Redactor
  readonly default: ((text: string) => Doc) & { readonly SyncRedactor: Redactor }
}
type Redactor = new () => { redact: (text: string) => string }
interface Doc {
  readonly people: () => View
  readonly places: () => View
  readonly organizations: () => View
}
interface View {
  readonly json: (options: { offset: boolean; terms: boolean }) => { offset: { start: number; length: number } }[]
}
type Find = Peer['find']

const openRedaction: { readonly [type: string]: string } = {
  NAME: 'PERSON',
  EMAIL: 'EMAIL',
  SSN: 'SSN',
  CREDIT_CARD: 'CREDIT_CARD',
  IPV4: 'IP_ADDRESS',
  IPV6: 'IP_ADDRESS',
  IP_ADDRESS: 'IP_ADDRESS',
  IBAN: 'IBAN',
  URL: 'URL',
  DATE: 'DATE',
  DATE_OF_BIRTH: 'DATE',
  AGE: 'AGE',
  COMPANY: 'ORGANIZATION',
  ORGANIZATION: 'ORGANIZATION',
}

const short: { readonly [type: string]: string } = {
  email: 'EMAIL',
  phone: 'PHONE',
  'phone-number': 'PHONE',
  ssn: 'SSN',
  creditCard: 'CREDIT_CARD',
  'credit-card-number': 'CREDIT_CARD',
  ipAddress: 'IP_ADDRESS',
  'ip-address': 'IP_ADDRESS',
  address: 'ADDRESS',
  zipCode: 'ZIP',
  url: 'URL',
  dateOfBirth: 'DATE',
  PERSON_NAME: 'PERSON',
  EMAIL_ADDRESS: 'EMAIL',
  PHONE_NUMBER: 'PHONE',
  CREDIT_CARD_NUMBER: 'CREDIT_CARD',
  IP_ADDRESS: 'IP_ADDRESS',
  US_SOCIAL_SECURITY_NUMBER: 'SSN',
  STREET_ADDRESS: 'ADDRESS',
  ZIPCODE: 'ZIP',
  URL: 'URL',
}

function named(type: string): string | undefined {
  if (type.startsWith('PHONE')) return 'PHONE'
  if (type.startsWith('ADDRESS')) return 'ADDRESS'
  if (/^(?:ZIP|POSTCODE|POSTAL)/.test(type)) return 'ZIP'
  return openRedaction[type] ?? short[type]
}

function spansOf(found: readonly { readonly type: string; readonly start: number; readonly end: number }[]): readonly Span[] {
  return found.flatMap(({ type, start, end }) => {
    const kind = named(type)
    return kind === undefined ? [] : [{ kind, start, end }]
  })
}

const known: readonly (readonly [name: string, open: (loaded: Loaded) => Find])[] = [
  [
    'openredaction',
    ({ OpenRedaction }) => {
      const redactor = new OpenRedaction({ redactionMode: 'placeholder' })
      return async (text) => {
        const { detections } = await redactor.detect(text)
        return spansOf(
          detections.map(({ type, position }) => ({
            type,
            start: position[0],
            end: position[1],
          })),
        )
      }
    },
  ],
  [
    '@arcjet/redact',
    ({ redact }) =>
      async (text) => {
        const found: { type: string; start: number; end: number }[] = []
        let from = 0
        await redact(text, {
          replace(type: string, value: string) {
            const start = text.indexOf(value, from)
            if (start >= 0) {
              found.push({ type, start, end: start + value.length })
              from = start + value.length
            }
            return undefined
          },
        })
        return spansOf(found)
      },
  ],
  [
    '@coffeeandfun/remove-pii',
    ({ analyzePII }) =>
      async (text) =>
        spansOf(analyzePII(text).pii.detected.flatMap(({ type, positions }) => positions.map(({ start, end }) => ({ type, start, end })))),
  ],
  [
    'redact-pii',
    (loaded) => {
      const Redactor = loaded.SyncRedactor ?? loaded.default.SyncRedactor
      const redactor = new Redactor()
      return async (text) => spansOf(placeholders(text, redactor.redact(text)))
    },
  ],
  [
    'compromise',
    ({ default: nlp }) =>
      async (text) => {
        const read = nlp(text)
        const all = (view: View, kind: string) =>
          view.json({ offset: true, terms: false }).map(({ offset }) => ({
            kind,
            start: offset.start,
            end: offset.start + offset.length,
          }))
        return [...all(read.people(), 'PERSON'), ...all(read.places(), 'LOCATION'), ...all(read.organizations(), 'ORGANIZATION')]
      },
  ],
]

/** Where a redacted text has placeholders, in the text it was made from: what stands between them is found again, in order. */
function placeholders(text: string, redacted: string): readonly { type: string; start: number; end: number }[] {
  const parts = redacted.split(
    /\b(PERSON_NAME|EMAIL_ADDRESS|PHONE_NUMBER|CREDIT_CARD_NUMBER|IP_ADDRESS|US_SOCIAL_SECURITY_NUMBER|STREET_ADDRESS|ZIPCODE|URL|DIGITS|CREDENTIALS|USERNAME|PASSWORD)\b/,
  )
  const found: { type: string; start: number; end: number }[] = []
  let at = (parts[0] ?? '').length
  for (let index = 1; index < parts.length; index += 2) {
    const next = parts[index + 1] ?? ''
    const end = next === '' && index + 2 >= parts.length ? text.length : text.indexOf(next, at)
    if (end < 0) break
    found.push({ type: parts[index] ?? '', start: at, end })
    at = end + next.length
  }
  return found
}
