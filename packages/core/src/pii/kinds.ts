/** Every kind that the pattern layer finds. */
export const patternKinds = [
  'SSN',
  'ITIN',
  'CREDIT_CARD',
  'IBAN',
  'US_BANK',
  'ABA_ROUTING',
  'EMAIL',
  'PHONE',
  'IP_ADDRESS',
  'MAC',
  'PASSPORT',
  'DRIVERS_LICENSE',
  'MEDICAL_LICENSE',
  'NPI',
  'UK_NHS',
  'UK_NINO',
  'DATE_OF_BIRTH',
  'DATE',
  'AGE',
  'ADDRESS',
  'ZIP',
  'URL',
  'CRYPTO',
  'API_KEY',
] as const

export type PatternKind = (typeof patternKinds)[number]

/**
 * What patterns look for unless told otherwise: whatever numbers, reaches or impersonates one person. A date, an age, a postcode or a
 * public address of the web alone does not, and tools need them to work: those are found when asked for by kind.
 */
export const defaultKinds: readonly PatternKind[] = patternKinds.filter((kind) => !['DATE', 'AGE', 'ZIP', 'URL'].includes(kind))

/** Stands for a token that somebody typed: `<SSN_1>` typed is `<LITERAL_1>` masked, and `<SSN_1>` again restored. */
export const literalKind = 'LITERAL'

/** Stands for the whole input of a held call. It is recalled by name for that call, and never restored into a text. */
export const inputKind = 'INPUT'

/** Kinds that the name layer finds: people, places and organisations. */
export const nameKinds = ['PERSON', 'LOCATION', 'ORGANIZATION'] as const

/**
 * What a gate masks unless told otherwise: `defaultKinds`, and people. A place or an organisation alone names nobody, and tools
 * need them to work. Names are read in whole texts that people write, never in the resource, a path or an address of the web.
 */
export const maskedKinds: readonly string[] = [...defaultKinds, 'PERSON']

/** The kinds whose tokens mean something; `<DIV_1>` is text. */
export function tokenKinds(custom: readonly string[] = []): ReadonlySet<string> {
  return new Set([...patternKinds, ...nameKinds, literalKind, inputKind, ...custom])
}

/** Stands for the private record of a call: see `recordsOf`. It is never restored into a text. */
export const recordKind = 'RECORD'
