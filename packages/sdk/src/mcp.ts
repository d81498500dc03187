import { isObject } from '@agentgate/core'
import type { CallToolResult, Client } from '@modelcontextprotocol/client'
import { z } from 'zod'
import type { Agent } from './agent.ts'
import type { CallOptions } from './options.ts'
import { declare, type Tool } from './tool.ts'
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
 * whose name or schema cannot be read is a `TypeError`, and none is registered then: what cannot be judged is not called.
 */
export async function governMcp(
  agent: Agent,
  client: Client,
  server: string,
  facts: { readonly [tool: string]: McpToolFacts } = {},
): Promise<GovernedMcp> {
  const { tools } = await client.listTools()
  const nameOf = (name: string) => `${server}__${name}`
  const governed = tools.map(({ name, description, inputSchema }): Tool => {
    const tool: Tool = {
      ...facts[name],
      name: nameOf(name),
      ...(description !== undefined && { description }),
      input: schemaOf(name, { additionalProperties: false, ...inputSchema }),
      execute: async (input, { signal }) =>
        asJson(await client.callTool({ name, arguments: isObject(input) ? { ...input } : {} }, { signal })),
    }
    declare(tool, 'external')
    return tool
  })
  for (const tool of governed) agent.tool(tool)
  return {
    names: tools.map(({ name }) => nameOf(name)),
    async callTool({ name, arguments: input = {} }, options) {
      const { text, ok } = await toolAnswer(agent, nameOf(name), input, options)
      // INVARIANT: what succeeded is the result of the server, as JSON.
      return ok ? (JSON.parse(text) as CallToolResult) : { content: [{ type: 'text', text }], isError: true }
    },
  }
}

function schemaOf(name: string, schema: object): z.ZodType {
  try {
    return z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0])
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new TypeError(`The schema of the server's tool \`${name}\` cannot be read, so its calls cannot be judged: ${why}`, { cause })
  }
}

/** The result without what JSON leaves out. */
function asJson(result: unknown): unknown {
  return JSON.parse(JSON.stringify(result))
}
