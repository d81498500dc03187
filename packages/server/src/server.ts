import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import cookie from '@fastify/cookie'
import { type Clock, type PolicySet, promptGuard, sha256, spki, systemClock, type TenantId, uuidv7, verifyLedger } from '@agentgate/core'
import type { FastifyBaseLogger } from 'fastify'
import { type AuditHistory, auditHistory } from './audit-history.ts'
import { createApp } from './app.ts'
import type { Config } from './config.ts'
import { serveDashboard } from './dashboard.ts'
import { Fault } from './fault.ts'
import { furnishTenant } from './furnishing.ts'
import type { House } from './house.ts'
import { createIdentity, type Identity } from './identity.ts'
import { type Keys, loadKeys } from './key-files.ts'
import { checkSameKeys } from './same-keys.ts'
import { demoModel } from './playground/demo-model.ts'
import type { Model } from './playground/model.ts'
import { openAiModel } from './playground/openai-model.ts'
import { rememberingLedger, rememberingPolicies, rememberingTools } from './remembering.ts'
import { furnish } from './rooms.ts'
import { principalRoutes } from './routes/principals.ts'
import { openHouse } from './serving.ts'
import { takesWrites } from './takes-writes.ts'
import { claimStore, type DemoUser, demoUsers } from './session/demo.ts'
import type { Users } from './session/users.ts'
import { storedApprovals } from './store/approvals.ts'
import { storedCalls } from './store/calls.ts'
import { storedCounter } from './store/counter.ts'
import { storedLedger } from './store/ledger.ts'
import { storedPiiSettings } from './store/pii-settings.ts'
import { storedPolicies } from './store/policies.ts'
import { storedPrincipals } from './store/principals.ts'
import { makeFolder } from './store/make-folder.ts'
import { openPostgres } from './store/postgres/open.ts'
import { openStore, type Store } from './store/store.ts'
import { storedBlocklist } from './store/blocklist.ts'
import { storedGrants } from './store/grants.ts'
import { storedHoneyTokens } from './store/honey-tokens.ts'
import { storedThreats } from './store/threats.ts'
import { storedTaints } from './store/taints.ts'
import { storedTools } from './store/tools.ts'
import { StoreError, storeErrorOf } from './store/store-error.ts'
import { tidy } from './store/tidy.ts'
import { storedVault } from './store/vault.ts'
import { type SigningHistory, signingHistory } from './signing-history.ts'
import { watchAnswers } from './security/answered.ts'
import { readPlaces } from './security/places.ts'
import { startSweeper } from './sweeper.ts'
import { keepVault } from './pii/vault-keeping.ts'
import { namesWork } from './work/names-work.ts'
import { promptWork } from './work/prompt-work.ts'

/** The tenant of a server that serves one. */
export const onlyTenant = 'default' as TenantId

export interface ServerOptions {
  readonly config: Config
  readonly log: FastifyBaseLogger
  readonly clock?: Clock
  /** Messages of one person in the playground, in any window of so many milliseconds: 20 a minute. */
  readonly chatRate?: { readonly max: number; readonly window: number }
  /** Where the built dashboard is. */
  readonly dashboard?: string
}

export interface Server {
  /** The address it listens on. */
  readonly url: string
  readonly house: House
  readonly users: Users
  /** Who can sign in to a demo, and how. Empty in production. */
  readonly demo: readonly DemoUser[]
  readonly sweep: () => Promise<void>
  /** What was opened on the app: for whoever checks that all of it says who may use it. */
  readonly routes: readonly { readonly method: string; readonly url: string; readonly needs: string }[]
  /** Resolves when everything in flight is answered and on disk. */
  readonly stop: () => Promise<void>
}

export const version: string = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version

/** Opens the store, furnishes the house and listens. Rejects with a `ConfigError`, a `StoreError` or what listening failed with; then nothing stays open. */
export async function openServer(options: ServerOptions): Promise<Server> {
  const { config, log, clock = systemClock } = options
  const keys = loadKeys(config)
  const { database: url, data: folder } = config
  if (url !== undefined) makeDataFolder(folder)
  const replaced = config.replacedVaultKey ? [config.replacedVaultKey] : []
  const vault = { vaultSecret: keys.vault, replacedVaultSecrets: replaced }
  const store = await (url === undefined ? openStore({ folder, ...vault }) : openPostgres({ url, ...vault }))
  try {
    return await furnished(options, keys, store, clock)
  } catch (error) {
    await store.close()
    log.debug('closed the store after a failed start')
    throw error
  }
}

async function furnished({ config, log, chatRate, dashboard }: ServerOptions, keys: Keys, store: Store, clock: Clock): Promise<Server> {
  const claim = async () => {
    await claimStore(store, config)
    if (store.shared) await checkSameKeys(store, keys, log, { vault: config.replacedVaultKey, audit: config.replacedAuditKey })
  }
  await store.alone('begin', claim, 'wait')
  const background = new Set<Promise<unknown>>()
  const inBackground = (work: Promise<unknown>) => {
    const done = work
      .catch((error: unknown) => log.error({ name: error instanceof Error ? error.name : typeof error }, 'background work failed'))
      .finally(() => background.delete(done))
    background.add(done)
  }
  const marks = {
    find: (name: string) => store.ask('marks', 'find', name),
    put: (name: string, value: string) => store.ask('marks', 'put', name, value),
  }
  const auditing = await auditHistory(marks, { audit: keys.audit, replaced: config.replacedAuditKey })
  const signing = await signingHistory(marks, { ...keys, retiredAudit: auditing.retired }, clock.now())
  const principals = storedPrincipals(store, clock)
  const stored = takesWrites(store, () => store.ask('marks', 'put', 'health', 'ok'))
  const names = config.nameModel === undefined ? undefined : namesWork(config.nameModel)
  const placeOf = config.places === undefined ? () => undefined : await readPlaces(config.places)
  const prompts = config.promptGuard === 'off' ? undefined : promptWork()
  const house: House = furnish({
    stores: {
      ledger: store.shared ? storedLedger(store, clock) : rememberingLedger(storedLedger(store, clock)),
      calls: storedCalls(store),
      approvals: storedApprovals(store),
      counter: storedCounter(store),
      vault: storedVault(store, clock),
      piiSettings: storedPiiSettings(store),
      policies: store.shared ? storedPolicies(store) : rememberingPolicies(storedPolicies(store)),
      principals,
      tools: store.shared ? storedTools(store) : rememberingTools(storedTools(store)),
      taints: storedTaints(store),
      grants: storedGrants(store),
      threats: storedThreats(store),
      blocklist: storedBlocklist(store),
      honeyTokens: storedHoneyTokens(store),
      marks,
    },
    secrets: { ...keys, retired: signing.retired, retiredAudit: auditing.retired },
    folder: config.data,
    wire: store.wire,
    model: modelOf(config),
    chatRate: chatRate ?? { max: 20, window: 60_000 },
    approvalTimeout: 300_000,
    running: config.callMinutes * 60_000,
    clock,
    newId: () => uuidv7(clock.now()),
    log,
    version,
    demo: config.mode === 'demo',
    solver: config.solver,
    behaviour: { tenant: onlyTenant, limits: config.behaviour },
    alerts: { ...config.alerts, page: `${config.url}/threats` },
    ...(names && { nameModel: names }),
    ...(prompts && { guard: promptGuard({ model: prompts, mode: config.promptGuard === 'refuse' ? 'refuse' : 'report' }) }),
    checks: async () => {
      const alerts = house.alerts.health()
      return {
        store: await stored(),
        solver: await house.prover.health(),
        ...(names && { names: await names.health() }),
        ...(alerts && { alerts: { ...alerts, needed: false as const } }),
      }
    },
    inBackground,
  })
  const identity = createIdentity({ store, principals, secret: keys.secret, config, clock, placeOf, watch: house.watch, inBackground })
  const demo = await begun(house, { store, config, signing, auditing, identity })
  for (const set of await activeSets(house)) inBackground(house.preparePolicies(set))

  const app = await createApp({ log, trustProxy: config.trustedProxies, https: config.url.startsWith('https:') })
  const refused = (credential: string, address: string) => inBackground(house.honey.presented(onlyTenant, credential, address))
  const authenticate = watchAnswers(app, { ...house.behaviour, refused }, identity.authenticate)
  app.addHook('onRequest', async ({ ip, url }) => {
    // Whether the server lives and can work is told also while nobody can tell who is blocked.
    const health = /^\/(health\/|api\/health$)/.test(url)
    const blocked = await house.watch.blocked(onlyTenant, ip).catch((error: unknown) => {
      if (health) return false
      throw error
    })
    if (blocked) throw new Fault(403, 'network-blocked', 'Requests from your network are refused for a while: ask an administrator.')
  })
  const routes: Server['routes'][number][] = []
  app.addHook('onRoute', ({ method, url, config }) => {
    for (const each of [method].flat()) routes.push({ method: each, url, needs: config?.needs ?? '' })
  })
  await app.register(cookie)
  const { open, answered } = openHouse(app, house, {
    authenticate,
    check: config.mode !== 'production',
    inBackground,
  })
  principalRoutes(open, house, identity, onlyTenant)
  await serveDashboard(app, dashboard ?? fileURLToPath(new URL('../../dashboard/dist', import.meta.url)))

  const sweeper = startSweeper(house, {
    tenant: onlyTenant,
    every: 5_000,
    log,
    answered,
    alone: async (work) => store.alone('sweep', work),
  })
  const checkpointing = setInterval(() => inBackground(house.checkpoints.keep(onlyTenant)), 1_000)
  const tidied = async () => Promise.all([tidy(store, clock.now()), keepVault(house, onlyTenant)])
  const tidying = setInterval(() => inBackground(store.alone('tidy', tidied)), 300_000)
  try {
    await app.listen({ port: config.port, host: config.host })
  } catch (error) {
    sweeper.stop()
    clearInterval(tidying)
    clearInterval(checkpointing)
    await app.close()
    throw error
  }
  inBackground(sweeper.sweep())
  if (prompts) inBackground(prompts.warmUp())
  inBackground(store.alone('tidy', async () => keepVault(house, onlyTenant)))

  return {
    url: config.url,
    house,
    users: identity.users,
    demo,
    routes,
    sweep: sweeper.sweep,
    async stop() {
      sweeper.stop()
      clearInterval(tidying)
      clearInterval(checkpointing)
      await app.close()
      while (background.size > 0) await Promise.race([Promise.all(background), setTimeout(10_000, undefined, { ref: false })])
      await house.alerts.close()
      await Promise.all([house.policyWork.close(), house.prover.close(), names?.close(), prompts?.close()])
      inBackground(house.checkpoints.keep(onlyTenant))
      await Promise.all(background)
      await store.close()
    },
  }
}

/** Also without the embedded store there are files: the last checkpoint, and outside production keys. */
function makeDataFolder(folder: string): void {
  try {
    makeFolder(folder)
  } catch (error) {
    throw storeErrorOf(error, folder) ?? error
  }
}

/** What a server does before it takes calls, and no two servers of one store at once. Answers who can sign in to a demo. */
async function begun(
  house: House,
  {
    store,
    config,
    signing,
    auditing,
    identity,
  }: { store: Store; config: Config; signing: SigningHistory; auditing: AuditHistory; identity: Identity },
): Promise<readonly DemoUser[]> {
  let demo: readonly DemoUser[] = []
  const begin = async () => {
    await house.checkpoints.open(onlyTenant)
    await checkReplaced(house)
    for (const [key, { rotated, keep }] of [
      ['audit', auditing],
      ['signing', signing],
    ] as const) {
      // Whoever still has the key before decides again, and learns that it was replaced.
      const event = { type: 'key.rotated', facts: { key, ...rotated }, moves: true }
      if (rotated) await house.audit.record(onlyTenant, event, [`key/${rotated.to}`])
      await keep()
    }
    await furnishTenant(house, onlyTenant)
    if (config.mode !== 'production') demo = await demoUsers(identity.users, onlyTenant, config)
  }
  await store.alone('begin', begin, 'wait')
  return demo
}

/** What judges from the start. Where that cannot be told, the ledger may be to blame, and nobody can ask a server that does not start. */
async function activeSets({ policies, ledger, auditKeys, checkpoints }: House): Promise<readonly PolicySet[]> {
  try {
    return await policies.active(onlyTenant)
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    const { first_invalid } = await verifyLedger(ledger, { tenant: onlyTenant, keys: auditKeys, checkpoint: checkpoints.last(onlyTenant) })
    throw first_invalid ? new StoreError(error.code, `${error.message} The ledger was changed, too: ${first_invalid.what}`) : error
  }
}

/** A history of keys that somebody took out of the database is missed: the ledger says which keys there were. */
async function checkReplaced({ records, keys, auditKeys }: House): Promise<void> {
  const { replaced } = await records.newest(onlyTenant)
  const known = [...keys.retired.map(({ raw }) => sha256(spki(raw))), ...auditKeys.slice(1).map(({ id }) => id)]
  const missing = [...replaced].find((id) => !known.includes(id))
  if (missing !== undefined)
    throw new StoreError(
      'corrupt',
      `The database does not hold the key \`${missing}\` any more, and the ledger says that it was replaced: look who writes to it, and restore a backup.`,
    )
}

function modelOf({ providers: { openai } }: Config): Model {
  if (!openai) return demoModel
  return openAiModel({ apiKey: openai.key, model: 'gpt-4o-mini', ...(openai.url !== undefined && { baseUrl: openai.url }) })
}
