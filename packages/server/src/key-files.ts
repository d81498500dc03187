import { randomBytes } from 'node:crypto'
import { chmodSync, closeSync, existsSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Config, ConfigError, type KeyName, keyNames } from './config.ts'
import { makeFolder } from './store/make-folder.ts'
import { storeErrorOf } from './store/store-error.ts'

export type Keys = { readonly [name in KeyName]: Uint8Array }

/**
 * All keys: from the environment, else from the files `<name>.key` in the data folder, each made on first use outside
 * production with 32 random bytes of its own. Throws a `ConfigError` for a file that is malformed, open to others, or gone
 * while what it locked is still there; a `StoreError` for a folder that cannot be written. Nothing is ever overwritten.
 */
export function loadKeys({ mode, data, keys }: Pick<Config, 'mode' | 'data' | 'keys'>): Keys {
  const problems: string[] = []
  const loaded = keyNames.map((name) => {
    try {
      return [name, keys[name] ?? fromFile(name, mode, data)] as const
    } catch (error) {
      if (!(error instanceof ConfigError)) throw storeErrorOf(error, data) ?? error
      problems.push(...error.problems)
      return [name, new Uint8Array()] as const
    }
  })
  const texts = loaded.map(([, bytes]) => Buffer.from(bytes).toString('hex'))
  const twin = texts.findIndex((text, index) => text !== '' && texts.indexOf(text) !== index)
  if (twin >= 0) problems.push(`\`${keyNames[twin]}.key\` in \`${data}\` is the same as another key: give each its own.`)
  if (problems.length > 0) throw new ConfigError(problems)
  return Object.fromEntries(loaded) as Keys
}

function fromFile(name: KeyName, mode: Config['mode'], data: string): Uint8Array {
  const file = join(data, `${name}.key`)
  const about = `\`${name}.key\` in \`${data}\``
  if (!existsSync(file)) {
    if (mode === 'production')
      throw new ConfigError([`${about} is missing, and production makes no keys of its own: give the key by its variable.`])
    if (existsSync(join(data, 'agentgate.db')))
      throw new ConfigError([
        `${about} is missing, but the database that it belongs to is there: restore the file, or start with a new folder.`,
      ])
    make(file)
  }
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0)
    throw new ConfigError([
      `${about} can be read by other users of this machine: \`chmod 600\` it, and replace the key if they may have read it.`,
    ])
  const text = readFileSync(file, 'utf8').trimEnd()
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length !== 32 || bytes.toString('base64') !== text)
    throw new ConfigError([`${about} is not 32 bytes in base64: restore it; nothing was changed.`])
  return new Uint8Array(bytes)
}

/** Whole or not at all, whoever else makes it at the same moment. */
function make(file: string): void {
  makeFolder(dirname(file))
  const draft = `${file}.${process.pid}`
  const handle = openSync(draft, 'wx', 0o600)
  try {
    writeSync(handle, `${randomBytes(32).toString('base64')}\n`)
    fsyncSync(handle)
    chmodSync(draft, 0o600)
    linkSync(draft, file)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    closeSync(handle)
    rmSync(draft, { force: true })
  }
}
