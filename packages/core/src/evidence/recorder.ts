import type { MaskedCall, TenantId } from '../call.ts'
import type { Clock } from '../clock.ts'
import type { Decision, Outcome } from '../decision.ts'
import type { JsonObject } from '../json.ts'
import type { AuditLog } from './audit.ts'
import { certify, type Opened, payloadOf } from './certificate.ts'
import { sign } from './envelope.ts'
import type { Ledger, NewEntry } from './ledger.ts'
import { conclude } from './outcome.ts'
import type { Signer } from './signer.ts'

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
  /** Appends the one outcome of a call. */
  readonly concluded: (decision: Decision, outcome: Outcome, now: number) => Promise<'recorded' | 'taken'>
  /** Appends a report that came too late to be the outcome. Only the first of a call is kept: `taken` says that this one is not. */
  readonly amended: (decision: Decision, report: Outcome, now: number) => Promise<'recorded' | 'taken'>
  /** Takes the one right to the restored input of a call, and audits it; `false` when it was taken before. */
  readonly released: (decision: Decision, now: number) => Promise<boolean>
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
  seal = async (_, record) => record,
}: {
  readonly ledger: Ledger
  readonly signer: Signer
  readonly audit: AuditLog
  readonly clock: Clock
  readonly evaluator?: string
  /** The record as it is to be stored: with what its erasure must reach under a key. As it is unless told. */
  readonly seal?: (call: MaskedCall, record: JsonObject) => Promise<JsonObject>
}): Recorder {
  const stored = async (call: MaskedCall, record: object) => seal(call, record as JsonObject)

  async function outcomeEntry(decision: Decision, outcome: Outcome, at: number): Promise<NewEntry> {
    const { body, opened } = conclude('outcome', decision, outcome, at)
    const record = await stored(decision.call, { outcome, outcomeOpened: opened, settledAt: at })
    return { type: 'outcome', body, keys: [`outcome/${decision.call.id}`], beside: { id: decision.id, record, index: 'outcomeEntry' } }
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
    async concluded(decision, outcome, now) {
      const appended = await ledger.append(decision.call.tenant, [await outcomeEntry(decision, outcome, now)])
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
    async released({ id, call }) {
      const event = { type: 'input.released', principal: call.principal.id, facts: { decision: id, call: call.id, tool: call.tool.name } }
      return !('taken' in (await audit.record(call.tenant, event, [`released/${id}`])))
    },
    async epoch(tenant) {
      return (await ledger.head(tenant)).epoch
    },
  }
}
