import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isKey, openLine, sealLine } from '../sealed-line.ts'
import { lockFolder } from './folder-lock.ts'
import type { Journal, JournalEntry } from './journal.ts'

export interface FileJournalOptions {
  /** A folder of its own, made when it is missing. One process has it at a time. */
  readonly folder: string
  /** 32 random bytes, the same at each start: what a transaction was called with may be personal data and is sealed at rest. */
  readonly key: Uint8Array
}

const suffix = '.journal'
const transactions = /^[0-9a-f-]{36}$/

/**
 * Keeps transactions in a folder, one file each, synchronised to the disk before `append` returns. A line is the base64 of
 * `nonce (12) ‖ AES-256-GCM of the entry's JSON ‖ tag (16)`, bound to its transaction and its place in the file.
 *
 * Throws a `RangeError` for a key that is not 32 bytes; everything rejects with a `FolderTaken` while another process has the folder.
 */
export function fileJournal({ folder, key }: FileJournalOptions): Journal {
  if (!isKey(key)) throw new RangeError('The `key` of a journal is no 32 bytes: give 32 random ones, the same at each start')
  const lines = new Map<string, number>()
  const last = new Map<string, Promise<void>>()
  let ready: Promise<void> | undefined
  const opened = () =>
    (ready ??= mkdir(folder, { recursive: true, mode: 0o700 })
      .then(() => lockFolder(folder))
      .catch((error: unknown) => {
        ready = undefined
        throw error
      }))

  async function write(entry: JournalEntry): Promise<void> {
    const { transaction } = entry
    if (!transactions.test(transaction)) throw new TypeError(`\`${transaction}\` is no id of a transaction`)
    const line = lines.get(transaction) ?? 0
    const file = await open(join(folder, transaction + suffix), 'a', 0o600)
    try {
      await file.write(`${seal(key, transaction, line, entry)}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    if (line === 0) await syncFolder(folder)
    lines.set(transaction, line + 1)
  }

  async function readOne(transaction: string): Promise<readonly JournalEntry[]> {
    const text = await readFile(join(folder, transaction + suffix), 'utf8')
    // What follows the last newline was torn by a crash: its append never returned, so nothing was done on it.
    const whole = text.split('\n').slice(0, -1)
    return whole.map((line, place) => unseal(key, transaction, place, line))
  }

  return {
    async append(entry) {
      await opened()
      const before = last.get(entry.transaction) ?? Promise.resolve()
      // INVARIANT: after an append that failed, the lines of its file are not known, and nothing more is written to it.
      const next = before.then(() => write(entry))
      last.set(entry.transaction, next)
      return next
    },
    async read() {
      await opened()
      const files = (await readdir(folder)).filter((name) => name.endsWith(suffix)).toSorted()
      const all: JournalEntry[] = []
      for (const name of files) {
        const transaction = name.slice(0, -suffix.length)
        const entries = await readOne(transaction)
        if (entries.length === 0 && !last.has(transaction)) await rm(join(folder, name), { force: true })
        else if (!lines.has(transaction)) {
          lines.set(transaction, entries.length)
          await dropTorn(join(folder, name))
        }
        all.push(...entries)
      }
      return all
    },
    async forget(transaction) {
      await opened()
      lines.delete(transaction)
      last.delete(transaction)
      if (transactions.test(transaction)) await rm(join(folder, transaction + suffix), { force: true })
    },
  }
}

/** Cuts what a crash tore, so that the next line begins where a line begins. */
async function dropTorn(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    const text = await file.readFile()
    const whole = text.lastIndexOf(0x0a) + 1
    if (whole === text.length) return
    await file.truncate(whole)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function syncFolder(folder: string): Promise<void> {
  const directory = await open(folder, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

const placeOf = (transaction: string, line: number) => ['agentgate/journal', transaction, line]

function seal(key: Uint8Array, transaction: string, line: number, entry: JournalEntry): string {
  return sealLine(key, placeOf(transaction, line), entry)
}

function unseal(key: Uint8Array, transaction: string, line: number, text: string): JournalEntry {
  try {
    // INVARIANT: what opens was sealed by `append`.
    return openLine(key, placeOf(transaction, line), text) as JournalEntry
  } catch (cause) {
    const message = `Line ${line + 1} of the journal of transaction \`${transaction}\` cannot be opened: it was changed, or sealed under another key`
    throw new Error(message, { cause })
  }
}
