import { type Control, type Finding, keyOf, matchesGlob, type MaskedCall, rate, refusal, type Scope } from '@agentgate/core'
import { type Duration, milliseconds } from '../duration.ts'
import { clockHours } from './clock-hours.ts'
import { type AgentControl, type House, isCounted } from './control.ts'
import { shadow } from './shadow.ts'
import { machine, type MachinePolicy } from './state-machine.ts'

interface Concerned {
  /** A glob of tool names: `delete_*`. */
  readonly tool: string
  /** Whose calls are counted together: `global` unless told. */
  readonly scope?: Scope | readonly Scope[]
}

/** At most so many calls in any window. */
export interface CallsPolicy extends Concerned {
  readonly maxCalls: number
  readonly window: Duration
}

/** One call, and no other until so long after it. */
export interface CooldownPolicy extends Concerned {
  readonly cooldown: Duration
}

/** No calls in these hours of the day, 0 to 23. */
export interface HoursPolicy extends Pick<Concerned, 'tool'> {
  readonly excludeHours: readonly number[]
  /** `Europe/Berlin`; `UTC` unless told. */
  readonly timezone?: string
}

/** A call only once a call of each of `after` has succeeded, in this order, within that time: `session` is counted together unless told. */
export interface OrderPolicy extends Concerned {
  readonly after: string | readonly string[]
  readonly within: Duration
}

export type GuardrailPolicy = CallsPolicy | CooldownPolicy | HoursPolicy | OrderPolicy | MachinePolicy

export interface StatefulGuardrailOptions {
  readonly policies: readonly GuardrailPolicy[]
  /** `shadow` reports what it would have refused, and refuses nothing. */
  readonly mode?: 'enforce' | 'shadow'
}

/** Refuses calls by what was called before, and when. Its state is counted where the agent's limits are. */
export function statefulGuardrail({ policies, mode = 'enforce' }: StatefulGuardrailOptions): AgentControl {
  const makers = policies.map(readPolicy)
  const control: AgentControl = (house, n) => ({ controls: makers.flatMap((make, place) => make(`guardrail-${n}-${place}`, house)) })
  return mode === 'shadow' ? shadow(control) : control
}

type Make = (name: string, house: House) => readonly Control[]

/** What makes a policy one of its kind. */
const kinds = ['maxCalls', 'cooldown', 'excludeHours', 'after', 'moves'] as const

function readPolicy(policy: GuardrailPolicy): Make {
  const of = kinds.filter((kind) => kind in policy)
  if (of.length > 1) {
    const said = of.map((kind) => `\`${kind}\``).join(' and ')
    throw new TypeError(`A policy of \`statefulGuardrail\` has ${said}, and only one would be kept: write a policy for each`)
  }
  if ('moves' in policy) return machine(policy, isCounted)
  const { tool } = policy
  if (typeof tool !== 'string' || tool === '') throw new TypeError("A policy of `statefulGuardrail` names its `tool`, such as 'delete_*'")
  const applies = (call: MaskedCall) => isCounted(call) && matchesGlob(tool, call.tool.name)
  if ('maxCalls' in policy) {
    const { maxCalls, scope = 'global' } = policy
    if (!Number.isSafeInteger(maxCalls) || maxCalls < 1) throw new RangeError(`\`maxCalls\` is ${maxCalls}: give a whole number above zero`)
    const window = milliseconds(policy.window, 'window')
    const says = ['calls', maxCalls, window, [scope].flat(), tool]
    return (name, { counter, countsOf }) => [rate({ name, counts: countsOf(says), counter, maxCalls, window, scope, applies })]
  }
  if ('cooldown' in policy) {
    const window = milliseconds(policy.cooldown, 'cooldown')
    const { scope = 'global' } = policy
    const says = ['cooldown', window, [scope].flat(), tool]
    return (name, { counter, countsOf }) => [
      cooling(rate({ name, counts: countsOf(says), counter, maxCalls: 1, window, scope, applies }), tool),
    ]
  }
  if ('excludeHours' in policy) return hours(policy, applies)
  if ('after' in policy) return order(policy, applies)
  throw new TypeError(
    'A policy of `statefulGuardrail` has `maxCalls` and `window`, `cooldown`, `excludeHours`, `after` and `within`, or `start` and `moves`',
  )
}

/** The same limit, in the words of a cooldown. */
function cooling(limit: Control, tool: string): Control {
  return {
    ...limit,
    async evaluate(call, asking): Promise<Finding> {
      const found = await limit.evaluate(call, asking)
      if (found.verdict !== 'deny') return found
      return {
        ...found,
        reason: {
          ...found.reason,
          code: 'cooldown',
          message: `\`${tool}\` was called a short while ago: wait as long as \`retryAfter\` says.`,
        },
      }
    },
  }
}

function hours({ excludeHours, timezone = 'UTC' }: HoursPolicy, applies: (call: MaskedCall) => boolean): Make {
  const { hourAt, untilNext } = clockHours(timezone)
  const closed = new Set(excludeHours)
  if (excludeHours.some((each) => !Number.isInteger(each) || each < 0 || each > 23) || closed.size === 24) {
    throw new RangeError('`excludeHours` are hours of the day, 0 to 23, and not all of them')
  }
  return (name) => [
    {
      name,
      stage: 'evaluate',
      async evaluate(call, { now }) {
        if (!applies(call) || !closed.has(hourAt(now))) return { verdict: 'pass' }
        let open = now
        while (closed.has(hourAt(open))) open += untilNext(open)
        const message = `\`${call.tool.name}\` is not called at this hour (${timezone}): wait as long as \`retryAfter\` says.`
        return refusal('excluded-hour', message, { retryAfterMs: open - now })
      },
    },
  ]
}

/** A number of successes that is never reached. */
const most = 2 ** 40

function order({ tool, after, within, scope = 'session' }: OrderPolicy, applies: (call: MaskedCall) => boolean): Make {
  const steps = typeof after === 'string' ? [after] : after
  if (steps.length === 0) throw new TypeError("`after` names what is called before, such as 'read_policy'")
  const window = milliseconds(within, 'within')
  return (name, { counter, countsOf, clock }) => {
    const counts = countsOf(['order', tool, [...steps], window, [scope].flat()])
    // Counted when a call ends, so that one that still runs has not succeeded.
    const key = (step: number, call: MaskedCall) => `${counts}/${step}/${keyOf(call, scope)}`
    const succeeded = async (step: number, call: MaskedCall, now: number) => {
      const id = `${name}/${crypto.randomUUID()}`
      const { used } = await counter.reserve({ id, key: key(step, call), amount: 0 }, { max: most, window }, now)
      await counter.release(id)
      return used > 0
    }
    const count = async (step: number, call: MaskedCall, now: number) => {
      const id = `${name}/${crypto.randomUUID()}`
      await counter.reserve({ id, key: key(step, call), amount: 1 }, { max: most, window }, now)
      await counter.commit(id)
    }
    const reached = async (call: MaskedCall, now: number): Promise<number> => {
      for (const step of steps.keys()) if (!(await succeeded(step, call, now))) return step
      return steps.length
    }
    return [
      {
        name,
        stage: 'reserve',
        async evaluate(call, { now }) {
          if (!applies(call)) return { verdict: 'pass' }
          const missing = steps[await reached(call, now)]
          if (missing === undefined) return { verdict: 'pass' }
          return refusal(
            'out-of-order',
            `\`${call.tool.name}\` comes after \`${missing}\`, which has not succeeded lately: call that first.`,
          )
        },
        async settle(outcome, _, call) {
          if (outcome.status !== 'succeeded') return outcome
          const now = clock.now()
          const upTo = await reached(call, now)
          for (const [step, glob] of steps.entries()) {
            if (step > upTo || !matchesGlob(glob, call.tool.name)) continue
            await count(step, call, now)
          }
          return outcome
        },
      },
    ]
  }
}
