import { counterContract } from './counter.contract.ts'
import { memoryCounter } from './counter.ts'

counterContract('memory', memoryCounter)
