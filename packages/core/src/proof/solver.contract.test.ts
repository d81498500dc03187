import { solverContract } from './solver.contract.ts'
import { openZ3, solverOf } from './z3.ts'

solverContract('Z3 in this thread', async () => {
  const z3 = await openZ3()
  return { ...solverOf(z3), close: z3.close }
})
