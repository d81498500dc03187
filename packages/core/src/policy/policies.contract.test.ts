import { policiesContract } from './policies.contract.ts'
import { memoryPolicies } from './memory-policies.ts'

policiesContract('memory', memoryPolicies)
