import type { Database } from './database.ts'

/** The rows of taints, by their rank: 0 is none. */
export function taintRows(db: Database) {
  return {
    find: async (tenant: string, principal: string, session: string): Promise<number> =>
      db.read(async (sql) => {
        const [row] = await sql<{ taint: number }[]>`
          select taint from taint where tenant = ${tenant} and principal = ${principal} and session = ${session}`
        return row?.taint ?? 0
      }),
    raise: async (tenant: string, principal: string, session: string, taint: number): Promise<void> =>
      db.change(async (sql) => {
        if (taint > 0)
          await sql`insert into taint (tenant, principal, session, taint) values (${tenant}, ${principal}, ${session}, ${taint})
            on conflict (tenant, principal, session) do update set taint = greatest(taint.taint, excluded.taint)`
      }),
    reset: async (tenant: string, principal: string, session: string): Promise<number> =>
      db.change(async (sql) => {
        const [row] = await sql<{ taint: number }[]>`
          delete from taint where tenant = ${tenant} and principal = ${principal} and session = ${session} returning taint`
        return row?.taint ?? 0
      }),
    list: async (
      tenant: string,
      principal: string,
      after: string | null,
      limit: number,
    ): Promise<readonly { session: string; taint: number }[]> =>
      db.read(
        async (sql) => sql<{ session: string; taint: number }[]>`
          select session, taint from taint where tenant = ${tenant} and principal = ${principal}
          and (${after}::text is null or session > ${after}) order by session limit ${limit}`,
      ),
  }
}
