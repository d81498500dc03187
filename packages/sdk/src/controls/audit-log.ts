import { appendFile } from 'node:fs/promises'
import type { Decision, Json, Outcome } from '@agentgate/core'
import type { AgentControl } from './control.ts'
import { isUngoverned } from './ungoverned.ts'

export interface AuditLogOptions {
  /** A file that JSON lines are appended to; by default standard error. */
  readonly output?: string
}

/** One start and one end record for every call, refused ones included, written by the time the call returns. Masked. */
export function auditLog({ output }: AuditLogOptions = {}): AgentControl {
  let last = Promise.resolve()
  const write = (record: Json) => {
    const line = `${JSON.stringify(record)}\n`
    last = last.catch(() => undefined).then(async () => (output === undefined ? void process.stderr.write(line) : appendFile(output, line)))
    return last
  }
  return ({ clock }) => {
    const time = () => new Date(clock.now()).toISOString()
    const waiting = new Set<string>()
    return {
      observe: {
        decided: async (decision: Decision) => {
          const { id, call, verdict, reason } = decision
          const again = waiting.delete(call.id)
          if (verdict === 'hold') waiting.add(call.id)
          if (again) return
          await write({
            event: 'start',
            time: time(),
            call: call.id,
            decision: id,
            tool: call.tool.name,
            resource: call.resource,
            input: call.input,
            verdict,
            reason: reason?.code ?? null,
            ...(isUngoverned(decision) && { ungoverned: true }),
          })
        },
        settled: ({ id, call }: Decision, outcome: Outcome) =>
          write({ event: 'end', time: time(), call: call.id, decision: id, tool: call.tool.name, ...summaryOf(outcome) }),
      },
    }
  }
}

function summaryOf(outcome: Outcome): { [key: string]: Json } {
  if (outcome.status === 'succeeded') return { status: outcome.status, output: outcome.output }
  if (outcome.status === 'failed') return { status: outcome.status, error: outcome.error }
  return { status: outcome.status, reason: outcome.reason.code }
}
