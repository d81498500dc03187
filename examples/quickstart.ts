import { writeFileSync } from 'node:fs'
import { Agent, auditLog, costTracker, piiVault, rateLimiter, validator } from 'agentgate'
import { z } from 'zod'

// A model that says what it received: put your own here.
const model = { complete: async (message: string) => `You wrote: ${message}` }

const agent = new Agent({
  controls: [
    piiVault({ mask: ['SSN', 'EMAIL', 'CREDIT_CARD'] }),
    validator({ blockSqlInjection: true, blockShellInjection: true }),
    rateLimiter({ maxCalls: 100, window: '1m' }),
    costTracker({ budget: 10.0, alertThreshold: 0.8 }),
    auditLog({ output: 'traces.jsonl' }),
  ],
})
const support = agent.tool({
  name: 'customer_support',
  input: z.object({ message: z.string() }),
  execute: ({ message }) => model.complete(message), // the model receives "My SSN is <SSN_1>, please help"
})

console.log(await support({ message: 'My SSN is 123-45-6789, please help' })) // You wrote: My SSN is 123-45-6789, please help

// Evidence that a stranger can verify: bash scripts/verify-with-openssl.sh call.agentgate.json trust.pem
const decision = agent.lastDecision
if (!decision) throw new Error('no call was decided')
const { bundle, publicKey } = await agent.evidence(decision.id)
writeFileSync('call.agentgate.json', bundle)
writeFileSync('trust.pem', publicKey)
console.log(`certificate ${decision.id} verifies: ${await agent.verifyLastCertificate()}`)
