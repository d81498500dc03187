import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { auditKey, auditLog, createRecorder, type Decision, localSigner, type NewEntry, systemClock, uuidv7 } from '@agentgate/core'
import { openStore, storedLedger } from '@agentgate/server'
import { openEnvelope, verifyEnvelope } from '../../packages/core/src/evidence/envelope.ts'
import { consistencyProof, inclusionProof } from '../../packages/core/src/evidence/merkle.ts'
import { sampleDecision, sampleTenant as tenant } from '../../packages/core/src/evidence/sample.ts'
import { verifyLedger } from '../../packages/core/src/evidence/verify-ledger.ts'

import { percentiles } from './percentiles.ts'

/** Entries that are verified, and how many of them are audit events. */
const entries = 1_000_000
const audited = 10_000

/**
 * What evidence costs on the embedded store, every append durable: statements and individually signed decisions a second,
 * the time of one alone, checking a whole ledger, and the sizes of proofs. Beside each is what is aimed at on two cores.
 */
export async function bench() {
  const folder = mkdtempSync(join(tmpdir(), 'agentgate-bench-'))
  const store = await openStore({ folder, vaultSecret: crypto.getRandomValues(new Uint8Array(32)) })
  const ledger = storedLedger(store)
  const signer = localSigner(crypto.getRandomValues(new Uint8Array(32)))
  const key = auditKey(crypto.getRandomValues(new Uint8Array(32)))
  const audit = auditLog({ ledger, key, clock: systemClock })
  const recorder = createRecorder({ ledger, signer, audit, clock: systemClock })
  const sample = sampleDecision()
  const decide = async () => {
    const now = Date.now()
    const call = { ...sample.call, id: uuidv7(now) } as Decision['call']
    const decision = { ...sample, call, id: uuidv7(now) as Decision['id'], issuedAt: now, expiresAt: now + 300_000 }
    if ((await recorder.decided(decision, { epoch: 0, keys: [] })) !== 'recorded') throw new Error('A decision was not recorded.')
  }

  try {
    await repeated(1_000, 64, decide)
    const [first] = await ledger.read(tenant, 0, 1)
    const envelope = first?.body ?? ''
    const statement = (): NewEntry => ({ type: 'decision', body: envelope })
    const append = () => ledger.append(tenant, [statement()])

    const rows = [
      row('statements, 256 callers', await repeated(40_000, 256, append), { aim: '10,000 a second' }),
      row('statements, 1 caller', await repeated(2_000, 1, append), { aim: 'p50 under 1 ms' }),
      row('signed decisions, 256 callers', await repeated(20_000, 256, decide), { aim: '4,000 a second' }),
      row('signed decisions, 1 caller', await repeated(2_000, 1, decide), {}),
    ]
    const opened = openEnvelope(envelope)
    rows.push(row('signatures verified', await repeated(5_000, 1, () => verified(verifyEnvelope(opened, signer.key))), {}))

    await repeated(audited, 256, () => audit.record(tenant, { type: 'bench', facts: {} }))
    for (let { size } = await ledger.head(tenant); size < entries; { size } = await ledger.head(tenant)) {
      await ledger.append(tenant, Array.from({ length: Math.min(1_000, entries - size) }, statement))
    }
    const from = performance.now()
    const report = await verifyLedger(ledger, { tenant, keys: [key] })
    const seconds = (performance.now() - from) / 1_000
    if (!report.valid) throw new Error(`The ledger is not valid: ${report.first_invalid?.what}`)
    return { rows, verification: [wholeLedger(report.entries_checked, seconds)], proofs: await proofs() }
  } finally {
    await store.close()
    rmSync(folder, { recursive: true })
  }

  async function proofs() {
    const read = (at: Parameters<typeof ledger.nodes>[1]) => ledger.nodes(tenant, at)
    const { size } = await ledger.head(tenant)
    const found = [
      { proof: 'inclusion', hashes: await inclusionProof(Math.floor(size / 3), size, read), aim: '1 KB' },
      { proof: 'consistency', hashes: await consistencyProof(Math.floor(size / 3), size, read), aim: '' },
    ]
    return found.map(({ proof, hashes, aim }) => ({
      proof,
      of_entries: size,
      hashes: hashes.length,
      bytes: hashes.length * 32,
      bytes_in_a_bundle: JSON.stringify(hashes.map((hash) => Buffer.from(hash, 'hex').toString('base64'))).length,
      aim,
    }))
  }
}

function wholeLedger(count: number, seconds: number) {
  return {
    entries: count,
    audit_events: audited,
    seconds: Number(seconds.toFixed(1)),
    per_second: Math.round(count / seconds),
    aim: `${entries.toLocaleString('en')} in 15 s`,
  }
}

async function verified(check: Promise<boolean>): Promise<void> {
  if (!(await check)) throw new Error('A signature was not verified.')
}

interface Times {
  readonly per_second: number
  readonly times: readonly number[]
}

async function repeated(count: number, callers: number, work: () => Promise<unknown>): Promise<Times> {
  const times: number[] = []
  let left = count
  const from = performance.now()
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (left-- > 0) {
        const start = performance.now()
        await work()
        times.push(performance.now() - start)
      }
    }),
  )
  return { per_second: Math.round((count / (performance.now() - from)) * 1_000), times }
}

function row(what: string, { per_second, times }: Times, { aim = '' }: { readonly aim?: string }) {
  return { what, per_second, ...percentiles([...times]), aim }
}
