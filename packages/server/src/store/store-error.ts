export type StoreErrorCode =
  /** Another process writes to the folder. */
  | 'locked'
  /** Written by a newer AgentGate, or by something else. */
  | 'unknown-schema'
  /** The database cannot be read: restore a backup. */
  | 'corrupt'
  /** No space is left. What was asked for was not written. */
  | 'full'
  /** The folder cannot be made or written. */
  | 'not-writable'
  /** More is asked than the store answers: try again. */
  | 'overloaded'
  /** The database acknowledges what is not on disk: nothing is kept in it. */
  | 'not-durable'
  /** A text holds a character that the database cannot store. Nothing was written. */
  | 'invalid-text'
  /** The store was closed, or gave up after an error that left it unsure of what is durable: restart. */
  | 'unavailable'

/** The store cannot do what was asked, or cannot tell whether it did. The message is one line for people. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** What an error of SQLite or of the file system means; `undefined` for any other error. */
export function storeErrorOf(error: unknown, folder: string): StoreError | undefined {
  if (error instanceof StoreError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const found = meanings.find(([pattern]) => pattern.test(code))
  return found && new StoreError(found[1], found[2](folder, code), { cause: error })
}

const meanings: readonly (readonly [RegExp, StoreErrorCode, (folder: string, code: string) => string])[] = [
  [
    /^SQLITE_(BUSY|LOCKED)/,
    'locked',
    (folder) => `\`${folder}\` is in use by another AgentGate: stop that one, or give this one its own folder by \`AGENTGATE_DATA\`.`,
  ],
  [
    /^SQLITE_(CORRUPT|NOTADB|FORMAT)/,
    'corrupt',
    (folder) =>
      `The database in \`${folder}\` is damaged or is no database, and was left as it is: restore a backup, or start with another folder.`,
  ],
  [
    /^(SQLITE_FULL|ENOSPC|EDQUOT)/,
    'full',
    (folder) => `No space is left for \`${folder}\`: nothing was written. Make room and start again.`,
  ],
  [
    /^(SQLITE_(CANTOPEN|READONLY|PERM|AUTH)|EACCES|EPERM|EROFS|ENOTDIR|EEXIST|ENOENT|ELOOP|ENAMETOOLONG)/,
    'not-writable',
    (folder, code) => `\`${folder}\` cannot be written (${code}): make it a folder of this user, or name another by \`AGENTGATE_DATA\`.`,
  ],
  [
    /^SQLITE_/,
    'unavailable',
    (folder, code) => `The database in \`${folder}\` failed (${code}): see whether its disk is healthy, then restart.`,
  ],
]
