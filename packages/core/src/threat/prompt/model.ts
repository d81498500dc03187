import { inSlices } from '../steps.ts'
import { type Suspicion, suspecting } from './score.ts'

/** A back end of the prompt guard. It throws, or answers what is no number of 0 to 1, when it cannot tell. */
export interface PromptModel {
  /** As it stands in findings: kebab-case. */
  readonly name: string
  /** Loads what judging needs, so that the first call does not wait for it. */
  readonly warmUp?: () => Promise<void>
  /** How sure it is that a text tries to steer a model. */
  readonly judge: (text: string, signal: AbortSignal) => Promise<Suspicion>
}

/** Concepts, words and pairs of words, weighed: weights that ship with the package, some hundred microseconds a message. */
export const builtInModel: PromptModel = { name: 'built-in', judge: (text, signal) => inSlices(suspecting(text), signal) }

/** What a model answered, if it is an answer. Throws a `TypeError` for what is none. */
export function told(suspicion: Suspicion): Suspicion {
  const { score } = suspicion
  if (typeof score === 'number' && score >= 0 && score <= 1) return suspicion
  throw new TypeError('the model answered with no number of 0 to 1')
}
