import { Client, InMemoryTransport } from '@modelcontextprotocol/client'
import { McpServer } from '@modelcontextprotocol/server'
import { Agent, validator } from 'agentgate'
import { governMcp } from 'agentgate/mcp'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'

/** A server of files, and what reached it. */
async function files() {
  const reached: string[] = []
  const server = new McpServer({ name: 'files', version: '1.0.0' })
  server.registerTool('read_file', { description: 'Reads a file', inputSchema: z.object({ path: z.string() }) }, ({ path }) => {
    reached.push(path)
    return { content: [{ type: 'text', text: `content of ${path}` }] }
  })
  const [near, far] = InMemoryTransport.createLinkedPair()
  const client = new Client({ name: 'example', version: '1.0.0' })
  await Promise.all([server.connect(far), client.connect(near)])
  onTestFinished(() => client.close())
  return { client, reached }
}

describe('an MCP client, governed', () => {
  it('leaves out what nobody could judge, says so, and governs all other tools of the server', async () => {
    const called: string[] = []
    const tools = [
      { name: 'good', inputSchema: { type: 'object' } },
      { name: 'odd', inputSchema: { type: 'object', properties: { a: { not: { type: 'string' } } } } },
      { name: 'no/name', inputSchema: { type: 'object' } },
    ]
    const callTool = async ({ name }: { readonly name: string }) => {
      called.push(name)
      return { content: [] }
    }
    const client = { listTools: async () => ({ tools }), callTool } as unknown as Client
    const agent = new Agent()
    const governed = await governMcp(agent, client, 'files')
    expect(governed.names).toEqual(['files__good'])
    expect(governed.leftOut.map(({ name }) => name)).toEqual(['odd', 'no/name'])
    expect(governed.leftOut[1]?.why).toContain('not a tool name')
    expect(agent.openaiTools()).toHaveLength(1)
    for (const { name } of tools) await governed.callTool({ name })
    expect(called).toEqual(['good'])
  })

  it('takes a result that says it is an error for a failed call, which the model can read', async () => {
    const result = { isError: true, content: [{ type: 'text', text: 'no such file' }] }
    const client = {
      listTools: async () => ({ tools: [{ name: 'read', inputSchema: { type: 'object' } }] }),
      callTool: async () => result,
    } as unknown as Client
    const agent = new Agent()
    const answer = await (await governMcp(agent, client, 'files')).callTool({ name: 'read' })
    expect(answer).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('no such file') }] })
    expect(agent.summary()).toMatchObject({ total: 1, succeeded: 0, failed: 1 })
  })

  it('calls what is fine; a refused call never reaches the server, and its result says why', async () => {
    const { client, reached } = await files()
    const agent = new Agent({ agentId: 'mcp-example', controls: [validator({ blockPaths: ['/etc'] })] })
    const { names, callTool } = await governMcp(agent, client, 'files', { read_file: { effect: 'read', arguments: { path: 'path' } } })
    expect(names).toEqual(['files__read_file'])
    expect(await callTool({ name: 'read_file', arguments: { path: '/home/ada/notes' } })).toMatchObject({
      content: [{ type: 'text', text: 'content of /home/ada/notes' }],
    })
    for (const input of [{ path: '/etc/passwd' }, { path: '/tmp/x', follow: true }, { path: 1 }, {}]) {
      const refused = await callTool({ name: 'read_file', arguments: input })
      expect(refused, JSON.stringify(input)).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('"refused"') }] })
    }
    expect(await callTool({ name: 'delete_file', arguments: {} })).toMatchObject({
      content: [{ text: expect.stringContaining('unknown-tool') }],
    })
    expect(reached).toEqual(['/home/ada/notes'])
    expect(agent.traces.map(({ decision }) => decision.call.tool.effect).slice(0, 2)).toEqual(['read', 'read'])
  })
})
