import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NewEntry, TenantId } from '@agentgate/core'
import { openStore, storedCounter, storedLedger } from '@agentgate/server'
import { percentiles } from './percentiles.ts'

const tenant = 'bench' as TenantId
/** As long as a certificate in its envelope. */
const body = JSON.stringify({ payload: 'x'.repeat(1900) })

/** Durable appends to the embedded store, from one caller and from many, beside what the disk itself can do. */
export async function bench() {
  const folder = mkdtempSync(join(tmpdir(), 'agentgate-bench-'))
  const store = await openStore({ folder, vaultSecret: crypto.getRandomValues(new Uint8Array(32)) })
  const ledger = storedLedger(store)
  const counter = storedCounter(store)
  let next = 0
  const append = () => {
    const name = `${next++}`
    const record = {
      decision: { call: { id: name, tool: { name: 'chat' }, principal: { id: 'Agent::a' } }, verdict: 'allow', expiresAt: 1 },
    }
    const entry: NewEntry = { type: 'decision', body, keys: [`final/${name}`], beside: { id: name, record, index: 'entry' } }
    return ledger.append(tenant, [entry])
  }
  const reserve = () => counter.reserve({ id: `${next++}`, key: 'bench', amount: 1 }, { max: 1_000_000, window: 60_000 }, Date.now())

  try {
    await measure('', 500, 8, append)
    return {
      rows: [
        sync(folder),
        await measure('append, 1 caller', 2_000, 1, append),
        await measure('append, 16 callers', 10_000, 16, append),
        await measure('append, 256 callers', 40_000, 256, append),
        await measure('reserve, 1 caller', 2_000, 1, reserve),
        await measure('reserve, 256 callers', 20_000, 256, reserve),
      ],
    }
  } finally {
    await store.close()
    rmSync(folder, { recursive: true })
  }
}

async function measure(what: string, count: number, callers: number, work: () => Promise<unknown>) {
  const times: number[] = []
  const from = performance.now()
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (times.length + callers <= count) {
        const start = performance.now()
        await work()
        times.push(performance.now() - start)
      }
    }),
  )
  return { what, per_second: Math.round((times.length / (performance.now() - from)) * 1000), ...percentiles(times) }
}

/** The floor under all of it: to write as many bytes to a file and sync it. */
function sync(folder: string) {
  const file = openSync(join(folder, 'floor'), 'w')
  const times = Array.from({ length: 500 }, () => {
    const from = performance.now()
    writeSync(file, body)
    fdatasyncSync(file)
    return performance.now() - from
  })
  closeSync(file)
  return {
    what: 'write and sync a file',
    per_second: Math.round(1000 / (times.reduce((sum, each) => sum + each, 0) / times.length)),
    ...percentiles(times),
  }
}
