import { callsContract } from './calls.contract.ts'
import { memoryCalls } from './calls.ts'

callsContract('memory', () => {
  const calls = memoryCalls()
  return { calls, write: calls.beside }
})
