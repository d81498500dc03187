import type { Database } from 'better-sqlite3'

/** What is true of the whole folder: `demo` when it was made by a demo. */
export function markRows(db: Database) {
  const find = db.prepare<[string], { value: string }>('select value from mark where name = ?')
  const put = db.prepare('insert into mark (name, value) values (?, ?) on conflict (name) do update set value = excluded.value')
  return {
    find: (name: string): string | undefined => find.get(name)?.value,
    put: (name: string, value: string): void => void put.run(name, value),
  }
}
