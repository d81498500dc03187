import { type Span, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import type { AgentControl } from './controls/control.ts'
import { spans } from './spans.ts'

export interface OtelOptions {
  /** By default `agentgate` of the provider that the program has registered. */
  readonly tracer?: Tracer
}

/**
 * Shows each call as a span of OpenTelemetry, within the span that was active when it was made: see `spans`. Neither input nor output,
 * nor what an error said. Refused calls and those whose output is kept back have the status `ERROR`, with the code in `error.type`.
 */
export function otel({ tracer }: OtelOptions = {}): AgentControl {
  return () => ({
    observe: spans<Span>({
      begin({ name, operation, attributes, at }) {
        const kind = operation === 'chat' ? SpanKind.CLIENT : SpanKind.INTERNAL
        return (tracer ?? trace.getTracer('agentgate')).startSpan(name, { kind, attributes, startTime: at })
      },
      end(span, attributes, error) {
        span.setAttributes({ ...attributes })
        if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error })
        span.end()
      },
    }),
  })
}
