import { reasonCodes } from '@agentgate/core'
import type { Agent } from './agent.ts'
import { Refused, ToolFailed } from './errors.ts'
import type { CallOptions } from './options.ts'
import { compensating } from './tool.ts'

/** What goes back to a model that asked for a tool. */
export interface ToolAnswer {
  /** The output, or a refusal or failure that the model can read: texts as they are, everything else as JSON. */
  readonly text: string
  /** Whether the tool ran and succeeded. */
  readonly ok: boolean
}

/** Runs a model's tool call through the gate. Never throws for a refusal, a failed tool, or input that its schema does not know. */
export async function toolAnswer(agent: Agent, name: string, input: unknown, options: CallOptions = {}): Promise<ToolAnswer> {
  // No model was told of such a tool.
  if (name.startsWith(compensating))
    return { text: JSON.stringify({ refused: { code: 'unknown-tool', message: reasonCodes['unknown-tool'] } }), ok: false }
  try {
    const output = await agent.call(name, input, options)
    return { text: typeof output === 'string' ? output : JSON.stringify(output), ok: true }
  } catch (error) {
    if (error instanceof Refused) return { text: JSON.stringify({ refused: error.reason }), ok: false }
    if (error instanceof ToolFailed) return { text: JSON.stringify({ failed: error.message }), ok: false }
    throw error
  }
}
