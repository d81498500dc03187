import { randomBytes } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PrincipalId, TenantId } from '@agentgate/core'
import { z } from 'zod'
import { type Config, ConfigError } from '../config.ts'
import type { Store } from '../store/store.ts'
import { normalised, type Users } from './users.ts'

/** Who can sign in to a demo, and how: printed at its start. */
export interface DemoUser {
  readonly part: 'requester' | 'approver'
  readonly email: string
  readonly password: string
}

/**
 * Notes in a new store which mode made it. Throws a `ConfigError` when a demo meets a store that is not one of a demo, or
 * production meets one that is: known users and passwords never become real.
 */
export async function claimStore(store: Store, { mode, data, database }: Pick<Config, 'mode' | 'data' | 'database'>): Promise<void> {
  const named = database === undefined ? `\`AGENTGATE_DATA\` names \`${data}\`` : '`DATABASE_URL` names a database'
  const madeBy = await store.ask('marks', 'find', 'made-by')
  if (madeBy === undefined) return store.ask('marks', 'put', 'made-by', mode)
  if (mode === 'production' && madeBy !== 'production')
    throw new ConfigError([
      `${named}, which was made by a ${madeBy === 'demo' ? 'demo' : 'server in development'}: name a new one for production.`,
    ])
  if (mode === 'demo' && madeBy === 'production')
    throw new ConfigError([`${named}, which belongs to a server in production: name another for the demo.`])
}

/** Only a demo's folder has it. */
export const demoUsersFile = 'demo-users.json'
const kept = z.array(z.object({ part: z.enum(['requester', 'approver']), email: z.string(), password: z.string() }))

/**
 * The two people of a demo, made when missing: one who asks and administers, one who approves, as nobody decides their own
 * request. Passwords are random unless set, and stay the same for a folder: they are kept beside its key files (0600).
 */
export async function demoUsers(
  users: Users,
  tenant: TenantId,
  { data, demo }: Pick<Config, 'data' | 'demo'>,
): Promise<readonly DemoUser[]> {
  const before = read(data)
  const [domain = 'demo.example'] = demo.email?.split('@').slice(1) ?? []
  const wanted = (['requester', 'approver'] as const).map((part): DemoUser => {
    const email = part === 'requester' && demo.email !== undefined ? demo.email : `${part}@${domain}`
    const other = part === 'approver' && normalised(email) === normalised(demo.email ?? '') ? `second-${email}` : email
    const known = before.find((each) => each.part === part)?.password
    return { part, email: other, password: demo.password ?? known ?? randomBytes(12).toString('base64url') }
  })
  await Promise.all(
    wanted.map((each) =>
      ensure(
        each,
        before.some((known) => known.email === each.email && known.password === each.password),
      ),
    ),
  )
  write(data, wanted)
  return wanted

  async function ensure({ part, email, password }: DemoUser, unchanged: boolean): Promise<void> {
    const row = await users.byEmail(email)
    if (row) {
      if (!unchanged) await users.setPassword(tenant, row.id as PrincipalId, password)
      return
    }
    const made = await users.add(tenant, { email, password, roles: [part === 'requester' ? 'admin' : 'approver'] })
    if ('refused' in made) throw new ConfigError([`\`AGENTGATE_DEMO_PASSWORD\` cannot be used: ${made.message}`])
  }
}

function read(data: string): readonly DemoUser[] {
  try {
    return kept.parse(JSON.parse(readFileSync(join(data, demoUsersFile), 'utf8')))
  } catch {
    return []
  }
}

function write(data: string, users: readonly DemoUser[]): void {
  const draft = join(data, `${demoUsersFile}.${process.pid}`)
  writeFileSync(draft, `${JSON.stringify(users, null, 2)}\n`, { mode: 0o600 })
  renameSync(draft, join(data, demoUsersFile))
}
