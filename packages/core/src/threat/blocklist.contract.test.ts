import { blocklistContract } from './blocklist.contract.ts'
import { memoryBlocklist } from './blocklist.ts'

blocklistContract('memory', memoryBlocklist)
