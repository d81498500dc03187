import { approvalsContract } from './approvals.contract.ts'
import { memoryApprovals } from './approvals.ts'

approvalsContract('memory', memoryApprovals)
