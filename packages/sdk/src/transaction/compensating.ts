import type { Json } from '@agentgate/core'
import { Refused } from '../errors.ts'
import type { Step } from './progress.ts'

/** What stayed of a transaction that should have been undone, and why nobody did more about it. */
export interface Stuck {
  readonly tool: string
  readonly step: number
  /**
   * `unknown`: the step or its compensation began and nothing says what became of it. `failed`: its compensation threw.
   * `refused`: its compensation was refused and never ran. `unregistered`: no tool of that name is registered.
   */
  readonly why: 'unknown' | 'failed' | 'refused' | 'unregistered'
  readonly message: string
}

/** What an agent can do about a step. */
export interface Compensation {
  /** Whether the tool says that doing it again under the same key does nothing. */
  readonly repeatable: boolean
  /** A governed call: `began` is awaited once it is allowed, before the compensation runs. Throws as `agent.call` does. */
  readonly run: (input: Json, output: Json, began: () => Promise<void>) => Promise<void>
}

export interface Compensating {
  /** `undefined` where nothing is registered under the name, `none` where the tool has nothing to undo. */
  readonly compensationOf: (step: Step) => Compensation | 'none' | undefined
  readonly note: (kind: 'undoing' | 'undone' | 'undo-failed', step: Step) => Promise<void>
}

export interface Compensated {
  /** The tools whose steps were undone, in that order. */
  readonly undone: readonly string[]
  readonly stuck: readonly Stuck[]
}

/** Undoes what succeeded, last first: each at most once, or at least once where the tool is repeatable. One that fails stops no other. */
export async function compensate(steps: readonly Step[], { compensationOf, note }: Compensating): Promise<Compensated> {
  const undone: string[] = []
  const stuck: Stuck[] = []
  for (const step of steps.toSorted((a, b) => b.order - a.order)) {
    if (step.state === 'failed' || step.state === 'undone') continue
    const compensation = compensationOf(step)
    if (compensation === 'none' && step.state === 'succeeded') continue
    const found = hindrance(step, compensation)
    if (found || compensation === 'none' || !compensation) {
      stuck.push({ tool: step.tool, step: step.step, ...(found ?? unknown(step)) })
      continue
    }
    const failure = await undo(step, compensation, note)
    if (failure) stuck.push({ tool: step.tool, step: step.step, ...failure })
    else undone.push(step.tool)
  }
  return { undone, stuck }
}

type Hindrance = Pick<Stuck, 'why' | 'message'>

function unknown({ tool }: Step): Hindrance {
  return { why: 'unknown', message: `\`${tool}\` began, and nothing says what became of it: look, and undo it by hand if it ran` }
}

function hindrance(step: Step, compensation: Compensation | 'none' | undefined): Hindrance | undefined {
  const { tool, state } = step
  if (state === 'unknown') return unknown(step)
  if (compensation === undefined) return { why: 'unregistered', message: `\`${tool}\` is not registered: register it and recover again` }
  if (compensation !== 'none' && compensation.repeatable) return undefined
  if (state === 'undoing')
    return { why: 'unknown', message: `undoing \`${tool}\` began, and nothing says what became of it: look, and finish it by hand` }
  if (state === 'undo-failed') return { why: 'failed', message: `undoing \`${tool}\` failed before: finish it by hand` }
  return undefined
}

async function undo(step: Step, { run }: Compensation, note: Compensating['note']): Promise<Hindrance | undefined> {
  let ran = false
  const began = async () => {
    await note('undoing', step)
    step.state = 'undoing'
    ran = true
  }
  try {
    await run(step.input, step.output, began)
    await note('undone', step)
    step.state = 'undone'
    return undefined
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    if (!ran) return { why: error instanceof Refused ? 'refused' : 'failed', message: `undoing \`${step.tool}\` did not run: ${said}` }
    step.state = 'undo-failed'
    await note('undo-failed', step).catch(() => undefined)
    return { why: 'failed', message: `undoing \`${step.tool}\` failed: ${said}` }
  }
}
