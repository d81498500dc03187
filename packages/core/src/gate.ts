import { blank, type CallId, type MaskedCall, withFacts } from './call.ts'
import type { Clock } from './clock.ts'
import { type Control, type Detect, type Mask, refusal } from './control.ts'
import { combine, type Decision, type DecisionId, type Draft, type Finding, type Outcome, type Proof, type Report } from './decision.ts'
import { GateError } from './errors.ts'
import type { Recorder } from './evidence/recorder.ts'
import { freeze, type JsonObject } from './json.ts'
import { cannotTell, type Hearing, hearing, inTime } from './judge.ts'
import { type Observer, observers, shown } from './observe.ts'
import type { Asker, Identify } from './principal/asker.ts'
import type { CallRequest, FreshRequest, Parse } from './tool/parse.ts'
import type { CallRecord, Calls } from './trace/calls.ts'

/** Decides calls and settles what came of them. In this process (`createGate`) or across a wire: it carries only JSON. */
export interface Gate {
  readonly decide: (request: CallRequest, signal?: AbortSignal) => Promise<Decision>
  /** The restored input of an allowed call, for a trusted sink: once, before it expires, after another look for threats. */
  readonly release: (id: DecisionId) => Promise<JsonObject>
  /** Takes the report of an allowed call, once; answers what its caller may see of it. */
  readonly settle: (id: DecisionId, report: Report) => Promise<Outcome>
}

/** The rooms of the house. */
export interface Rooms {
  readonly parse: Parse
  readonly detect: readonly Detect[]
  readonly mask: Mask
  readonly controls: readonly Control[]
  readonly prove: (draft: Draft) => Promise<Proof>
  readonly recorder: Recorder
  readonly calls: Calls
  readonly observe?: readonly Observer[]
  /** What an observer or a late control threw: for the log. */
  readonly failed?: (error: unknown) => void
  readonly clock: Clock
  readonly newId: () => string
  /** How long deciding may take: milliseconds. */
  readonly patience?: number
  /** How long an allowed call may run before it is `lost`: milliseconds. */
  readonly lease?: number
}

/** Governs one call: decide, execute if allowed, settle. What `execute` gets is masked, unless its tool is trusted. */
export async function govern(gate: Gate, request: CallRequest, execute: (input: JsonObject) => Promise<unknown>, signal?: AbortSignal) {
  const decision = await gate.decide(request, signal)
  if (decision.verdict !== 'allow') return { decision, outcome: refused(decision) }
  const outcome = await gate.settle(decision.id, await attempt(gate, decision, execute))
  return { decision, outcome }
}

export function createGate(rooms: Rooms): { as: (identify: Identify) => Gate; sweep: () => Promise<number> } {
  const { parse, detect, mask, controls, prove, recorder, calls, clock, newId, patience = 10_000, lease = 300_000 } = rooms
  const named = new Map(controls.map((control) => [control.name, control]))
  if (named.size < controls.length) throw new TypeError('Two controls have the same name: give each its own, settling goes by name.')
  const observe = observers(rooms.observe ?? [], rooms.failed ?? (() => undefined))

  return { as, sweep }

  function as(identify: Identify): Gate {
    return {
      async decide(request, signal) {
        for (let tries = 0; tries < 5; tries++) {
          const time = AbortSignal.timeout(patience)
          const decision = await decideOnce(await identify(), request, signal ? AbortSignal.any([signal, time]) : time)
          if (decision) return shown(decision)
        }
        throw new GateError('contended', 'Policies kept changing while the call was decided: try again.')
      },
      async release(id) {
        const { decision, outcome } = await mine(await identify(), id)
        if (
          outcome ||
          decision.call.tool.boundary !== 'trusted' ||
          decision.expiresAt <= clock.now() ||
          !(await recorder.released(decision, clock.now()))
        ) {
          throw new GateError('not-released', 'The restored input goes once to a trusted tool, while its allow lasts.')
        }
        return releasing(decision)
      },
      async settle(id, report) {
        const { decision } = await mine(await identify(), id)
        const now = clock.now()
        const late = decision.expiresAt <= now
        if (await calls.claim(decision.call.tenant, id, now, now + lease)) {
          const outcome = await close(decision, late ? lost : report)
          if (!late) return outcome
        }
        if (late) await recorder.amended(decision, await masked(report, decision.call), now)
        throw new GateError(
          'already-settled',
          late ? 'The call was given up as lost before this report: it is recorded as an amendment.' : 'The call has its outcome already.',
        )
      },
    }
  }

  /** Settles what nobody settled in time: it may have run, so what it reserved is spent. */
  async function sweep(): Promise<number> {
    const now = clock.now()
    const late = await calls.expired(now)
    for (const { decision } of late) {
      if (await calls.claim(decision.call.tenant, decision.id, now, now + lease)) await close(decision, lost).catch(rooms.failed)
    }
    return late.length
  }

  /** One try; `undefined` when policies or revocations moved meanwhile, and nothing was recorded. */
  async function decideOnce(asker: Asker, request: CallRequest, signal: AbortSignal): Promise<Decision | undefined> {
    const { tenant } = asker.principal
    const epoch = await recorder.epoch(tenant)
    const hear = hearing(clock.now(), signal)
    const fresh = 'resume' in request ? await held(asker, request.resume) : { id: newId() as CallId, request }

    let { call: raw, finding } = await parse(fresh.request, asker, { id: fresh.id, now: hear.asking.now })
    await hear.ask('parse', async () => finding)
    const understood = !hear.denied()
    for (const { name, evaluate } of understood ? detect : [])
      raw = withFacts(raw, (await hear.ask(name, () => evaluate(raw, hear.asking))).facts)

    let hidden: MaskedCall | undefined
    const hide = async () => {
      const found = await mask.mask(raw, hear.asking)
      hidden = withFacts(found.call, found.facts)
      return found
    }
    if (understood) await hear.ask(mask.name, hide)
    let call = hidden ?? blank(raw)

    for (const stage of hidden ? (['evaluate', 'reserve', 'approve'] as const) : []) {
      for (const control of controls) {
        if (control.stage !== stage || (stage !== 'evaluate' && hear.denied())) continue
        const seen = call
        const late = (found: Finding) => control.settle?.(abandoned, found.held ?? null, seen)
        call = withFacts(seen, (await hear.ask(control.name, () => control.evaluate(seen, hear.asking), late)).facts)
      }
    }

    const decision = await proved(() => drafted(call, hear), hear, signal)
    const durable = await recorded(decision, epoch, decision.verdict === 'hold' ? await mask.keepInput(raw) : undefined)
    if (decision.verdict !== 'allow' || durable !== 'recorded') await unwind(decision, refused(decision))
    if (durable === 'moved') return undefined
    if (durable === 'taken') throw new GateError('already-decided', 'The call has its final decision already.')
    await observe.decided(decision)
    if (decision.verdict === 'deny') await observe.settled(decision, refused(decision))
    return decision
  }

  function drafted(call: MaskedCall, { findings, asking }: Hearing): Draft {
    const obligations = findings.flatMap((found) => found.obligations ?? [])
    const policy = findings.find((found) => found.policy)?.policy ?? { digests: [], determining: [] }
    const approval = findings.findLast((found) => found.approval)?.approval
    const id = newId() as DecisionId
    return {
      id,
      call,
      ...combine(findings),
      findings: [...findings],
      obligations,
      policy,
      ...(approval && { approval }),
      issuedAt: asking.now,
      expiresAt: asking.now + lease,
    }
  }

  /** Proves the verdict, whatever it is. What cannot be proved is denied. */
  async function proved(draft: () => Draft, hear: Hearing, signal: AbortSignal): Promise<Decision> {
    const first = draft()
    try {
      return { ...first, proof: await inTime(signal, () => prove(first)) }
    } catch {
      await hear.ask('proof', async () => cannotTell)
      return { ...draft(), proof: unproved }
    }
  }

  /** No evidence, no execution: durable before anything runs. */
  async function recorded(decision: Decision, epoch: number, kept: string | undefined) {
    const refusing = decision.verdict === 'deny' ? { refused: refused(decision) } : {}
    const keys = decision.verdict === 'allow' && decision.approval ? [`approval/${decision.approval}`] : []
    try {
      return await recorder.decided(decision, { epoch, keys, ...(kept !== undefined && { kept }), ...refusing })
    } catch (cause) {
      await unwind(decision, abandoned)
      throw new GateError('no-evidence', 'The decision could not be made durable, so the call may not run.', { cause })
    }
  }

  /** Checks, masks, commits, records and restores what came of an allowed call. The caller has claimed it. */
  async function close(decision: Decision, report: Outcome): Promise<Outcome> {
    const { call } = decision
    const outcome = await unwind(decision, await masked(report, call))
    const seen = outcome.status === 'succeeded' ? await restored(outcome.output, call) : outcome
    const final = seen.status === 'succeeded' ? outcome : seen
    if ((await recorder.concluded(decision, final, clock.now())) === 'taken')
      throw new GateError('already-settled', 'The call has its outcome already.')
    await observe.settled(decision, final)
    return seen
  }

  /** Every finding once, last first; nothing that a control should have checked slips by. */
  async function unwind({ findings, call }: Decision, outcome: Outcome): Promise<Outcome> {
    for (const { control, held } of findings.toReversed()) {
      outcome =
        (await named
          .get(control)
          ?.settle?.(outcome, held ?? null, call)
          .catch(() => withheld(control))) ?? outcome
    }
    return outcome
  }

  async function masked(report: Outcome, call: MaskedCall): Promise<Outcome> {
    try {
      if (report.status === 'failed') return { ...report, error: await mask.output(report.error, call) }
      if (report.status !== 'succeeded') return report
      const output = freeze(report.output)
      const hear = hearing(clock.now(), AbortSignal.timeout(patience))
      for (const { name, inspect } of detect) if (inspect) await hear.ask(name, () => inspect(output, call, hear.asking))
      const denied = hear.findings.find(({ verdict }) => verdict === 'deny')
      return denied?.reason
        ? { status: 'withheld', reason: denied.reason }
        : { status: 'succeeded', output: await mask.output(output, call) }
    } catch {
      return withheld(mask.name)
    }
  }

  async function restored(output: Extract<Outcome, { status: 'succeeded' }>['output'], call: MaskedCall): Promise<Outcome> {
    return mask.restore(output, call).then(
      (seen): Outcome => ({ status: 'succeeded', output: seen }),
      (): Outcome => ({
        status: 'withheld',
        reason: { code: 'unknown-token', message: 'The answer holds a token that this session never made, so it is kept back.' },
      }),
    )
  }

  /** Masking hides attacks: what a trusted sink is about to get is looked at again. */
  async function releasing({ call }: Decision): Promise<JsonObject> {
    const input = await mask.restoreInput(call)
    const hear = hearing(clock.now(), AbortSignal.timeout(patience))
    for (const { name, evaluate } of detect) await hear.ask(name, () => evaluate({ ...call, input }, hear.asking))
    if (hear.denied()) throw new GateError('not-released', 'The restored input holds a threat: the call must not run.')
    return input
  }

  async function mine({ principal }: Asker, id: DecisionId): Promise<CallRecord> {
    const record = await calls.find(principal.tenant, id)
    if (record?.decision.call.principal.id === principal.id && record.decision.verdict === 'allow') return record
    throw new GateError('unknown-decision', 'No allowed call of this principal has that decision id.')
  }

  async function held({ principal }: Asker, id: CallId): Promise<{ id: CallId; request: FreshRequest }> {
    const [record] = await calls.list(principal.tenant, { call: id, limit: 1 })
    const asked = record?.decision
    const input =
      asked && record.kept !== undefined && asked.call.principal.id === principal.id
        ? await mask.recallInput(asked.call, record.kept)
        : undefined
    if (!asked || !input) throw new GateError('unknown-decision', 'No held call of this principal has that id, or its input is forgotten.')
    if (asked.verdict !== 'hold') throw new GateError('already-decided', 'The call has its final decision already.')
    const labels =
      asked.call.context['taint'] === 'untrusted' || asked.call.context['taint'] === 'user' ? [asked.call.context['taint']] : []
    return { id, request: { action: asked.call.tool.name, input, session: asked.call.session, labels } }
  }
}

async function attempt(gate: Gate, { id, call }: Decision, execute: (input: JsonObject) => Promise<unknown>): Promise<Report> {
  try {
    const input = call.tool.boundary === 'trusted' ? await gate.release(id) : call.input
    return { status: 'succeeded', output: freeze((await execute(input)) ?? null) }
  } catch (error) {
    return { status: 'failed', error: error instanceof Error ? error.message : String(error) }
  }
}

function refused({ reason }: Draft): Outcome {
  return { status: 'refused', reason: reason ?? abandoned.reason }
}

function withheld(control: string): Outcome {
  return { status: 'withheld', reason: refusal('control-failed', `\`${control}\` could not check the outcome, so it is kept back.`).reason }
}

const abandoned = { status: 'refused', reason: { code: 'abandoned', message: 'The call was never executed.' } } as const satisfies Outcome
const lost: Outcome = {
  status: 'lost',
  reason: { code: 'lost', message: 'Nobody reported what became of the call before its allow expired.' },
}
const unproved: Proof = { type: 'UNSAT_CORE', predicates: [], solver: { name: 'none', version: '', mode: 'off', answer: 'failed' } }
