import { solverContract } from '@agentgate/core/contracts'
import { z3Work } from './z3-work.ts'

solverContract('Z3 in a worker', async () => z3Work())
