import { toolsContract } from './registry.contract.ts'
import { memoryTools } from './registry.ts'

toolsContract('memory', memoryTools)
