import { memoryThreats } from './threats.ts'
import { threatsContract } from './threats.contract.ts'

threatsContract('memory', memoryThreats)
