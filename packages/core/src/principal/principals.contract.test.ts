import { principalsContract } from './principals.contract.ts'
import { memoryPrincipals } from './principals.ts'

principalsContract('memory', memoryPrincipals)
