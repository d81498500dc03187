import postgres from 'postgres'
import { turns } from '../../session/turns.ts'
import { StoreError } from '../store-error.ts'

export type Sql = postgres.Sql<{ bigint: number }>

/** A client of one connection. What has been closed, or did not answer in time, is never used again. */
interface Connection {
  readonly sql: Sql
  dead: boolean
}

/** At most so many connections, each lent to one work at a time. */
export interface Connections {
  /**
   * Rejects with a `StoreError` when the work is not done in `time` milliseconds, or when too many wait. INVARIANT: once the
   * connection is lost or the work is over, its `sql` sends nothing more, so no statement leaves its transaction behind.
   */
  readonly use: <T>(work: (sql: Sql) => Promise<T>, time?: number) => Promise<T>
  readonly close: () => Promise<void>
}

/** How many works may wait for a connection. */
const maxWaiting = 20_000

export function openConnections(url: string, most: number, patience: number, settings: Record<string, string>): Connections {
  const turn = turns(most, maxWaiting)
  const free: Connection[] = []
  const all = new Set<Connection>()

  function take(): Connection {
    for (let one = free.pop(); one; one = free.pop()) if (!one.dead) return one
    const made: Connection = { sql: connect(url, settings, { onclose: () => lose(made) }), dead: false }
    all.add(made)
    return made
  }

  /** A client that lost its connection would connect again by itself, in the middle of whatever it was doing. */
  function lose(one: Connection): void {
    if (one.dead) return
    one.dead = true
    all.delete(one)
    void one.sql.end({ timeout: 0 })
  }

  async function lent<T>(work: (sql: Sql) => Promise<T>, time: number): Promise<T> {
    const one = take()
    const late = Promise.withResolvers<never>()
    const timer = Number.isFinite(time) ? setTimeout(giveUp, time) : undefined
    let over = false
    const sql = new Proxy(one.sql, {
      apply(target, self, args) {
        if (over || one.dead) throw new StoreError('unavailable', 'The connection to PostgreSQL was lost: ask again.')
        return Reflect.apply(target, self, args) as unknown
      },
    })
    try {
      return await Promise.race([work(sql), late.promise])
    } finally {
      clearTimeout(timer)
      over = true
      if (!one.dead) free.push(one)
    }

    function giveUp(): void {
      late.reject(new StoreError('unavailable', 'PostgreSQL did not answer in time, so nobody can tell whether it did what it was asked.'))
      lose(one)
    }
  }

  return {
    use: async (work, time = patience) =>
      turn(async () => lent(work, time)).catch((error: unknown) => {
        if (error instanceof RangeError && error.message.startsWith(`${maxWaiting} wait`))
          throw new StoreError('overloaded', `${maxWaiting} questions wait for PostgreSQL already: try again later.`)
        throw error
      }),
    async close() {
      await Promise.all([...all].map(async ({ sql }) => sql.end({ timeout: 5 })))
    },
  }
}

/** A client of one connection, with a reader of 64-bit integers: all of ours are safe integers. */
export function connect(
  url: string,
  settings: Record<string, string>,
  on: { readonly onclose?: () => void; readonly onnotify?: (channel: string, message: string) => void } = {},
): Sql {
  return postgres(url, {
    max: 1,
    connect_timeout: 5,
    idle_timeout: null as never,
    max_lifetime: null,
    keep_alive: 10,
    backoff: () => 0.1,
    onnotice: () => undefined,
    ...on,
    connection: { application_name: 'agentgate', ...settings },
    types: { bigint: { to: 20, from: [20], parse: Number, serialize: String } },
  })
}
