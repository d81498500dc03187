import { grantsContract } from './grants.contract.ts'
import { memoryGrants } from './grants.ts'

grantsContract('memory', memoryGrants)
