/** The door for a store's own thread: only what it computes with, so that it starts without the policy engine and the detectors. */
export { type Answer as ApprovalAnswer, type Asked as ApprovalAsked, askedAgain, withAnswer } from './approval/approvals.ts'
export * from './evidence/merkle.ts'
export * from './limit/counter.ts'
export {
  counted,
  type Custody,
  type DamagedKey,
  type Destroyed,
  nothingDestroyed,
  type Reached,
  type Retention,
  type Rewrapped,
} from './pii/custody.ts'
export * from './pii/seal.ts'
export { type Block, laterOf, mostBlocks } from './threat/blocklist.ts'
export { type HoneyToken, mostHoneyTokens, touched } from './threat/honey-tokens.ts'
export { mostThreats, movedTo, type RaisedThreat, type SeenThreat, sameThreat, seenAgain, type ThreatState } from './threat/threats.ts'
export { lifetimeOf, recordsPrefix, type Terms } from './pii/vault.ts'
