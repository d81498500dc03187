import { policiesContract } from './policies.contract.ts'
import { memoryPolicies } from './policies.ts'

policiesContract('memory', memoryPolicies)
