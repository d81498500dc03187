import { type Decision, isObject, type Observer, type Outcome, usageIn } from '@agentgate/core'
import { modelIn } from './controls/model-cost.ts'

/** Who shows spans, by the words of whatever shows them. */
export interface SpanMaker<Span> {
  readonly begin: (span: {
    readonly name: string
    readonly operation: 'chat' | 'execute_tool'
    readonly attributes: Attributes
    readonly at: number
  }) => Span
  /** `error` is the code of what went wrong. `failed`: the tool itself did, and what it said, masked. */
  readonly end: (span: Span, attributes: Attributes, error?: string, failed?: string) => void
}

export type Attributes = { readonly [name: string]: string | number | boolean }

/** How many calls may be open at once; of more, the oldest is shown as it is. */
const most = 10_000

/**
 * One span for each call, from the first time that it is decided to its end, waiting for a person included; refused calls too. By the
 * GenAI semantic conventions of OpenTelemetry: `execute_tool <name>`, or `chat <model>` where a model is called. What was said is in none.
 */
export function spans<Span>({ begin, end }: SpanMaker<Span>): Observer {
  const open = new Map<string, Span>()

  return {
    decided({ id, call, verdict, issuedAt }) {
      if (open.has(call.id)) return
      const model = modelIn(call.input)
      const { provider } = call.input
      const attributes = {
        'gen_ai.operation.name': model === undefined ? 'execute_tool' : 'chat',
        ...(model === undefined
          ? { 'gen_ai.tool.name': call.tool.name, 'gen_ai.tool.type': 'function', 'gen_ai.tool.call.id': call.id }
          : { 'gen_ai.request.model': model, ...(typeof provider === 'string' && { 'gen_ai.provider.name': provider }) }),
        'gen_ai.agent.id': call.principal.id,
        ...(String(call.session) !== call.id && { 'gen_ai.conversation.id': call.session }),
        'agentgate.tool': call.tool.name,
        'agentgate.decision.id': id,
        'agentgate.verdict': verdict,
      }
      const name = model === undefined ? `execute_tool ${call.tool.name}` : `chat ${model}`
      open.set(call.id, begin({ name, operation: model === undefined ? 'execute_tool' : 'chat', attributes, at: issuedAt }))
      for (const [oldest, span] of open) {
        if (open.size <= most) break
        open.delete(oldest)
        end(span, {})
      }
    },
    settled(decision, outcome) {
      const span = open.get(decision.call.id)
      if (span === undefined) return
      open.delete(decision.call.id)
      const error = 'reason' in outcome ? outcome.reason.code : outcome.status === 'failed' ? 'failed' : undefined
      end(span, ended(decision, outcome, error), error, outcome.status === 'failed' ? outcome.error : undefined)
    },
  }
}

function ended({ id, verdict }: Decision, outcome: Outcome, error: string | undefined): Attributes {
  const output = outcome.status === 'succeeded' ? outcome.output : null
  const usage = usageIn(isObject(output) || Array.isArray(output) ? output : null)
  return {
    // A held call was decided again.
    'agentgate.decision.id': id,
    'agentgate.verdict': verdict,
    'agentgate.outcome': outcome.status,
    ...(error !== undefined && { 'error.type': error }),
    ...(usage && {
      'gen_ai.usage.input_tokens': usage.input + usage.cached + usage.cacheWrite,
      'gen_ai.usage.output_tokens': usage.output + usage.reasoning,
      'gen_ai.usage.cache_read.input_tokens': usage.cached,
      'gen_ai.usage.cache_creation.input_tokens': usage.cacheWrite,
    }),
  }
}
