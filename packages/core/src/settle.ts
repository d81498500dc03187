import type { MaskedCall } from './call.ts'
import { type Control, refusal } from './control.ts'
import type { Decision, Draft, Found, Outcome, Report } from './decision.ts'
import { GateError } from './errors.ts'
import { freeze, type Json, type JsonObject } from './json.ts'
import { cannotTell, type Hearing, hearing, within } from './judge.ts'
import type { Observer } from './observe.ts'
import { UnknownToken } from './pii/restore.ts'
import { SealError } from './pii/seal.ts'
import type { Rooms } from './rooms.ts'

/** What became of a call, with what the agent's own controls found in the answer. */
type Heard = Outcome & Pick<Report, 'found'>

interface Masked {
  readonly outcome: Outcome
  /** What detectors had to say of the answer. */
  readonly inspected: readonly Found[]
}

/** The second half of a call: what becomes of what the first half opened. */
export interface Settling {
  /** Checks, masks, commits, records and restores what came of an allowed call, which the caller has claimed. */
  readonly close: (decision: Decision, report: Report | Outcome) => Promise<Outcome>
  /** Settles every finding once, last first, with what became of the call so far. */
  readonly unwind: (decision: Decision, outcome: Outcome) => Promise<Outcome>
  /** A report with its output looked at and masked. */
  readonly masked: (report: Heard, decision: Decision) => Promise<Masked>
  /** The restored input, looked at again: masking hides attacks. */
  readonly releasing: (decision: Decision) => Promise<JsonObject>
}

export function settling(rooms: Rooms, observe: Required<Observer>, patience: number): Settling {
  const { detect, mask, controls, recorder, clock } = rooms
  const named = new Map<string, Control>(controls.map((control) => [control.name, control]))

  return { close, unwind, masked, releasing }

  async function close(decision: Decision, report: Report | Outcome): Promise<Outcome> {
    const { call } = decision
    const { outcome: said, inspected } = await masked(report, decision)
    const outcome = await unwind(decision, said)
    const answer = outcome.status === 'succeeded' ? await restored(outcome.output, call) : outcome
    const streamed = 'streamed' in report && report.streamed === true
    const seen = streamed && answer.status === 'withheld' ? { ...answer, status: 'cut' as const } : answer
    const final = seen.status === 'succeeded' ? outcome : seen
    if ((await recorder.concluded(decision, final, clock.now(), inspected)) === 'taken') {
      throw new GateError('already-settled', 'The call has its outcome already.')
    }
    await observe.settled(decision, final)
    return seen
  }

  async function unwind({ findings, call }: Decision, outcome: Outcome): Promise<Outcome> {
    for (const { control, held, reason } of findings.toReversed()) {
      if (reason?.code === cannotTell.reason.code) continue // the gate's own finding: its control opened nothing, or closes it late
      outcome =
        (await named
          .get(control)
          ?.settle?.(outcome, held ?? null, call)
          .catch(() => unsettled(outcome, control))) ?? outcome
    }
    return outcome
  }

  async function masked(report: Heard, decision: Decision): Promise<Masked> {
    const inspected: Found[] = []
    try {
      const said = freeze(answerOf(report))
      const findings = await inspect(said, report, decision)
      inspected.push(...findings.filter(telling))
      if (inspected.length > 0) await observe.inspected(decision, findings)
      return { outcome: await answered(said, report, decision, findings), inspected }
    } catch (error) {
      if (report.status === 'lost') return { outcome: report, inspected }
      // Without the values of its input nobody can tell whether the answer names one.
      return { outcome: error instanceof SealError ? damaged : withheld(mask.name), inspected }
    }
  }

  async function inspect(said: Json, { status, found = [] }: Heard, { call }: Decision): Promise<readonly Found[]> {
    const hear = await hearAll((hear) =>
      detect.map(({ name, inspect }) => inspect && (() => hear.ask(name, () => inspect(said, call, { ...hear.asking, status })))),
    )
    for (const { control, ...own } of found) await hear.ask(control, async () => own)
    return hear.findings.map(({ held: _, ...finding }) => finding)
  }

  async function answered(said: Json, report: Heard, { call }: Decision, findings: readonly Found[]): Promise<Outcome> {
    if (report.status !== 'succeeded' && report.status !== 'failed') return report
    const denied = findings.find(({ verdict }) => verdict === 'deny')
    if (denied?.reason) return { status: 'withheld', reason: denied.reason }
    if (report.status === 'failed') return { status: 'failed', error: await mask.output(report.error, call) }
    return { status: 'succeeded', output: await mask.output(said, call) }
  }

  /** Asks detectors one after the other, as long as patience lasts. */
  async function hearAll(asks: (hear: Hearing) => readonly ((() => Promise<unknown>) | undefined)[]): Promise<Hearing> {
    return within(patience, async (signal) => {
      const hear = hearing(clock.now(), signal)
      for (const ask of asks(hear)) await ask?.()
      return hear
    })
  }

  async function restored(output: Json, call: MaskedCall): Promise<Outcome> {
    try {
      return { status: 'succeeded', output: await mask.restore(output, call) }
    } catch (error) {
      if (error instanceof UnknownToken) return keptBack('unknown-token', 'The answer holds a token that this session never made')
      if (error instanceof SealError) return damaged
      return withheld(mask.name)
    }
  }

  async function releasing({ call }: Decision): Promise<JsonObject> {
    const input = await mask.restoreInput(call)
    const hear = await hearAll((hear) =>
      detect.map(
        ({ name, evaluate }) =>
          () =>
            hear.ask(name, () => evaluate({ ...call, input }, hear.asking)),
      ),
    )
    if (hear.denied()) throw new GateError('not-released', 'The restored input holds a threat: the call must not run.')
    return input
  }
}

/** Whether a finding says anything: most of an answer are that there is nothing to say. */
function telling({ verdict, shadow, facts }: Found): boolean {
  return verdict !== 'pass' || shadow !== undefined || facts !== undefined
}

/** What a tool answered, as far as anybody said: an error is an answer too, and of a lost call nobody knows. */
function answerOf(report: Outcome): Json {
  if (report.status === 'succeeded') return report.output
  return report.status === 'failed' ? report.error : null
}

const damaged = keptBack('integrity-failed', 'A value behind a token of the call does not open any more')

function keptBack(code: string, why: string): Outcome {
  return { status: 'withheld', reason: { code, message: `${why}, so it is kept back.` } }
}

/** Nothing that a control should have checked slips by; a call that never ran stays refused. */
function unsettled(outcome: Outcome, control: string): Outcome {
  return outcome.status === 'succeeded' || outcome.status === 'failed' ? withheld(control) : outcome
}

function withheld(control: string): Outcome {
  return { status: 'withheld', reason: refusal('control-failed', `\`${control}\` could not check the outcome, so it is kept back.`).reason }
}

/** What becomes of a call that is not allowed. */
export function refused({ reason }: Draft): Outcome {
  return { status: 'refused', reason: reason ?? abandoned.reason }
}

export const abandoned = {
  status: 'refused',
  reason: { code: 'abandoned', message: 'The call was never executed.' },
} as const satisfies Outcome

export const lost: Outcome = {
  status: 'lost',
  reason: { code: 'lost', message: 'Nobody reported what became of the call before its allow expired.' },
}
