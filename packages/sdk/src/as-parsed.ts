import { declareParsed, type Tool } from './tool.ts'

/** The tool for input that its schema has read already: reading it twice is not reading it once. */
export function asParsed(tool: Tool): Tool {
  const { input } = declareParsed(tool, 'external')
  const said = { input: () => input, output: () => input }
  return {
    ...tool,
    input: { '~standard': { version: 1, vendor: 'agentgate', validate: (value) => ({ value }), jsonSchema: said } } as Tool['input'],
  }
}
