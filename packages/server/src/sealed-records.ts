import {
  type CallRecord,
  type Calls,
  type Found,
  type JsonObject,
  type MaskedCall,
  type Owner,
  type Recorded,
  recordKind,
  recordsOf,
  SealError,
  type Vault,
} from '@agentgate/core'

/** A private record as it is stored: what may tell of a person is in the vault, under these tokens. */
interface Stored extends CallRecord {
  readonly decisionSealed?: string
  readonly outcomeSealed?: string
  readonly amendmentSealed?: string
}

type Payload = { readonly [member: string]: unknown }

const parts = ['decision', 'outcome', 'amendment'] as const

/**
 * Private records whose masked payloads and salts lie in the vault, in the session beside that of the call: whoever destroys that
 * session's key, or its subject's, leaves the digests in the ledger without meaning, and every proof of it as it was.
 */
export function sealedRecords({
  calls,
  vault,
  ownerOf,
}: {
  readonly calls: Calls
  readonly vault: Vault
  readonly ownerOf: (call: MaskedCall) => Owner
}): { readonly calls: Calls; readonly seal: (call: MaskedCall, record: JsonObject) => Promise<JsonObject> } {
  return {
    async seal(call, record) {
      const split = parts.flatMap((part) => splitting[part](record as unknown as Partial<Recorded>) ?? [])
      const values = split.map(({ payload }) => ({ kind: recordKind, value: JSON.stringify(payload) }))
      const tokens = await vault.keep(recordsOf(ownerOf(call)), values)
      const shown = Object.assign({}, record, ...split.map(({ rest }) => rest)) as JsonObject
      for (const name of salted) delete (shown as { [name: string]: unknown })[name]
      return { ...shown, ...Object.fromEntries(split.map(({ part }, index) => [`${part}Sealed`, tokens[index] ?? ''])) }
    },
    calls: {
      ...calls,
      find: async (tenant, id) => {
        const record = await calls.find(tenant, id)
        return record && opened(record)
      },
      async list(tenant, query) {
        const records = await calls.list(tenant, query)
        return query.bare ? records.map(bare) : Promise.all(records.map(opened))
      },
      expired: async (now, by) => Promise.all((await calls.expired(now, by)).map(opened)),
    },
  }

  async function opened(record: Stored): Promise<CallRecord> {
    const { decisionSealed, outcomeSealed, amendmentSealed } = record
    const shown = bare(record)
    const tokens = [decisionSealed, outcomeSealed, amendmentSealed]
    const asked = tokens.filter((token) => token !== undefined)
    if (asked.length === 0) return shown
    const { call } = shown.decision
    try {
      const told = await vault.recall(recordsOf(ownerOf(call)), asked)
      const values = tokens.map((token) => (token === undefined ? undefined : told[asked.indexOf(token)]))
      if (told.includes(undefined)) return { ...shown, opened: {}, payload: 'erased' }
      // INVARIANT: what was kept under these tokens was written by `seal`.
      const [decision, outcome, amendment] = values.map((value) => (value === undefined ? {} : (JSON.parse(value) as Payload)))
      return joined(shown, { decision: decision ?? {}, outcome: outcome ?? {}, amendment: amendment ?? {} })
    } catch (error) {
      if (!(error instanceof SealError)) throw error
      return { ...shown, opened: {}, payload: 'damaged' }
    }
  }
}

function bare({ decisionSealed: _, outcomeSealed: __, amendmentSealed: ___, ...shown }: Stored): CallRecord {
  return shown
}

const salted = ['opened', 'outcomeOpened', 'amendmentOpened'] as const

/** What of a part may tell of a person, and the part without it. */
const splitting = {
  decision({ decision, opened }: Partial<Recorded>) {
    if (!decision) return undefined
    const { call, findings, proof } = decision
    const { input, context } = call
    const facts = findings.map((found) => found.facts ?? null)
    const payload = { input, context, facts, basis: proof.theorem?.basis ?? null, opened }
    const bare = {
      ...decision,
      call: { ...call, input: {}, context: {} },
      findings: findings.map(({ facts: _, ...found }) => found),
      proof: { ...proof, ...(proof.theorem && { theorem: { ...proof.theorem, basis: {} } }) },
    }
    return { part: 'decision', payload, rest: { decision: bare } }
  },
  outcome({ outcome, outcomeOpened, inspected }: Partial<Recorded>) {
    const split = concluded('outcome', outcome, outcomeOpened)
    if (!inspected) return split
    const payload = { ...split?.payload, found: inspected.map(({ facts }) => facts ?? null) }
    return { part: 'outcome' as const, payload, rest: { ...split?.rest, inspected: inspected.map(({ facts: _, ...found }) => found) } }
  },
  amendment: ({ amendment, amendmentOpened }: Partial<Recorded>) => concluded('amendment', amendment, amendmentOpened),
} as const

function concluded(part: 'outcome' | 'amendment', outcome: Recorded['outcome'], opened: Recorded['opened'] | undefined) {
  if (outcome?.status === 'succeeded')
    return { part, payload: { said: outcome.output, opened }, rest: { [part]: { ...outcome, output: null } } }
  if (outcome?.status === 'failed') return { part, payload: { said: outcome.error, opened }, rest: { [part]: { ...outcome, error: '' } } }
  return undefined
}

function joined(record: CallRecord, told: { readonly [part in (typeof parts)[number]]: Payload }): CallRecord {
  const { decision } = record as Recorded
  const { input, context, facts, basis, opened } = told.decision
  const { theorem } = decision.proof
  return {
    ...record,
    decision: {
      ...decision,
      call: { ...decision.call, input, context } as MaskedCall,
      findings: withFacts(decision.findings, facts),
      proof: { ...decision.proof, ...(theorem && { theorem: { ...theorem, basis: basis as JsonObject } }) },
    },
    ...(opened !== undefined && { opened }),
    ...concludedAgain('outcome', record.outcome, told.outcome),
    ...(record.inspected && { inspected: withFacts(record.inspected, told.outcome['found']) }),
    ...concludedAgain('amendment', (record as Partial<Recorded>).amendment, told.amendment),
  } as unknown as CallRecord
}

function withFacts(findings: readonly Found[], facts: unknown): readonly Found[] {
  const each: readonly unknown[] = Array.isArray(facts) ? facts : []
  return findings.map((found, index) => (each[index] ? { ...found, facts: each[index] as JsonObject } : found))
}

function concludedAgain(part: 'outcome' | 'amendment', outcome: Recorded['outcome'], { said, opened }: Payload) {
  if (outcome?.status !== 'succeeded' && outcome?.status !== 'failed') return {}
  const whole = outcome.status === 'succeeded' ? { ...outcome, output: said } : { ...outcome, error: said }
  return { [part]: whole, ...(opened !== undefined && { [`${part}Opened`]: opened }) }
}
