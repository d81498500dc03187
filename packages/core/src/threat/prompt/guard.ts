import type { Call } from '../../call.ts'
import { type Asking, type Detect, refusal } from '../../control.ts'
import type { Finding } from '../../decision.ts'
import type { Json, JsonObject } from '../../json.ts'
import { within } from '../../judge.ts'
import { conversationIn } from '../conversation.ts'
import { texts } from '../texts.ts'
import { builtInModel, type PromptModel, told } from './model.ts'
import type { Suspicion } from './score.ts'

export interface PromptGuardOptions {
  /** How sure the model has to be, 0 to 1. 0.9 by default. */
  readonly threshold?: number
  /** Whether a call is refused that the model cannot judge, because it is missing, slow or broken. On unless `false`; recorded either way. */
  readonly failClosed?: boolean
  /** The built-in model unless given. */
  readonly model?: PromptModel
  /** How long the model may take for a call: milliseconds. 2,000 by default. */
  readonly timeout?: number
  /** `report` refuses nothing by itself: the facts are for policies. `refuse` by default. */
  readonly mode?: 'refuse' | 'report'
  /** Whether a tool's output that tries to steer the model is withheld. Off by default: what it taints is for provenance. */
  readonly withholdOutput?: boolean
}

/** How sure a model has to be unless told otherwise. */
export const defaultThreshold = 0.9

/** The kind of threat among the facts `threat_kinds`. */
export const promptInjection = 'prompt_injection'

/**
 * Refuses calls whose input tries to steer a model: the texts of all arguments as one, without what `system` and `developer` say in a
 * conversation, which is the operator's own. What is found joins the facts `threat_kinds`, `threat_severity` (high) and `threat_count`; `prompt_score` says how
 * sure the model was, and `prompt_guard` is `unavailable` where it could not tell.
 */
export function promptGuard(options: PromptGuardOptions = {}): Detect {
  const {
    threshold = defaultThreshold,
    failClosed = true,
    model = builtInModel,
    timeout = 2_000,
    mode = 'refuse',
    withholdOutput = false,
  } = options
  if (!(threshold > 0 && threshold <= 1))
    throw new RangeError(`promptGuard: \`threshold\` is ${threshold}: give a number above 0, at most 1`)
  if (!(timeout > 0)) throw new RangeError(`promptGuard: \`timeout\` is ${timeout}: give milliseconds`)

  return {
    name: 'prompt-guard',
    evaluate: (call, asking) => verdict(spoken(call.input), call, asking, mode === 'refuse', 'The input'),
    inspect: (output, call, asking) => verdict(spoken(output), call, asking, withholdOutput, 'The output'),
  }

  async function verdict(
    text: string,
    { context }: Pick<Call, 'context'>,
    { signal }: Asking,
    refuses: boolean,
    what: string,
  ): Promise<Finding> {
    if (text === '') return { verdict: 'pass' }
    let found: Suspicion
    try {
      found = told(await within(timeout, (time) => model.judge(text, time), signal))
    } catch {
      signal.throwIfAborted()
      const facts = { prompt_guard: 'unavailable', prompt_model: model.name }
      if (!failClosed || !refuses) return { verdict: 'pass', facts }
      const message = `${what} could not be judged: the prompt guard's model \`${model.name}\` is missing, too slow or broken. Try again, or let such calls pass with \`failClosed: false\`.`
      return { ...refusal('prompt-guard-unavailable', message), facts }
    }
    const facts = { prompt_score: Math.round(found.score * 1000) / 1000, prompt_model: model.name }
    if (found.score < threshold) return { verdict: 'pass', facts }
    const more = { ...facts, ...threatFacts(context) }
    if (!refuses) return { verdict: 'pass', facts: more }
    const signs = found.signs.length > 0 ? ` (${found.signs.map((sign) => `\`${sign}\``).join(', ')})` : ''
    const message = `${what} tries to steer a model${signs}: leave out the orders to it, or raise \`threshold\` if it was meant.`
    return { ...refusal('prompt-injection', message, { kind: promptInjection }), facts: more }
  }
}

/** The facts about threats with this one among them. */
function threatFacts(known: JsonObject): JsonObject {
  const kinds = Array.isArray(known['threat_kinds']) ? known['threat_kinds'] : []
  const count = typeof known['threat_count'] === 'number' ? known['threat_count'] : 0
  return {
    threat_kinds: [...new Set([...kinds, promptInjection])].toSorted(),
    threat_severity: known['threat_severity'] === 'critical' ? 'critical' : 'high',
    threat_count: count + 1,
  }
}

/** All that is said in a value, one text a line; nothing of what the operator says. */
function spoken(value: Json): string {
  const found: string[] = []
  for (const { text } of texts(conversationIn(value)?.others ?? value)) if (/\S\s*\S/.test(text)) found.push(text)
  return found.join('\n')
}
