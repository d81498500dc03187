import {
  type AuditBody,
  type AuditKey,
  canonical,
  type Entry,
  type GrantClaim,
  isAuthentic,
  isObject,
  isSignedByIssuer,
  type Json,
  type JsonObject,
  type Ledger,
  publicKey,
  type PublicKey,
  readAudit,
  replacedBy,
  sha256,
  type TenantId,
  verifyGrant,
} from '@agentgate/core'

/** What stands by the word of the ledger: of its signed and authenticated entries, and of no row beside them. */
export interface OnRecord {
  /** SHA-256, hex, of the canonical claim of each grant, by its id; none of one that its issuer should have signed, and did not. */
  readonly grants: ReadonlyMap<string, string>
  /** Whoever was ever handed a grant. */
  readonly holders: ReadonlySet<string>
  /** Of the grants that their issuers signed themselves, the id of the key. */
  readonly signers: ReadonlyMap<string, string>
  /** The key by which an issuer signs what it hands on: 32 bytes, base64. Whoever has none has the server's word. */
  readonly issuers: ReadonlyMap<string, string>
  /** When each grant was revoked, by its id: milliseconds since 1970. */
  readonly revoked: ReadonlyMap<string, number>
  /** The digest of the active version of each policy set that has one. */
  readonly policies: ReadonlyMap<string, string>
  /** The digest by which each tool was registered last; none while it is in quarantine, or removed. */
  readonly tools: ReadonlyMap<string, string>
  /** Ids of the keys that were replaced, audit and signing. They say nothing that stands behind the event. */
  readonly replaced: ReadonlySet<string>
}

/** Reads what is on record, and follows the ledger from where it stopped. What is damaged there is passed over: verifying the ledger tells where. */
export interface Records {
  /** As of the tenant's epoch: with every grant that binds and every revocation before it. */
  readonly asOfEpoch: (tenant: TenantId) => Promise<OnRecord>
  /** With everything that was appended before it was asked for. */
  readonly newest: (tenant: TenantId) => Promise<OnRecord>
  /** As it was when somebody last asked. */
  readonly known: (tenant: TenantId) => OnRecord
  /** Whether a key was replaced, audit or signing, as far as anybody asked. */
  readonly replaced: (key: string) => boolean
}

export interface RecordsOptions {
  readonly ledger: Pick<Ledger, 'head' | 'read'>
  readonly auditKeys: readonly AuditKey[]
  /** All keys that may have signed grants. */
  readonly signing: readonly PublicKey[]
  /** Absent: the ledger is read from its first entry at each start. */
  readonly kept?: KeptStandings
}

/** What was on record up to some entry, so that a start need not read a ledger of years. Nothing that anybody else put there is found. */
export interface KeptStandings {
  readonly find: (tenant: TenantId) => Promise<Json | undefined>
  readonly keep: (tenant: TenantId, standing: Json) => Promise<void>
}

/** So many entries more than were kept, and ten times as many as are kept of them, are worth keeping. */
const worthKeeping = 5_000

class Standing implements OnRecord {
  size = 0
  epoch = -1
  readonly grants = new Map<string, string>()
  readonly signers = new Map<string, string>()
  readonly issuers = new Map<string, string>()
  readonly holders = new Set<string>()
  readonly revoked = new Map<string, number>()
  readonly policies = new Map<string, string>()
  readonly tools = new Map<string, string>()
  /** The number of the last event of each set, tool and issuer's key: an older one that was put in again says nothing. */
  readonly last = new Map<string, number>()
  readonly replaced = new Set<string>()
  /** Up to which entry it is kept; `undefined` until somebody looked. */
  kept: number | undefined

  toJson(): JsonObject {
    const { size, grants, signers, issuers, holders, revoked, policies, tools, last, replaced } = this
    return {
      size,
      holders: [...holders],
      replaced: [...replaced],
      grants: [...grants],
      signers: [...signers],
      issuers: [...issuers],
      policies: [...policies],
      tools: [...tools],
      revoked: [...revoked],
      last: [...last],
    }
  }

  /** INVARIANT: `kept` is what `toJson` made: nobody else can make one that is found. */
  adopt(kept: JsonObject): void {
    this.size = this.kept = Number(kept['size'])
    for (const name of ['holders', 'replaced'] as const) for (const each of kept[name] as string[]) this[name].add(each)
    for (const name of ['grants', 'signers', 'issuers', 'policies', 'tools'] as const)
      for (const [key, value] of kept[name] as [string, string][]) this[name].set(key, value)
    for (const name of ['revoked', 'last'] as const) for (const [key, value] of kept[name] as [string, number][]) this[name].set(key, value)
  }

  get count(): number {
    return this.holders.size + this.grants.size + this.revoked.size + this.last.size
  }
}

const telling =
  /"event":"(?:grant\.revoked|issuer-key\.(?:enrolled|removed)|key\.rotated|policy\.[a-z-]+|tool\.(?:registered|quarantined|removed))"/

export function ledgerRecords({ ledger, auditKeys, signing, kept }: RecordsOptions): Records {
  const standings = new Map<TenantId, Standing>()
  const turns = new Map<TenantId, Promise<unknown>>()

  return { asOfEpoch, newest, known: standingOf, replaced: (key) => [...standings.values()].some(({ replaced }) => replaced.has(key)) }

  function standingOf(tenant: TenantId): Standing {
    const found = standings.get(tenant) ?? new Standing()
    standings.set(tenant, found)
    return found
  }

  async function asOfEpoch(tenant: TenantId): Promise<OnRecord> {
    const { epoch } = await ledger.head(tenant)
    const standing = standingOf(tenant)
    return standing.epoch === epoch ? standing : newest(tenant)
  }

  /** One after the other: each begins where the last one stopped. */
  async function newest(tenant: TenantId): Promise<OnRecord> {
    const before = turns.get(tenant)?.catch(() => undefined)
    const mine = Promise.resolve(before).then(() => follow(tenant))
    turns.set(tenant, mine)
    return mine
  }

  async function follow(tenant: TenantId): Promise<OnRecord> {
    const standing = standingOf(tenant)
    const { size, epoch } = await ledger.head(tenant)
    if (standing.kept === undefined) await recall(standing, tenant, size)
    while (standing.size < size) {
      const page = await ledger.read(tenant, standing.size, size, ['audit', 'grant'])
      for (const entry of page) await take(standing, tenant, entry)
      const last = page.at(-1)
      standing.size = last ? last.index + 1 : size
    }
    standing.epoch = epoch
    if (kept && size - (standing.kept ?? 0) >= Math.max(worthKeeping, 10 * standing.count)) {
      // Without it the next start only reads more.
      await kept.keep(tenant, standing.toJson()).catch(() => undefined)
      standing.kept = size
    }
    return standing
  }

  async function recall(standing: Standing, tenant: TenantId, size: number): Promise<void> {
    standing.kept = 0
    const found = await kept?.find(tenant).catch(() => undefined)
    if (isObject(found) && Number(found['size']) <= size) standing.adopt(found)
  }

  async function take(standing: Standing, tenant: TenantId, entry: Entry): Promise<void> {
    const stands = ({ id }: { readonly id: string }) => !standing.replaced.has(id)
    if (entry.type === 'grant') {
      for (const key of signing.filter(stands)) {
        const claim = await verifyGrant(entry.body, key).catch(() => undefined)
        if (claim?.tenant !== tenant) continue
        standing.holders.add(claim.holder)
        const x = standing.issuers.get(claim.issuer)
        const own = x === undefined ? undefined : await publicKey(Buffer.from(x, 'base64'))
        if (own && !(await isSignedByIssuer(entry.body, own))) continue
        // What was issued first stands: an id has one statement.
        if (standing.grants.has(claim.grant_id)) continue
        standing.grants.set(claim.grant_id, digestOfClaim(claim))
        if (own) standing.signers.set(claim.grant_id, own.id)
      }
      return
    }
    if (!telling.test(entry.body)) return
    const event = readAudit(entry)
    if (event?.tenant === tenant && isAuthentic(event, auditKeys.filter(stands))) happened(standing, event)
  }
}

/** What says of a grant whether it is the one on record. */
export function digestOfClaim(claim: GrantClaim): string {
  return sha256(canonical(claim))
}

function happened(standing: Standing, event: AuditBody): void {
  const key = replacedBy(event)
  if (key) {
    standing.replaced.add(key.id)
    return
  }
  if (event.event === 'grant.revoked') {
    const grant = told(event, 'grant')
    if (grant !== undefined && !standing.revoked.has(grant)) standing.revoked.set(grant, Date.parse(event.at))
    return
  }
  const [kind = ''] = event.event.split('.')
  const name = told(event, named[kind] ?? 'set')
  // What only concerns drafts and versions says nothing of which one is active.
  if (name === undefined || (kind === 'policy' && event.facts['to'] === undefined)) return
  const subject = `${kind}/${name}`
  if ((standing.last.get(subject) ?? 0) >= event.seq) return
  standing.last.set(subject, event.seq)
  if (kind === 'issuer-key') {
    set(standing.issuers, name, told(event, 'x'))
    return
  }
  const stands = kind === 'tool' ? event.event === 'tool.registered' : value(event, 'to') !== null
  set(kind === 'tool' ? standing.tools : standing.policies, name, stands ? told(event, 'digest') : undefined)
}

/** The fact by which an event of each kind names what it is of; `set` of policies. */
const named: { readonly [kind: string]: string } = { tool: 'tool', 'issuer-key': 'issuer' }

function set(all: Map<string, string>, name: string, value: string | undefined): void {
  if (value === undefined) all.delete(name)
  else all.set(name, value)
}

function told(event: AuditBody, fact: string): string | undefined {
  const found = value(event, fact)
  return typeof found === 'string' ? found : undefined
}

function value({ facts }: AuditBody, fact: string): unknown {
  const found = facts[fact]
  return found && 'value' in found ? found.value : undefined
}
