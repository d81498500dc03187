/** What every implementation of a port must do, as suites of vitest: a door for the tests of adapters, never for a product's code. */
export * from './approval/approvals.contract.ts'
export * from './evidence/ledger.contract.ts'
export * from './limit/counter.contract.ts'
export * from './pii/vault.contract.ts'
export * from './policy/policies.contract.ts'
export * from './principal/principals.contract.ts'
export * from './tool/registry.contract.ts'
export * from './trace/calls.contract.ts'
