import { type ValidatorOptions, validator as validate } from '@agentgate/core'
import type { AgentControl } from './control.ts'

/** Refuses attacks in arguments, and the paths, patterns and tools that you block. `DROP *` stops `DROP TABLE users`. */
export function validator(options: ValidatorOptions = {}): AgentControl {
  return (_house, n) => ({ detect: [{ ...validate(options), name: `validator-${n}` }] })
}
