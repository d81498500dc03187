import { Agent, auditLog, costTracker, rateLimiter, validator } from 'agentgate'
import { z } from 'zod'

/** An agent with two tools, as every adapter's story governs it; `ran` is what reached them. */
export function desk(agentId: string) {
  const ran: string[] = []
  const agent = new Agent({
    agentId,
    controls: [
      auditLog({ output: '/dev/null' }),
      validator({ blockPaths: ['/', '/etc', '/root'], blockPatterns: ['DROP *', 'DELETE *', 'TRUNCATE *'] }),
      rateLimiter({ maxCalls: 50, window: '1m' }),
      costTracker({ maxBudget: 5.0, defaultCost: 0.01 }),
    ],
  })
  agent.tool({
    name: 'get_user',
    description: 'Finds a user by id',
    input: z.object({ id: z.string() }),
    effect: 'read',
    execute: ({ id }) => {
      ran.push(id)
      return { id, name: 'Ada', plan: 'pro' }
    },
  })
  agent.tool({
    name: 'run_query',
    description: 'Runs a query',
    input: z.object({ query: z.string() }),
    effect: 'read',
    arguments: { query: 'sql' },
    execute: ({ query }) => {
      ran.push(query)
      return []
    },
  })
  return { agent, ran }
}

/** The tool that a question needs, as a model would choose it. */
export function toolFor(question: string): { readonly name: string; readonly input: { readonly [key: string]: string } } {
  const id = /^Who is user (usr_\d+)\?/.exec(question)?.[1]
  if (id !== undefined) return { name: 'get_user', input: { id } }
  return { name: 'run_query', input: { query: question.replace('Run this query: ', '') } }
}
