import { type Attributes, spans } from '../spans.ts'
import type { AgentControl } from './control.ts'

interface SentrySpan {
  readonly setAttributes: (attributes: { [name: string]: string | number | boolean }) => unknown
  readonly setStatus: (status: { readonly code: 1 | 2; readonly message?: string }) => unknown
  readonly end: () => void
}

/** What is asked of an SDK of Sentry, 8 or newer: `import * as Sentry from '@sentry/node'`. */
export interface Sentry {
  readonly startInactiveSpan: (span: {
    readonly name: string
    readonly op: string
    readonly attributes: { [name: string]: string | number | boolean }
    readonly startTime: Date
  }) => SentrySpan
  readonly captureException: (error: Error, hint: { readonly tags: { readonly [name: string]: string } }) => unknown
}

/**
 * Shows each call in Sentry as a span `gen_ai.execute_tool` or `gen_ai.chat` (see `spans`), and each tool that failed as an issue, with
 * what it said, masked. Begin Sentry before: `sentry(Sentry)`.
 */
export function sentry({ startInactiveSpan, captureException }: Sentry): AgentControl {
  return () => ({
    observe: spans<{ readonly span: SentrySpan; readonly begun: Attributes }>({
      begin({ name, operation, attributes, at }) {
        const span = startInactiveSpan({ name, op: `gen_ai.${operation}`, attributes: { ...attributes }, startTime: new Date(at) })
        return { span, begun: attributes }
      },
      end({ span, begun }, attributes, error, failed) {
        span.setAttributes({ ...attributes })
        span.setStatus(error === undefined ? { code: 1 } : { code: 2, message: error })
        span.end()
        if (failed === undefined) return
        const tool = String(begun['agentgate.tool'])
        captureException(new Error(`\`${tool}\` failed: ${failed}`), {
          tags: { tool, decision: String(attributes['agentgate.decision.id']) },
        })
      },
    }),
  })
}
