import { taintsContract } from './taints.contract.ts'
import { memoryTaints } from './taints.ts'

taintsContract('memory', memoryTaints)
