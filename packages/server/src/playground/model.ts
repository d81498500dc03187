import type { JsonObject } from '@agentgate/core'

/** What has been said so far, as a model may know it: masked. */
export type Turn =
  | { readonly role: 'user'; readonly text: string }
  | { readonly role: 'assistant'; readonly text: string; readonly tool?: ToolWish }
  | { readonly role: 'tool'; readonly tool: string; readonly text: string }

/** A tool that a model asks for. It runs only if the gate lets it. */
export interface ToolWish {
  readonly tool: string
  readonly input: JsonObject
}

/** What a model says to a turn: text, a wish, or both. */
export interface Said {
  readonly text: string
  readonly wish?: ToolWish
}

/** A tool as models are told of it. */
export interface Offered {
  readonly name: string
  readonly description: string
  readonly parameters: JsonObject
}

export interface Model {
  readonly provider: 'demo' | 'openai'
  readonly name: string
  /** Answers the last turn. Throws when the provider cannot be reached or refuses. */
  readonly answer: (turns: readonly Turn[], tools: readonly Offered[]) => Promise<Said>
}
