import {
  type Approvals,
  type ApprovalId,
  type AuditKey,
  auditKey,
  auditLog,
  blockedPrincipals,
  type Calls,
  type Clock,
  type Counter,
  createGate,
  createParse,
  createRecorder,
  type Custody,
  type DamagedKey,
  type Decision,
  type DecisionId,
  defaultKinds,
  type Detect,
  type Grants,
  GateError,
  type Ledger,
  type MaskedCall,
  type NameModel,
  type Observer,
  pii,
  memoryVault,
  type PiiOptions,
  type PiiSettingsStore,
  type PolicyCache,
  type Policies,
  type Principals,
  type Reason,
  type Recorded,
  type RetiredKey,
  shadow,
  shadowDetect,
  type Signer,
  sha256,
  signingKeys,
  spki,
  type Blocklist,
  type HoneyTokens,
  type Taints,
  type Threats,
  type TenantId,
  type Tools,
  type Vault,
} from '@agentgate/core'
import type { FastifyBaseLogger } from 'fastify'
import { createCheckpoints } from './checkpoints.ts'
import { governing } from './governing.ts'
import type { House } from './house.ts'
import { createHub } from './live.ts'
import { relayedLive } from './live-relay.ts'
import type { Wire } from './store/store.ts'
import { createPersonal } from './personal.ts'
import type { Model } from './playground/model.ts'
import { discharging } from './policies/discharging.ts'
import { policyTool } from './policies/forms.ts'
import { tell } from './policies/tell.ts'
import { counting, detectOfTenant, maskOfTenant, recognizing } from './masking.ts'
import { ownerOf } from './owner.ts'
import { written, writtenCounts } from './pii/events.ts'
import { maskByProfile } from './pii/profile.ts'
import { planning } from './planning.ts'
import { prover } from './proof/prover.ts'
import { about } from './routes/approvals.ts'
import { digestOf } from './routes/tools.ts'
import { authenticApprovals } from './authentic-approvals.ts'
import { ledgerRecords, type Records } from './on-record.ts'
import { exactPolicies } from './exact-policies.ts'
import { exactTools } from './exact-tools.ts'
import { sealedApprovals } from './sealed-approvals.ts'
import { signedGrants } from './signed-grants.ts'
import { sealedRecords } from './sealed-records.ts'
import { type Alerts, type AlertsOptions, createAlerts } from './security/alerts.ts'
import { type BehaviourOptions, createBehaviour } from './security/behaviour.ts'
import { createHoney } from './security/honey.ts'
import { createWatch } from './security/watch.ts'
import { type Marks, standingMarks } from './standing-marks.ts'
import { validateBySchema } from './validate.ts'
import { watchedVault } from './watched-vault.ts'
import { wireTrace } from './wire.ts'
import { policyWork } from './work/policy-work.ts'

/** Where a server keeps things: the ports of core, opened. */
export interface Stores {
  readonly ledger: Ledger
  readonly calls: Calls
  readonly approvals: Approvals
  readonly counter: Counter
  readonly vault: Vault & Custody
  readonly piiSettings: PiiSettingsStore
  readonly policies: Policies
  readonly principals: Principals
  readonly tools: Tools
  readonly taints: Taints
  readonly grants: Grants
  readonly threats: Threats
  readonly blocklist: Blocklist
  readonly honeyTokens: HoneyTokens
  readonly marks: Marks
}

/** 32 random bytes each, derived from nothing and from none of the others. */
export interface Secrets {
  readonly signing: Uint8Array
  /** Keys that signed before. */
  readonly retired: readonly RetiredKey[]
  readonly audit: Uint8Array
  /** Keys that authenticated the audit chain before. */
  readonly retiredAudit: readonly Uint8Array[]
  readonly commitment: Uint8Array
  /** What the keys of honey tokens are derived from. */
  readonly secret: Uint8Array
}

export interface RoomsOptions {
  readonly stores: Stores
  readonly secrets: Secrets
  /** Where signed checkpoints are kept, beside the database. */
  readonly folder: string
  /** To the other servers of the stores, where there are some. */
  readonly wire?: Wire | undefined
  readonly model: Model
  readonly chatRate: { readonly max: number; readonly window: number }
  /** How long after its decision a call is lost that nobody reported: milliseconds. */
  readonly running: number
  /** How long people have to answer a held call: milliseconds. */
  readonly approvalTimeout: number
  /** Whether decisions are proved, and whether what is not proved is denied. */
  readonly solver: 'off' | 'shadow' | 'enforce'
  /** Names people besides the lists. */
  readonly nameModel?: NameModel
  /** Who is told of threats. */
  readonly alerts: Pick<AlertsOptions, 'webhook' | 'slack' | 'page'>
  /** From which numbers on what somebody does is a threat; the tenant whose requests are watched. */
  readonly behaviour: Pick<BehaviourOptions, 'tenant' | 'limits'>
  /** Looks for orders to models; absent: nobody does. */
  readonly guard?: Detect
  readonly clock: Clock
  readonly newId: () => string
  readonly log: FastifyBaseLogger
  readonly version: string
  readonly demo: boolean
  /** Runs after the house's own observers. */
  readonly checks: House['checks']
  readonly inBackground: House['inBackground']
}

/** Why a held call is refused when deciding it again cannot even begin. */
const shutOut: readonly { readonly after: string; readonly why: Reason }[] = [
  {
    after: 'unauthenticated',
    why: {
      code: 'unauthenticated',
      message: 'Whoever asked for the call may not ask any more: the credential is revoked or expired, or the account is gone.',
    },
  },
  { after: 'unknown-decision', why: { code: 'input-forgotten', message: 'The input of the held call is forgotten: make the call again.' } },
]

/** Signs nothing more once the ledger says that the key was replaced: another server has the newer one. */
function untilReplaced({ key, sign }: Signer, records: Pick<Records, 'replaced'>): Signer {
  return {
    key,
    async sign(bytes) {
      if (records.replaced(key.id)) throw new Error('The signing key of this server was replaced: start it with the newer one.')
      return sign(bytes)
    },
  }
}

/** Furnishes the house: the stores, the keys and the controls become one gate, and everything that watches it. */
export function furnish(options: RoomsOptions): House {
  const { stores, secrets, clock, newId, log, chatRate } = options
  const { ledger, counter } = stores
  const given = signingKeys(secrets.signing, secrets.retired)
  const auditing: AuditKey = auditKey(secrets.audit)
  const auditKeys = [auditing, ...secrets.retiredAudit.map(auditKey)]
  const audit = auditLog({ ledger, key: auditing, retired: auditKeys, clock })
  const retired = given.retired.map(({ raw, until }) => ({ id: sha256(spki(raw)), raw: new Uint8Array(raw), until }))
  const signing = [given.signer.key, ...retired]
  const believed = [...auditKeys, ...signing].map(({ id }) => id)
  const kept = standingMarks({ marks: stores.marks, commitment: secrets.commitment, keys: believed })
  const records = ledgerRecords({ ledger, auditKeys, signing, kept })
  const keys = { ...given, signer: untilReplaced(given.signer, records) }
  const grants = signedGrants(stores.grants, records)
  const tools = exactTools(stores.tools, { digestOf, records })
  const policies = exactPolicies(stores.policies, { records, tell: (tenant) => tell({ policies: stores.policies, audit }, tenant) })
  const authentic = authenticApprovals(stores.approvals, {
    commitment: secrets.commitment,
    told: ({ tenant, id, callId }) =>
      options.inBackground(audit.record(tenant, { type: 'approval.forged', facts: { approval: id, call: callId } })),
  })
  const damaged = (tenant: TenantId, { ...facts }: DamagedKey) =>
    options.inBackground(audit.record(tenant, { type: 'pii.integrity-failed', facts }))
  const vault = watchedVault(stores.vault, { clock, failed: damaged })
  const { calls, seal } = sealedRecords({ calls: stores.calls, vault, ownerOf })
  // What is authenticated is what is stored: erasing what was sealed changes nothing of it.
  const approvals = sealedApprovals({ approvals: authentic, vault, ownerOf })
  const recognizers = recognizing(stores.piiSettings)
  const masking = (vault: Vault, telling?: PiiOptions['telling']) =>
    maskOfTenant(recognizers, ({ recognizers: own, retired }) =>
      pii({
        vault,
        owner: ownerOf,
        kinds: [...discharging.masks, ...own.map(({ kind }) => kind)],
        recognizers: own,
        retired,
        ...(telling && { telling }),
        ...(options.nameModel && { nameModel: options.nameModel }),
      }),
    )
  const counted = counting(maskByProfile(masking(vault, seenAgain), vault))
  const { mask } = counted
  const personal = detectOfTenant(recognizers, defaultKinds)
  const failed = (error: unknown) =>
    log.error({ name: error instanceof Error ? error.name : typeof error }, 'live events of other servers could not be told')
  const live: House['live'] = options.wire
    ? relayedLive(options.wire, { calls, approvals, failed })
    : { traces: createHub(), approvals: createHub() }

  const known = async (tenant: TenantId, name: string) => {
    const tool = await tools.find(tenant, name)
    return tool && policyTool(tool)
  }
  const cache: PolicyCache = new Map()
  const ways = { guard: options.guard, approvalTimeout: options.approvalTimeout, chatRate, newId, grants }
  const alerts: Alerts = createAlerts({
    ...options.alerts,
    audit,
    clock,
    newId,
    failed: (error) => log.error({ name: error instanceof Error ? error.name : typeof error }, 'an alert that failed is not on record'),
  })
  const watch = createWatch({ threats: stores.threats, blocklist: stores.blocklist, counter, audit, alerts, clock, newId })
  const behaviour = createBehaviour({ ...options.behaviour, watch, clock, inBackground: options.inBackground })
  const honey = createHoney({ tokens: stores.honeyTokens, secret: secrets.secret, watch, audit, clock })
  const first = [blockedPrincipals(watch.blockedPrincipal), honey.detect]
  const { detect, controls, judging, recall } = governing({
    ...ways,
    first,
    active: (tenant) => policies.active(tenant),
    tool: known,
    cache,
    approvals,
    counter,
    taints: stores.taints,
    commitment: secrets.commitment,
  })
  const proving = prover({ mode: options.solver, policies, tool: known, approvals: authentic, grants, discharging, audit, log })
  const validate = validateBySchema()
  const parse = (known: Pick<Tools, 'find'>) =>
    createParse(known, validate, async (text, tenant) => (await personal(tenant, text)).length > 0)
  const verifyPlan = planning({ ...ways, tools, tool: known, parse, mask: () => masking(memoryVault()), prove: proving.prove, clock })
  const rooms = {
    parse: parse(tools),
    mask,
    prove: proving.prove,
    recorder: createRecorder({ ledger, signer: keys.signer, retired, audit, clock, seal }),
    calls,
    observe: [tail(), maskedAudit(), proving.observer, watch.observer, honey.observer, behaviour.observer],
    failed: (error: unknown) =>
      log.error({ name: error instanceof Error ? error.name : typeof error }, 'something after a decision failed'),
    clock,
    newId,
    running: options.running,
  }
  const usual = createGate({ ...rooms, detect, controls })

  return {
    ...stores,
    policies,
    tools,
    approvals,
    grants,
    calls,
    vault,
    recognizing: recognizers,
    policyWork: policyWork(),
    prover: proving,
    watch,
    honey,
    behaviour,
    alerts,
    preparePolicies: judging.prepare,
    // What somebody only tries crowds out nothing that calls are judged by.
    verifyPlan: async ({ own, ...plan }) => verifyPlan({ ...plan, ...(!own && { cache }) }),
    version: options.version,
    demo: options.demo,
    clock,
    newId,
    audit,
    checkpoints: createCheckpoints(options.folder, { ledger, audit, signer: keys.signer }, keys.retired),
    auditKeys,
    keys,
    records,
    mask,
    personal: createPersonal({
      vault,
      recognized: recognizers.recognized,
      ...(options.nameModel && { nameModel: options.nameModel }),
    }),
    gate: (identify, shadowed = []) => (shadowed.length > 0 ? shadowing(shadowed) : usual).as(identify),
    sweep: usual.sweep,
    async shutOut({ tenant, id }, error) {
      const code = error instanceof GateError ? error.code : ''
      if (code === 'already-decided') return
      const why = shutOut.find((each) => each.after === code)?.why
      if (!why) throw error
      await usual.refuse(tenant, id, why)
    },
    live,
    purged: new Map(),
    chainChecked: new Map(),
    model: options.model,
    chatRate,
    inBackground: options.inBackground,
    // INVARIANT: what `calls` holds was written by the recorder, beside its statement in the ledger.
    recorded: async (tenant: TenantId, id: DecisionId) => (await calls.find(tenant, id)) as Recorded | undefined,
    checks: options.checks,
  }

  /** A gate in which these controls report and do not refuse. Masking, approval, proof and who is blocked always stand. */
  function shadowing(names: readonly string[]) {
    return createGate({
      ...rooms,
      detect: detect.map((each) => (names.includes(each.name) && each !== recall && !first.includes(each) ? shadowDetect(each) : each)),
      controls: controls.map((each) => (names.includes(each.name) && each.name === 'rate' ? shadow(each) : each)),
    })
  }

  /** The live tail: what was decided, asked and settled, as it happens. */
  function tail(): Observer {
    const concerned = ({ call: { principal } }: Decision) => (principal.onBehalfOf ? [principal.id, principal.onBehalfOf] : [principal.id])
    return {
      async decided(decision) {
        const { tenant } = decision.call
        live.traces.publish({ tenant, about: concerned(decision), data: { type: 'decided', trace: wireTrace({ decision }) } })
        if (decision.verdict === 'hold' && decision.approval !== undefined) await published(tenant, decision.approval)
      },
      settled(decision, outcome) {
        const trace = wireTrace({ decision, outcome, settledAt: clock.now() })
        live.traces.publish({ tenant: decision.call.tenant, about: concerned(decision), data: { type: 'settled', trace } })
      },
    }
  }

  async function published(tenant: TenantId, id: ApprovalId): Promise<void> {
    const asked = await approvals.find(tenant, id)
    if (asked) live.approvals.publish({ tenant, about: about(asked), data: { type: 'asked', approval: asked } })
  }

  /** So is giving values back for what came of a call, to whoever made it. */
  async function seenAgain({ tenant, principal, session, tool }: MaskedCall, kinds: readonly string[]): Promise<void> {
    const facts = { session, purpose: `call ${tool.name}`, kinds: written(kinds), count: kinds.length, integrity: 'ok' }
    await audit.record(tenant, { type: 'pii.restored', principal: principal.id, facts })
  }

  /** Masking personal data is an audit event: who, which kinds, how many. */
  function maskedAudit(): Observer {
    return {
      async decided({ id, call, findings }) {
        const { facts = {} } = findings.find(({ control }) => control === mask.name) ?? {}
        const count = facts['pii_count']
        if (typeof count !== 'number' || count === 0) return
        const kinds = writtenCounts(counted.of(call.id))
        await audit.record(call.tenant, {
          type: 'pii.masked',
          principal: call.principal.id,
          facts: { decision: id, session: call.session, kinds, count, integrity: 'ok' },
        })
      },
    }
  }
}
