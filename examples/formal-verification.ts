import { Agent, PolicyDenied, verifyPlan } from 'agentgate'
import { z } from 'zod'

const ops = new Agent({
  formalVerification: true, // each decision is proved by Z3 before it counts
  principal: 'agent:ops',
  policies: [
    {
      policy_json: {
        pre_rules: [
          { type: 'permit', action: '*', resource: '/api/*' },
          { type: 'deny', action: 'delete', resource: '/prod/*' },
        ],
      },
    },
  ],
})
const resource = z.object({ resource: z.string() })
const readData = ops.tool({ name: 'read_data', input: resource, execute: ({ resource: at }) => `Data from ${at}` })
const deleteData = ops.tool({ name: 'delete_data', input: resource, effect: 'delete', execute: ({ resource: at }) => `Deleted ${at}` })

console.log(await readData({ resource: '/api/users' })) // Data from /api/users
console.log(await ops.verifyLastCertificate()) // true
console.log(ops.lastDecision?.proof.solver.name, ops.lastDecision?.proof.type) // z3 CONSTRUCTIVE_TRACE

const refused = await deleteData({ resource: '/prod/db' }).catch((error: unknown) => error)
console.log(refused instanceof PolicyDenied && refused.message.includes('pre_rules/1')) // true
console.log(await ops.verifyLastCertificate()) // true

const plan = await verifyPlan({
  principal: 'agent:ops',
  policies: ops.policies,
  steps: [
    { action: 'read', resource: '/api/data' },
    { action: 'delete', resource: '/prod/db' },
  ],
})
console.log(plan.safe, plan.blockedStepIndex) // false 1
console.log(plan.blockedReason?.includes('pre_rules/1')) // true
