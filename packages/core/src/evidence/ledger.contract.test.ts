import type { JsonObject } from '../json.ts'
import { ledgerContract } from './ledger.contract.ts'
import { memoryLedger } from './ledger.ts'

ledgerContract('memoryLedger', async () => {
  const records = new Map<string, JsonObject>()
  return {
    ledger: memoryLedger({ beside: (tenant, id, record) => records.set(`${tenant}/${id}`, record) }),
    beside: async (tenant, id) => records.get(`${tenant}/${id}`),
  }
})
