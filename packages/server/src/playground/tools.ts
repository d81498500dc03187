import type { JsonObject, ToolDeclaration } from '@agentgate/core'
import type { Offered } from './model.ts'

const text = (description: string): JsonObject => ({ type: 'string', maxLength: 100_000, description })
const object = (properties: JsonObject): JsonObject => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
})

/** One message to the model of the playground. */
export const chatTool: ToolDeclaration = {
  name: 'chat',
  description: 'Sends a message of the playground to its model.',
  input: object({ text: text('What the person wrote.') }),
  effect: 'execute',
  action: 'model.call',
  arguments: { text: 'prose' },
  boundary: 'external',
}

/** What a tool answered, handed to the model of the playground. */
export const continueTool: ToolDeclaration = {
  name: 'continue_chat',
  description: 'Hands what a tool answered to the model of the playground.',
  input: object({ tool: text('The tool that answered.'), result: text('What it answered.') }),
  effect: 'execute',
  action: 'model.call',
  arguments: { tool: 'prose', result: 'prose' },
  boundary: 'external',
}

/** A tool that the server itself runs for the playground. */
export interface DemoTool {
  readonly declaration: ToolDeclaration
  readonly execute: (input: JsonObject) => Promise<JsonObject>
}

/** Deletes nobody: it stands for a tool that would. */
export const deleteUser: DemoTool = {
  declaration: {
    name: 'delete_user',
    description: 'Deletes a user and exports the account history. Held until a person approves it.',
    input: object({ request: text('Whom to delete, and what else was asked for, in the words of the person.') }),
    effect: 'delete',
    arguments: { request: 'prose' },
    boundary: 'external',
  },
  execute: async () => ({ deleted: 1, exported: 'account history' }),
}

export const demoTools: readonly DemoTool[] = [deleteUser]

export const offered: readonly Offered[] = demoTools.map(({ declaration: { name, description = '', input } }) => ({
  name,
  description,
  parameters: input,
}))
