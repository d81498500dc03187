import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** What a set came to; see scripts/eval.ts. */
export interface Evaluated {
  readonly set: string
  readonly passed: number
  readonly failed: number
  readonly rows: Record<string, unknown>[]
  /** Whether this must hold, and whether it does. */
  readonly must: boolean
  readonly ok: boolean
  /** Single figures, by name, for `--json`. */
  readonly figures?: Readonly<Record<string, unknown>>
}

export interface Span {
  readonly start: number
  readonly end: number
  readonly kind: string
}

export interface Row {
  readonly text: string
  readonly type: string
  readonly kind: string
  readonly mode: string
  readonly family: string
  readonly headline: boolean
  readonly should_match: boolean
  readonly template?: number
  readonly types_absent?: readonly string[]
  readonly spans: readonly { readonly start: number; readonly end: number; readonly type: string }[]
  readonly turns: readonly { readonly text: string }[]
  readonly chunks_o200k: readonly string[]
  readonly chunks_small: readonly string[]
}

/** The rows of one corpus; none where it is absent. */
export function read(folder: string, name: string): readonly Row[] {
  const file = join(folder, `${name}.jsonl.gz`)
  if (!existsSync(file)) return []
  const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n')
  return lines.filter((line) => line !== '').map((line): Row => JSON.parse(line))
}

/** What the corpora call our kinds. Kinds that only name one country's papers, and that we do not name, are left out. */
export const kindOf: { readonly [type: string]: string } = {
  US_SSN: 'SSN',
  SSN: 'SSN',
  SOCIAL_SECURITY_NUMBER: 'SSN',
  US_ITIN: 'ITIN',
  CREDIT_CARD: 'CREDIT_CARD',
  IBAN_CODE: 'IBAN',
  IBAN: 'IBAN',
  EMAIL: 'EMAIL',
  EMAIL_ADDRESS: 'EMAIL',
  PHONE: 'PHONE',
  PHONE_NUMBER: 'PHONE',
  PH_MOBILE_NUMBER: 'PHONE',
  TR_PHONE_NUMBER: 'PHONE',
  IP_ADDRESS: 'IP_ADDRESS',
  IP: 'IP_ADDRESS',
  MAC_ADDRESS: 'MAC',
  ABA_ROUTING_NUMBER: 'ABA_ROUTING',
  BANK_ROUTING_NUMBER: 'ABA_ROUTING',
  US_PASSPORT: 'PASSPORT',
  PASSPORT: 'PASSPORT',
  PASSPORT_NUMBER: 'PASSPORT',
  UK_PASSPORT: 'PASSPORT',
  US_DRIVER_LICENSE: 'DRIVERS_LICENSE',
  DRIVER_LICENSE: 'DRIVERS_LICENSE',
  UK_DRIVING_LICENCE: 'DRIVERS_LICENSE',
  DRIVERS_LICENCE: 'DRIVERS_LICENSE',
  DRIVERS_LICENSE_NUMBER: 'DRIVERS_LICENSE',
  MEDICAL_LICENSE: 'MEDICAL_LICENSE',
  US_NPI: 'NPI',
  UK_NHS: 'UK_NHS',
  UK_NINO: 'UK_NINO',
  NATIONAL_INSURANCE_NUMBER: 'UK_NINO',
  DATE_OF_BIRTH: 'DATE_OF_BIRTH',
  AGE: 'AGE',
  STREET_ADDRESS: 'ADDRESS',
  ADDRESS: 'ADDRESS',
  ZIP_CODE: 'ZIP',
  ZIP: 'ZIP',
  URL: 'URL',
  CRYPTO: 'CRYPTO',
  BITCOIN_ADDRESS: 'CRYPTO',
  DATE: 'DATE',
  DATE_TIME: 'DATE',
  PERSON: 'PERSON',
  LOCATION: 'LOCATION',
  ORG: 'ORGANIZATION',
}

export const round = (value: number): number => Math.round(value * 1000) / 1000

export const overlap = (a: { start: number; end: number }, b: { start: number; end: number }): boolean => a.start < b.end && b.start < a.end
