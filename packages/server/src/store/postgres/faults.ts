import { StoreError, type StoreErrorCode } from '../store-error.ts'

/**
 * What an error of PostgreSQL or of its connection means; `undefined` for any other. Messages of the database quote rows, so
 * only its code is passed on.
 */
export function databaseFault(error: unknown): StoreError | undefined {
  if (error instanceof StoreError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const found = meanings.find(([pattern]) => pattern.test(code))
  return found && new StoreError(found[1], found[2](code))
}

const meanings: readonly (readonly [RegExp, StoreErrorCode, (code: string) => string])[] = [
  [/^53100$/, 'full', () => 'No space is left for PostgreSQL: nothing was written. Make room on its disk.'],
  [/^(57014|55P03|53[234]00)$/, 'overloaded', (code) => `PostgreSQL had no time or room for it (${code}): try again later.`],
  [/^(22021|22P05)$/, 'invalid-text', () => 'PostgreSQL stores no text with a NUL character: send it without.'],
  [/^XX00[12]$/, 'corrupt', (code) => `PostgreSQL says that its data is damaged (${code}): restore a backup.`],
  [
    /^(25006|42501)$/,
    'not-writable',
    (code) => `PostgreSQL does not let this user write (${code}): see its grants, and whether it is a standby.`,
  ],
  [
    /^(08...|57P0.|CONNECTION_.*|CONNECT_TIMEOUT|E[A-Z]{3,}[A-Z_]*)$/,
    'unavailable',
    (code) => `PostgreSQL cannot be reached (${code}): see whether it runs and \`DATABASE_URL\` names it.`,
  ],
  [
    /^(28...|3D000)$/,
    'unavailable',
    (code) => `PostgreSQL does not let this server in (${code}): see the user, password and database in \`DATABASE_URL\`.`,
  ],
  [
    /CERT|SIGNATURE|^ERR_(TLS|SSL)/,
    'unavailable',
    (code) =>
      `The certificate of PostgreSQL is not one to trust (${code}): see its names and who issued it, and \`sslmode\` in \`DATABASE_URL\`.`,
  ],
  [/^[0-9A-Z]{5}$/, 'unavailable', (code) => `PostgreSQL refused a statement (${code}): its log says why.`],
]
