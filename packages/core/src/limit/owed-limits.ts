import type { MaskedCall } from '../call.ts'
import { type Control, refusal } from '../control.ts'
import type { Finding, Obligation, Reason } from '../decision.ts'
import { dollars } from './budget.ts'
import type { Counter, Limit } from './counter.ts'
import { keyOf, settleReservation } from './rate.ts'

/**
 * Discharges the `@rate` and `@budget` of the permits that allow a call, by reserving them: each counts by policy and by
 * the person acted for (else the principal). One permit whose limits all hold is enough, so one without limits needs
 * none; where every one is at its limit the call is denied, with the shortest wait.
 */
export function owedLimits({ counter }: { readonly counter: Counter }): Control {
  return {
    name: 'obligations',
    stage: 'reserve',
    async evaluate(call, { now, earlier }): Promise<Finding> {
      const allowing = earlier.filter(({ verdict, policy }) => verdict === 'allow' && policy)
      const permits = allowing.flatMap(({ policy, obligations = [] }) =>
        (policy?.determining ?? []).map((name) => obligations.filter((each) => each.policy === name && isLimit(each))),
      )
      if (permits.length === 0 || permits.some((limits) => limits.length === 0)) return { verdict: 'pass' }
      const reasons: Reason[] = []
      for (const limits of permits) {
        const taken = await takeAll(limits, call, now)
        if (taken.ok)
          return { verdict: 'pass', held: taken.ids, facts: { reserved: limits.map(({ name, policy }) => `${policy} ${name}`) } }
        reasons.push(taken.reason)
      }
      return { verdict: 'deny', reason: soonest(reasons) }
    },
    async settle(outcome, held) {
      for (const id of Array.isArray(held) ? held : []) await settleReservation(counter, outcome.status === 'refused', { id })
      return outcome
    },
  }

  async function takeAll(
    limits: readonly Obligation[],
    call: MaskedCall,
    now: number,
  ): Promise<{ ok: true; ids: string[] } | { ok: false; reason: Reason }> {
    const ids: string[] = []
    for (const owed of limits) {
      const asked = reservation(owed, call)
      const id = `obligation/${crypto.randomUUID()}`
      const reserved =
        'reason' in asked ? asked : await counter.reserve({ id, key: keyFor(owed, call), amount: asked.amount }, asked.limit, now)
      if ('ok' in reserved && reserved.ok) {
        ids.push(id)
        continue
      }
      for (const taken of ids) await counter.release(taken)
      return { ok: false, reason: 'reason' in reserved ? reserved.reason : over(owed, reserved.wait) }
    }
    return { ok: true, ids }
  }
}

function isLimit({ name }: Obligation): boolean {
  return name === 'rate' || name === 'budget'
}

/** What an obligation takes from which limit. A budget cannot be kept for a tool that does not say what a call costs. */
function reservation({ name, value, policy }: Obligation, { tool }: MaskedCall): { amount: number; limit: Limit } | { reason: Reason } {
  const { most, window } = limitOf(value)
  if (name === 'rate') return { amount: 1, limit: { max: most, window } }
  if (tool.cost !== undefined) return { amount: tool.cost, limit: { max: Math.round(most * 1e6), window } }
  const message = `\`${policy}\` permits the call within a budget, but \`${tool.name}\` does not say what a call costs: declare its \`cost\`.`
  return refusal('obligation-unmet', message)
}

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** `100/1m`, `10.00/1d`: how much in which window, in milliseconds. Throws where a published policy could not have said it. */
function limitOf(value: string): { most: number; window: number } {
  const [, most, amount, unit] = /^(\d+(?:\.\d+)?)\/(\d+)(ms|s|m|h|d)$/u.exec(value) ?? []
  if (most === undefined || amount === undefined) throw new TypeError(`\`${value}\` is no limit`)
  return { most: Number(most), window: Number(amount) * units[unit as keyof typeof units] }
}

function keyFor({ name, policy }: Obligation, call: MaskedCall): string {
  return `obligation/${name}/${policy.length}:${policy}/${keyOf(call, 'user')}`
}

function over({ name, value, policy }: Obligation, wait: number | undefined): Reason {
  const { most } = limitOf(value)
  const [what, code] = name === 'rate' ? [`${most} calls`, 'rate-exceeded'] : [dollars(Math.round(most * 1e6)), 'budget-exceeded']
  const message = `\`${policy}\` permits ${what} in ${value.slice(value.indexOf('/') + 1)}, and they are used up: wait as long as \`Retry-After\` says.`
  return refusal(code, message, wait === undefined ? {} : { retryAfterMs: wait }).reason
}

/** The refusal that passes first; what no wait helps comes last. */
function soonest(reasons: readonly Reason[]): Reason {
  const wait = ({ retryAfterMs = Number.POSITIVE_INFINITY }: Reason) => retryAfterMs
  return reasons.reduce((first, next) => (wait(next) < wait(first) ? next : first))
}
