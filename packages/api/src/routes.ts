import { approvals } from './approvals.ts'
import { calls, traces } from './calls.ts'
import { delegations } from './delegations.ts'
import { evidence } from './evidence.ts'
import { health } from './health.ts'
import { pii } from './pii.ts'
import { playground } from './playground.ts'
import { plans } from './plans.ts'
import { policies } from './policies.ts'
import { principals } from './principals.ts'
import { threats } from './threats.ts'
import { tools } from './tools.ts'

/** Every door of the API, by noun and verb. */
export const routes = {
  calls,
  traces,
  playground,
  approvals,
  policies,
  plans,
  principals,
  delegations,
  evidence,
  pii,
  threats,
  tools,
  health,
}
