import type { MaskedCall, TenantId } from '../call.ts'
import type { Clock } from '../clock.ts'
import type { Decision, Found, Outcome } from '../decision.ts'
import type { JsonObject } from '../json.ts'
import type { AuditLog } from './audit.ts'
import { certify, type Opened, payloadOf } from './certificate.ts'
import { utf8Text } from './bytes.ts'
import { openEnvelope, sign, verifyEnvelope } from './envelope.ts'
import type { Ledger, NewEntry } from './ledger.ts'
import { conclude } from './outcome.ts'
import type { RetiredKey } from './keys.ts'
import type { PublicKey } from './public-key.ts'
import type { Signer } from './signer.ts'
import type { Statement } from './statement.ts'
import { outlived, type Pinned } from './trust.ts'

/** Puts on record what the gate decides and what becomes of it. An exception means that nobody can tell whether it is on record. */
export interface Recorder {
  /**
   * Signs and appends; durable when it returns. `moved`: the epoch changed since `epoch`, decide again. `taken`: one of the
   * keys was taken. With `refused`, the outcome is on record in the same append.
   */
  readonly decided: (
    decision: Decision,
    given: { readonly epoch: number; readonly keys: readonly string[]; readonly kept?: string; readonly refused?: Outcome },
  ) => Promise<'recorded' | 'moved' | 'taken'>
  /** Appends the one outcome of a call; `inspected`, what detectors had to say of the answer, is kept beside it. */
  readonly concluded: (decision: Decision, outcome: Outcome, now: number, inspected?: readonly Found[]) => Promise<'recorded' | 'taken'>
  /** Appends a report that came too late to be the outcome. Only the first of a call is kept: `taken` says that this one is not. */
  readonly amended: (decision: Decision, report: Outcome, now: number) => Promise<'recorded' | 'taken'>
  /**
   * Takes the one right to the restored input of a call, and audits it; `false` when it was taken before, or where the certificate in the
   * ledger does not say what the record does: that this principal is allowed this call, until then.
   */
  readonly released: (record: { readonly decision: Decision; readonly entry?: number }, now: number) => Promise<boolean>
  readonly epoch: (tenant: TenantId) => Promise<number>
}

/** What the recorder keeps beside the ledger for a decision: the private record of a call, and what its bundle needs. */
export interface Recorded {
  readonly decision: Decision
  readonly opened: Opened
  /** Where the decision, its outcome and an amendment stand in the ledger: the body of the first is the decision's envelope. */
  readonly entry: number
  readonly outcomeEntry?: number
  readonly amendmentEntry?: number
  readonly outcome?: Outcome
  readonly outcomeOpened?: Opened
  readonly inspected?: readonly Found[]
  readonly amendment?: Outcome
  readonly amendmentOpened?: Opened
  readonly settledAt?: number
  readonly kept?: string
  /** Why payload and salts are missing, and `opened` is empty. */
  readonly payload?: 'erased' | 'damaged'
}

export function createRecorder({
  ledger,
  signer,
  audit,
  clock,
  evaluator = 'agentgate 0.1.0',
  retired = [],
  seal = async (_, record) => record,
}: {
  readonly ledger: Ledger
  readonly signer: Signer
  readonly audit: AuditLog
  readonly clock: Clock
  readonly evaluator?: string
  /** Keys that signed before: what was allowed under them may still run. */
  readonly retired?: readonly (PublicKey & Pick<RetiredKey, 'until'>)[]
  /** The record as it is to be stored: with what its erasure must reach under a key. As it is unless told. */
  readonly seal?: (call: MaskedCall, record: JsonObject) => Promise<JsonObject>
}): Recorder {
  const stored = async (call: MaskedCall, record: object) => seal(call, record as JsonObject)

  async function outcomeEntry(decision: Decision, outcome: Outcome, at: number, inspected: readonly Found[] = []): Promise<NewEntry> {
    const { body, opened } = conclude('outcome', decision, outcome, at)
    const found = inspected.length > 0 && { inspected }
    const record = await stored(decision.call, { outcome, outcomeOpened: opened, ...found, settledAt: at })
    return { type: 'outcome', body, keys: [`outcome/${decision.call.id}`], beside: { id: decision.id, record, index: 'outcomeEntry' } }
  }

  /** Whoever can change records cannot sign. */
  async function isCertified({ id, call, verdict, expiresAt }: Decision, index: number, now: number): Promise<boolean> {
    const [entry] = await ledger.read(call.tenant, index, index + 1)
    if (entry?.type !== 'decision' || verdict !== 'allow' || expiresAt <= now) return false
    const envelope = openEnvelope(entry.body)
    const key: Pinned | undefined = [signer.key, ...retired].find(({ id }) => id === envelope.keyId)
    if (!key || !(await verifyEnvelope(envelope, key))) return false
    const { predicate } = JSON.parse(utf8Text(envelope.payload)) as Statement
    if (outlived(key, predicate.issued_at) !== undefined) return false
    const told = [predicate.decision_id, predicate.call_id, predicate.tenant, predicate.principal, predicate.verdict, predicate.expires_at]
    const kept = [id, call.id, call.tenant, call.principal.id, 'allow', new Date(expiresAt).toISOString()]
    return told.every((each, at) => each === kept[at])
  }

  return {
    async decided(decision, { epoch, keys, kept, refused }) {
      const { statement, opened } = certify(decision, { epoch, evaluator })
      const envelope = await sign(signer, payloadOf(statement))
      const { id, verdict, call } = decision
      const entry: NewEntry = {
        type: 'decision',
        body: envelope,
        keys: verdict === 'hold' ? keys : [`final/${call.id}`, ...keys],
        beside: { id, record: await stored(call, { decision, opened, kept }), index: 'entry' },
      }
      const entries = refused ? [entry, await outcomeEntry(decision, refused, clock.now())] : [entry]
      const appended = await ledger.append(call.tenant, entries, { epoch })
      return 'first' in appended ? 'recorded' : 'moved' in appended ? 'moved' : 'taken'
    },
    async concluded(decision, outcome, now, inspected) {
      const appended = await ledger.append(decision.call.tenant, [await outcomeEntry(decision, outcome, now, inspected)])
      return 'first' in appended ? 'recorded' : 'taken'
    },
    async amended(decision, report, now) {
      const { body, opened } = conclude('amendment', decision, report, now)
      const record = await stored(decision.call, { amendment: report, amendmentOpened: opened })
      const keys = [`amendment/${decision.call.id}`]
      const appended = await ledger.append(decision.call.tenant, [
        { type: 'amendment', body, keys, beside: { id: decision.id, record, index: 'amendmentEntry' } },
      ])
      return 'first' in appended ? 'recorded' : 'taken'
    },
    async released({ decision, entry }, now) {
      const { id, call } = decision
      if (entry === undefined || !(await isCertified(decision, entry, now))) return false
      const event = { type: 'input.released', principal: call.principal.id, facts: { decision: id, call: call.id, tool: call.tool.name } }
      return !('taken' in (await audit.record(call.tenant, event, [`released/${id}`])))
    },
    async epoch(tenant) {
      return (await ledger.head(tenant)).epoch
    },
  }
}
