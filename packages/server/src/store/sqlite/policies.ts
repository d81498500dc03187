import type { Database } from 'better-sqlite3'

/** The rows of policy sets. A record is the version as JSON, without its number. */
export function policyRows(db: Database) {
  type Row = { readonly version: number; readonly record: string }
  const same = db.prepare<[string, string, string], Row>(
    'select version, record from policy_set where tenant = ? and id = ? and digest = ?',
  )
  const insert = db.prepare<unknown[], Row>(
    `insert into policy_set (tenant, id, version, digest, record)
       values (@tenant, @id, (select coalesce(max(version), 0) + 1 from policy_set where tenant = @tenant and id = @id), @digest, @record)
       returning version, record`,
  )
  const deactivate = db.prepare('update policy_set set active = 0 where tenant = ? and id = ? and active = 1')
  const activate = db.prepare('update policy_set set active = 1 where tenant = ? and id = ? and version = ?')
  const active = db.prepare<[string], Row>('select version, record from policy_set where tenant = ? and active = 1 order by id')
  const history = db.prepare<unknown[], Row>(
    'select version, record from policy_set where tenant = @tenant and (@id is null or id = @id) order by seq desc',
  )
  const byDigest = db.prepare<[string, string], Row>(
    'select version, record from policy_set where tenant = ? and digest = ? order by seq desc limit 1',
  )

  return {
    publish(tenant: string, id: string, digest: string, record: string): Row {
      const row = same.get(tenant, id, digest) ?? insert.get({ tenant, id, digest, record })
      if (!row) throw new Error('the policy set was not inserted')
      return row
    },
    activate(tenant: string, id: string, version: number | undefined): void {
      deactivate.run(tenant, id)
      if (version !== undefined && activate.run(tenant, id, version).changes === 0)
        throw new RangeError(`Policy set \`${id}\` has no version ${version}: publish it before it is activated.`)
    },
    active: (tenant: string): Row[] => active.all(tenant),
    history: (tenant: string, id: string | null): Row[] => history.all({ tenant, id }),
    byDigest: (tenant: string, digest: string): Row | undefined => byDigest.get(tenant, digest),
  }
}
