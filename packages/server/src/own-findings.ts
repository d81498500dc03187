import type { WireOwnFinding } from '@agentgate/api'
import { type OwnFinding, promptInjection, type Reason, type TenantId, threatSeverities } from '@agentgate/core'
import type { Personal } from './personal.ts'

/** What an agent says that its own controls found, as evidence may hold it: by names that no control here has, and without personal data. */
export async function ownFindings(
  { hidden }: Pick<Personal, 'hidden'>,
  tenant: TenantId,
  found: readonly WireOwnFinding[] = [],
): Promise<readonly OwnFinding[]> {
  const reasonOf = async ({ message, retry_after_ms: wait, kind, code }: NonNullable<WireOwnFinding['reason']>): Promise<Reason> => ({
    code,
    message: await hidden(tenant, message),
    // Kinds are those that are found here: each new one would be a threat of its own, and tell somebody.
    ...(kind !== undefined && (kind === promptInjection || Object.hasOwn(threatSeverities, kind)) && { kind }),
    ...(wait !== undefined && { retryAfterMs: wait }),
  })
  return Promise.all(
    found.map(
      async (
        { control, verdict, reason, facts: { cost, spent, budget, budget_alert: alert, prompt_score: score } = {}, shadow },
        n,
      ): Promise<OwnFinding> => {
        const isPlain = (await hidden(tenant, control)) === control
        const facts = {
          ...(cost !== undefined && { cost }),
          ...(spent !== undefined && { spent }),
          ...(budget !== undefined && { budget }),
          ...(alert !== undefined && { budget_alert: alert }),
          ...(score !== undefined && { prompt_score: score }),
        }
        const said = {
          control: `agent/${isPlain ? control : `control-${n}`}` as const,
          facts,
          ...(shadow && { shadow: { verdict: shadow.verdict, ...(shadow.reason && { reason: await reasonOf(shadow.reason) }) } }),
        }
        if (verdict === 'pass') return { ...said, verdict }
        return { ...said, verdict, reason: reason ? await reasonOf(reason) : unsaid }
      },
    ),
  )
}

const unsaid: Reason = { code: 'control-failed', message: 'A control of the agent refused the call, and did not say why.' }
