import type { TenantId } from '../call.ts'
import { type AuditBody, readAudit } from './audit.ts'
import { checkpointNow, type Sources } from './bundle.ts'
import { isObject } from '../json.ts'
import { type Bytes, utf8Text } from './bytes.ts'
import { parseCanonical } from './canonical.ts'
import { originOf, parseCheckpoint, verifyCheckpoint } from './checkpoint.ts'
import { openEnvelope, verifyEnvelope } from './envelope.ts'
import { grantIn } from './grant-statement.ts'
import type { Entry, Ledger } from './ledger.ts'
import { leafHash, rangeProof, rangeRoot } from './merkle.ts'
import { isOutcomeStatement, outcomeTypes } from './outcome-statement.ts'
import { aCount, aDigest, aText, aTime, exactly, listOf, oneOf, type Shape } from './shape.ts'
import { isStatement } from './statement.ts'
import { outlived, type Pinned, pinnedKeys, type Trusted } from './trust.ts'

export const periodFormat = 'agentgate-period/1'

const isPeriod = exactly({
  format: oneOf(periodFormat),
  tenant: aText,
  from: aTime,
  to: aTime,
  first: aCount,
  end: aCount,
  checkpoint: aText,
  proof: listOf(aDigest),
})

/**
 * Which entries of a ledger belong to a period: `first` (inclusive) to `end` (exclusive), an unbroken stretch of it. `proof` leads
 * from all of them together to the root in the signed `checkpoint`, so that none can be left out. That `from` and `to` lie between
 * these entries and their neighbours is the word of whoever wrote it.
 */
export type Period = typeof isPeriod extends Shape<infer T> ? T : never

/** The period as the ledger is now. Times are milliseconds since 1970; an entry belongs to it by the clock of the store. */
export async function periodOf(
  sources: Sources,
  tenant: TenantId,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<Period> {
  const { ledger } = sources
  const { note, head } = await checkpointNow(sources, tenant)
  const first = await firstAt(ledger, tenant, from, head.size)
  const end = Math.max(first, await firstAt(ledger, tenant, to, head.size))
  return {
    format: periodFormat,
    tenant,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    first,
    end,
    checkpoint: note,
    proof: await rangeProof(first, end, head.size, (at) => ledger.nodes(tenant, at)),
  }
}

/** The first of `size` entries that was not appended before `time`. */
async function firstAt(ledger: Ledger, tenant: TenantId, time: number, size: number): Promise<number> {
  let [low, high] = [0, size]
  while (low < high) {
    const middle = (low + high) >>> 1
    const [entry] = await ledger.read(tenant, middle, middle + 1)
    if (!entry) throw new Error(`Entry ${middle} of the ledger is missing: verify the ledger.`)
    if (entry.at < time) low = middle + 1
    else high = middle
  }
  return low
}

export type PeriodCheckName = 'form' | 'trusted-key' | 'checkpoint' | 'entries' | 'range' | 'statements' | 'audit-chain'

export interface PeriodCheck {
  readonly name: PeriodCheckName
  readonly ok: boolean
  /** What was found, for people. */
  readonly detail: string
}

/** What checking a period found. `untrusted-key`: no pinned key signed its checkpoint, so nothing is known. Only `valid` is valid. */
export interface VerifiedPeriod {
  readonly code: 'valid' | 'invalid' | 'untrusted-key' | 'refused'
  readonly checks: readonly PeriodCheck[]
  /** Index of the entry by the decision's id. */
  readonly decisions: ReadonlyMap<string, number>
}

/**
 * Checks the entries of a period, in order, without any server: that they are all of those that the signed checkpoint has there,
 * that a pinned key signed each decision, that no call has two final ones, two outcomes or an approval of another, and that each audit
 * event names the one before. Never throws for what is wrong with them.
 *
 * That events are authentic shows only under the audit key, which no auditor has; here the tree vouches for them. `hints` are keys
 * by which pinned fingerprints become keys.
 */
export async function verifyPeriod(
  period: unknown,
  entries: AsyncIterable<Pick<Entry, 'index' | 'body'>>,
  trust: readonly Trusted[],
  hints: readonly Bytes[] = [],
): Promise<VerifiedPeriod> {
  const decisions = new Map<string, number>()
  if (!isPeriod(period))
    return {
      code: 'refused',
      checks: [{ name: 'form', ok: false, detail: `It is no period of the format \`${periodFormat}\`.` }],
      decisions,
    }
  const checks: PeriodCheck[] = []
  const say = (name: PeriodCheckName, wrong: string | undefined, right: string) =>
    void checks.push({ name, ok: wrong === undefined, detail: wrong ?? right })
  const { tenant, first, end, proof } = period
  say('form', undefined, `Entries ${first} to ${end} of the ledger of \`${tenant}\`, ${period.from} to ${period.to}.`)

  const keys = await pinnedKeys(trust, hints)
  const note = noteIn(period)
  const signed = note && (await Promise.all(keys.map((key) => verifyCheckpoint(note, key))))
  const signer = keys[signed?.indexOf(true) ?? -1]
  const trusted = signer !== undefined
  say(
    'trusted-key',
    trusted ? undefined : 'No pinned key signed the checkpoint: get the right key from its owner.',
    'A pinned key signed the checkpoint.',
  )
  const { size = 0, root, origin, audit } = note?.checkpoint ?? {}
  say(
    'checkpoint',
    origin === originOf(tenant) && end <= size && first <= end ? undefined : 'The checkpoint is not of this ledger, or is older.',
    `The tree has ${size} entries.`,
  )

  const leaves: string[] = []
  const wrong: { [name in PeriodCheckName]?: string | undefined } = {}
  let last: AuditBody | undefined
  let events = 0
  let statements = 0
  const taken = new Map<string, number>()
  const again = (index: number, names: readonly string[]): string | undefined => {
    const before = names.map((name) => taken.get(name)).find((at) => at !== undefined)
    for (const name of names) taken.set(name, index)
    return before === undefined ? undefined : `Entry ${index} says once more what is said once only, of the same call, in entry ${before}.`
  }
  for await (const { index, body } of entries) {
    if (index !== first + leaves.length) wrong.entries ??= `Entry ${first + leaves.length} is missing, or stands elsewhere.`
    if (leaves.length >= end - first) {
      wrong.entries ??= 'There are more entries than the period has.'
      break
    }
    leaves.push(leafHash(body))
    let date = signer?.until === undefined ? undefined : dateIn(body)
    if (body.startsWith('{"payload":')) {
      const found = await signedIn(body, tenant, keys).catch(() => undefined)
      if (!found) wrong.statements ??= `The statement of entry ${index} was not signed by a pinned key.`
      else if (found.id !== undefined) decisions.set(found.id, index)
      wrong.statements ??= again(index, found?.once ?? [])
      date = found?.date
      if (found && date !== undefined) wrong.statements ??= outlived(found.key, date)
      statements++
    }
    if (signer && date !== undefined) wrong.statements ??= outlived(signer, date)
    wrong.statements ??= again(index, concludedIn(body))
    if (body.startsWith(auditStart)) {
      const event = readAudit({ type: 'audit', body })
      if (!event || event.tenant !== tenant || (last && (event.seq !== last.seq + 1 || event.prev !== last.hash)))
        wrong['audit-chain'] ??= `The audit event of entry ${index} does not follow the one before.`
      last = event ?? last
      events++
    }
  }
  if (leaves.length < end - first) wrong.entries ??= `Only ${leaves.length} of ${end - first} entries are there.`
  if (last && audit && (end === size ? last.seq !== audit.count || last.hash !== audit.hash : last.seq > audit.count))
    wrong['audit-chain'] ??= 'The last audit event is not the one that the checkpoint names.'
  say('entries', wrong.entries, `${leaves.length} entries, without a gap.`)
  const found = wrong.entries === undefined ? rangeRoot(leaves, { from: first, size }, proof) : undefined
  say(
    'range',
    found !== undefined && found === root ? undefined : 'These are not the entries that the signed tree has there.',
    'They are all that the signed tree has there.',
  )
  say('statements', wrong.statements, `${statements} signed statements, ${decisions.size} of them decisions, each by a pinned key.`)
  say('audit-chain', wrong['audit-chain'], `${events} audit events, each naming the one before.`)
  const valid = checks.every(({ ok }) => ok)
  return { code: valid ? 'valid' : trusted ? 'invalid' : 'untrusted-key', checks, decisions }
}

function noteIn({ checkpoint }: Period) {
  try {
    return parseCheckpoint(checkpoint)
  } catch {
    return undefined
  }
}

const auditStart = '{"_type":"urn:agentgate:audit-event:1",'

/** A signed statement: who signed it, of what date it is, and which decision it is of, if any; `undefined` where no pinned key signed it. */
async function signedIn(
  body: string,
  tenant: string,
  keys: readonly Pinned[],
): Promise<{ readonly key: Pinned; readonly date?: string; readonly id?: string; readonly once?: readonly string[] } | undefined> {
  const envelope = openEnvelope(body, 2)
  const key = keys.find(({ id }) => id === envelope.keyId)
  if (!key || !(await verifyEnvelope(envelope, key))) return undefined
  const text = utf8Text(envelope.payload)
  // Only issuers sign beside the server.
  if (envelope.cosigned.length > 0 && !grantIn(text)) return undefined
  const statement = parseCanonical(text)
  if (!isStatement(statement)) return { key, ...dated(isObject(statement) ? statement['predicate'] : undefined) }
  const { predicate } = statement
  const { decision_id: id, call_id: call, issued_at: date, verdict, approval } = predicate
  const final = verdict === 'hold' ? [] : [`final ${call}`]
  const used = verdict === 'allow' && approval !== null ? [`approval ${approval}`] : []
  return predicate.tenant === tenant ? { key, date, id, once: [`decision ${id}`, ...final, ...used] } : undefined
}

const conclusions = Object.values(outcomeTypes).map((type) => `{"_type":"${type}",`)

/** What an outcome or an amendment says once of its call. */
function concludedIn(body: string): readonly string[] {
  if (!conclusions.some((start) => body.startsWith(start))) return []
  try {
    const statement = parseCanonical(body)
    return isOutcomeStatement(statement) ? [`${statement._type} ${statement.call_id}`] : []
  } catch {
    return []
  }
}

/** The date of a statement that is not signed: an outcome, an event. */
function dateIn(body: string): string | undefined {
  try {
    return dated(parseCanonical(body)).date
  } catch {
    return undefined
  }
}

function dated(claims: unknown): { readonly date?: string } {
  const date = isObject(claims) ? (claims['issued_at'] ?? claims['at']) : undefined
  return aTime(date) ? { date } : {}
}
