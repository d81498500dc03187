import { isObject } from '@agentgate/core'
import type { CallToolResult, Client } from '@modelcontextprotocol/client'
import { z } from 'zod'
import type { Agent } from './agent.ts'
import type { CallOptions } from './options.ts'
import type { Tool } from './tool.ts'
import { toolAnswer } from './tool-answer.ts'

export interface GovernedMcp {
  /** The names that the tools have in policies and evidence: those of the server, after its own name. */
  readonly names: readonly string[]
  /** `client.callTool`, governed: a refused call never reaches the server, and its result says why, as an error that the model can read. */
  readonly callTool: (
    call: { readonly name: string; readonly arguments?: { readonly [name: string]: unknown } },
    options?: CallOptions,
  ) => Promise<CallToolResult>
}

/** What the server's descriptions do not say, and nobody should take from them: it is the operator's to say what a tool does. */
export type McpToolFacts = Partial<Pick<Tool, 'effect' | 'boundary' | 'arguments' | 'cost' | 'approval'>>

/**
 * Registers the tools of a connected MCP server with the agent, named `<server>__<tool>`, and calls them through the gate. A tool
 * whose schema cannot be read is an error: what cannot be judged is not called.
 */
export async function governMcp(
  agent: Agent,
  client: Client,
  server: string,
  facts: { readonly [tool: string]: McpToolFacts } = {},
): Promise<GovernedMcp> {
  const { tools } = await client.listTools()
  const nameOf = (name: string) => `${server}__${name}`
  for (const { name, description, inputSchema } of tools) {
    const schema = { additionalProperties: false, ...inputSchema }
    agent.tool({
      ...facts[name],
      name: nameOf(name),
      ...(description !== undefined && { description }),
      input: z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]),
      execute: async (input, { signal }) =>
        asJson(await client.callTool({ name, arguments: isObject(input) ? { ...input } : {} }, { signal })),
    })
  }
  return {
    names: tools.map(({ name }) => nameOf(name)),
    async callTool({ name, arguments: input = {} }, options) {
      const { text, ok } = await toolAnswer(agent, nameOf(name), input, options)
      // INVARIANT: what succeeded is the result of the server, as JSON.
      return ok ? (JSON.parse(text) as CallToolResult) : { content: [{ type: 'text', text }], isError: true }
    },
  }
}

/** The result without what JSON leaves out. */
function asJson(result: unknown): unknown {
  return JSON.parse(JSON.stringify(result))
}
