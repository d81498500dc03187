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
  /** The tools of the server that are not called, as nobody could judge it: by the server's own names, each with why. */
  readonly leftOut: readonly { readonly name: string; readonly why: string }[]
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
 * whose name or schema cannot be read is left out: what cannot be judged is not called. A result that says `isError` is a failed call.
 */
export async function governMcp(
  agent: Agent,
  client: Client,
  server: string,
  facts: { readonly [tool: string]: McpToolFacts } = {},
): Promise<GovernedMcp> {
  const { tools } = await client.listTools()
  const nameOf = (name: string) => `${server}__${name}`
  const leftOut: { name: string; why: string }[] = []
  const governed = tools.flatMap(({ name, description, inputSchema }): Tool[] => {
    try {
      const tool: Tool = {
        ...facts[name],
        name: nameOf(name),
        ...(description !== undefined && { description }),
        input: z.fromJSONSchema({ additionalProperties: false, ...inputSchema } as Parameters<typeof z.fromJSONSchema>[0]),
        execute: async (input, { signal }) =>
          succeeded(await client.callTool({ name, arguments: isObject(input) ? { ...input } : {} }, { signal })),
      }
      declare(tool, 'external')
      return [tool]
    } catch (error) {
      leftOut.push({ name, why: error instanceof Error ? error.message : String(error) })
      return []
    }
  })
  for (const tool of governed) agent.tool(tool)
  return {
    names: governed.map(({ name }) => name),
    leftOut,
    async callTool({ name, arguments: input = {} }, options) {
      const { text, ok } = await toolAnswer(agent, nameOf(name), input, options)
      // INVARIANT: what succeeded is the result of the server, as JSON.
      return ok ? (JSON.parse(text) as CallToolResult) : { content: [{ type: 'text', text }], isError: true }
    },
  }
}

/** The result without what JSON leaves out. Throws what it says where it is an error. */
function succeeded(result: CallToolResult): unknown {
  if (!result.isError) return JSON.parse(JSON.stringify(result))
  const said = result.content.flatMap((each) => (each.type === 'text' ? each.text : []))
  throw new Error(said.join('\n') || 'the MCP server says that the call failed, and not why')
}
