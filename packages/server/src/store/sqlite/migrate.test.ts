import { readdirSync, readFileSync } from 'node:fs'
import Sqlite from 'better-sqlite3'
import { describe, expect, it } from 'vitest'

const files = readdirSync(new URL('.', import.meta.url))
  .filter((name) => name.endsWith('.sql'))
  .sort()
const apply = (db: Sqlite.Database, some: readonly string[]) => {
  for (const file of some) db.exec(readFileSync(new URL(file, import.meta.url), 'utf8'))
}

describe('what a newer schema finds', () => {
  it('keeps the networks that an older one had blocked', () => {
    const at = files.indexOf('0010-blocked-subjects.sql')
    const db = new Sqlite(':memory:')
    apply(db, files.slice(0, at))
    const old = { tenant: 'acme', network: '203.0.113.9', until: 7, why: 'by-hand' }
    db.prepare('insert into block (tenant, network, until, record) values (?, ?, ?, ?)').run('acme', old.network, 7, JSON.stringify(old))
    apply(db, files.slice(at))
    const { subject, record } = db.prepare<[], { subject: string; record: string }>('select * from block').get() ?? {
      subject: '',
      record: '{}',
    }
    expect(subject).toBe('network:203.0.113.9')
    expect(JSON.parse(record)).toEqual({ tenant: 'acme', subject, until: 7, why: 'by-hand' })
    db.close()
  })
})
