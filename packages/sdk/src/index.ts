export { GateError, gateErrorCodes, memoryCounter, reasonCodes } from '@agentgate/core'
export type {
  ArgumentKind,
  Counter,
  Decision,
  Effect,
  Gate,
  GateErrorCode,
  ModelPrice,
  Outcome,
  PlanAnswer,
  PlannedCall,
  PlanStep,
  Reason,
  Risk,
} from '@agentgate/core'
export * from './agent.ts'
export * from './anthropic.ts'
export { webhookSignature } from '@agentgate/api/webhook'
export * from './controls/audit-log.ts'
export type { AgentControl } from './controls/control.ts'
export * from './controls/cost-tracker.ts'
export * from './controls/formal-verification.ts'
export * from './controls/human-approval.ts'
export * from './controls/pii-vault.ts'
export * from './controls/prompt-guard.ts'
export * from './controls/rate-limiter.ts'
export * from './controls/sentry.ts'
export * from './controls/shadow.ts'
export type { MachinePolicy, Move } from './controls/state-machine.ts'
export * from './controls/stateful-guardrail.ts'
export * from './controls/validator.ts'
export type { Duration } from './duration.ts'
export * from './errors.ts'
export * from './file-approvals.ts'
export * from './govern-model.ts'
export * from './openai.ts'
export type { AgentPolicies } from './policies.ts'
export type { AgentOptions, CallOptions, TransactionOptions } from './options.ts'
export * from './remote-gate.ts'
export type { Streams } from './streamed.ts'
export type { Tool, ToolExtra } from './tool.ts'
export * from './tool-answer.ts'
export type { Stuck } from './transaction/compensating.ts'
export * from './transaction/errors.ts'
export * from './transaction/file-journal.ts'
export * from './transaction/journal.ts'
export type { Recovered } from './transaction/transactions.ts'
export * from './verify-plan.ts'
