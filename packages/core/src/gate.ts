import { blank, type Call, type CallId, type MaskedCall, type Principal, type TenantId, withFacts } from './call.ts'
import {
  combine,
  type Decision,
  type DecisionId,
  type Draft,
  type Finding,
  type Outcome,
  type Proof,
  type Reason,
  type Report,
} from './decision.ts'
import { GateError, Unproved } from './errors.ts'
import { freeze, type JsonObject } from './json.ts'
import { cannotTell, type Hearing, hearing, inTime, within } from './judge.ts'
import { observers, shown } from './observe.ts'
import type { Asker, Identify } from './principal/asker.ts'
import type { Rooms } from './rooms.ts'
import { abandoned, lost, refused, settling } from './settle.ts'
import type { CallRequest, FreshRequest, Label, ResumeRequest } from './tool/parse.ts'
import type { CallRecord } from './trace/calls.ts'

/** Decides calls and settles what came of them. In this process (`createGate`) or across a wire: it carries only JSON. */
export interface Gate {
  readonly decide: (request: CallRequest, signal?: AbortSignal) => Promise<Decision>
  /** The restored input of an allowed call, for a trusted sink: once, before it expires, after another look for threats. */
  readonly release: (id: DecisionId) => Promise<JsonObject>
  /** Takes the report of an allowed call, once; answers what its caller may see of it. */
  readonly settle: (id: DecisionId, report: Report) => Promise<Outcome>
}

/** The gate of a house. */
export interface House {
  /** The gate for whoever a credential turns out to be. */
  readonly as: (identify: Identify) => Gate
  /** Settles what nobody settled in time, and answers how many. */
  readonly sweep: () => Promise<number>
  /** Refuses a held call for good, with the evidence of any refusal: for a call whose asker can no longer ask. */
  readonly refuse: (tenant: TenantId, id: CallId, why: Reason) => Promise<void>
}

/** Governs one call: decide, execute if allowed, settle. What `execute` gets is masked, unless its tool is trusted. */
export async function govern(
  gate: Gate,
  request: CallRequest,
  execute: (input: JsonObject) => Promise<unknown>,
  signal?: AbortSignal,
): Promise<{ decision: Decision; outcome: Outcome }> {
  const decision = await gate.decide(request, signal)
  if (decision.verdict !== 'allow') return { decision, outcome: refused(decision) }
  return { decision, outcome: await gate.settle(decision.id, await attempt(gate, decision, execute)) }
}

/** identify, parse, detect, mask, evaluate policy, reserve, approve, prove, record ── execute ── settle, restore. */
export function createGate(rooms: Rooms): House {
  const { parse, detect, mask, controls, prove, recorder, calls, clock, newId, patience = 10_000, lease = 300_000 } = rooms
  const { running = lease } = rooms
  if (new Set(controls.map(({ name }) => name)).size < controls.length) {
    throw new TypeError('Two controls have the same name: give each its own, settling goes by name.')
  }
  const observe = observers(rooms.observe ?? [], rooms.failed ?? (() => undefined))
  const { close, unwind, masked, releasing } = settling(rooms, observe, patience)

  return { as, sweep, refuse }

  function as(identify: Identify): Gate {
    return {
      async decide(request, signal) {
        for (let tries = 0; tries < 5; tries++) {
          const asker = await identify()
          const decision = await within(patience, (time) => decideOnce(asker, request, time), signal)
          if (decision) return shown(decision)
        }
        throw contended()
      },
      async release(id) {
        const record = await mine(await identify(), id)
        const { decision, outcome } = record
        const now = clock.now()
        const may = decision.call.tool.boundary === 'trusted' && decision.expiresAt > now && !outcome
        if (may && (await recorder.released(record, now))) return releasing(decision)
        throw new GateError('not-released', 'The restored input goes once to a trusted tool, while its allow lasts.')
      },
      async settle(id, report) {
        const { decision } = await mine(await identify(), id)
        const now = clock.now()
        const late = decision.issuedAt + running <= now
        if (await calls.claim(decision.call.tenant, id, now, now + lease)) {
          const outcome = await close(decision, late ? lost : report)
          if (!late) return outcome
        }
        if (!late) throw new GateError('already-settled', 'The call has its outcome already.')
        const amended = await recorder.amended(decision, (await masked(report, decision)).outcome, now)
        const said = amended === 'recorded' ? 'it is recorded as an amendment' : 'another late report was recorded before it'
        throw new GateError('already-settled', `The call was given up as lost before this report: ${said}.`)
      },
    }
  }

  async function sweep(): Promise<number> {
    const now = clock.now()
    const late = await calls.expired(now, now - running + lease)
    for (const { decision } of late) {
      if (await calls.claim(decision.call.tenant, decision.id, now, now + lease)) await close(decision, lost).catch(rooms.failed)
    }
    return late.length
  }

  async function refuse(tenant: TenantId, id: CallId, why: Reason): Promise<void> {
    for (let tries = 0; tries < 5; tries++) {
      const { call } = await heldOf(tenant, id)
      const epoch = await recorder.epoch(tenant)
      const refusing = await within(patience, async (signal) => {
        const hear = hearing(clock.now(), signal)
        await hear.ask('identify', async () => ({ verdict: 'deny', reason: why }))
        return proved(() => drafted(call, hear), hear, signal)
      })
      if (await concluded(refusing, epoch, call)) return
    }
    throw contended()
  }

  /** One try; `undefined` when policies or revocations moved meanwhile, and nothing was recorded. */
  async function decideOnce(asker: Asker, request: CallRequest, signal: AbortSignal): Promise<Decision | undefined> {
    const epoch = await recorder.epoch(asker.principal.tenant)
    const hear = hearing(clock.now(), signal)
    const asked = 'resume' in request ? await held(asker, request) : { id: newId() as CallId, request }

    const parsed = await parse(asked.request, asker, { ...asked, now: hear.asking.now })
    let raw = parsed.call
    await hear.ask('parse', async () => parsed.finding)
    const understood = !hear.denied()
    for (const { control, ...own } of request.found ?? []) await hear.ask(control, async () => own)

    for (const { name, evaluate, overhear } of detect) {
      if (understood) raw = withFacts(raw, (await hear.ask(name, () => evaluate(raw, hear.asking))).facts)
      else if (overhear) await hear.ask(name, () => overhear(asked.request, raw, hear.asking))
    }

    let hidden: MaskedCall | undefined
    const hide = async () => {
      const { call: masked, ...found } = await mask.mask(raw, hear.asking)
      hidden = withFacts(masked, found.facts)
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

    return concluded(await proved(() => drafted(call, hear), hear, signal), epoch, raw)
  }

  /** The decision, durable and told; `undefined` when policies or revocations moved meanwhile. */
  async function concluded(decision: Decision, epoch: number, raw: Call): Promise<Decision | undefined> {
    const durable = await recorded(decision, epoch, raw)
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
    return {
      id: newId() as DecisionId,
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
    } catch (cause) {
      await hear.ask('proof', async () => cannotTell)
      return { ...draft(), proof: cause instanceof Unproved ? { ...unproved, solver: cause.solver } : unproved }
    }
  }

  /** No evidence, no execution: durable before anything runs. */
  async function recorded(decision: Decision, epoch: number, raw: Call): Promise<'recorded' | 'moved' | 'taken'> {
    const refusing = decision.verdict === 'deny' ? { refused: refused(decision) } : {}
    const keys = decision.verdict === 'allow' && decision.approval ? [`approval/${decision.approval}`] : []
    try {
      const kept = decision.verdict === 'hold' ? { kept: await mask.keepInput(raw) } : {}
      return await recorder.decided(decision, { epoch, keys, ...kept, ...refusing })
    } catch (cause) {
      await unwind(decision, abandoned)
      throw new GateError('no-evidence', 'The decision could not be made durable, so the call may not run.', { cause })
    }
  }

  /** Only whoever asked for a call may settle or release it; to everyone else it does not exist. */
  async function mine({ principal }: Asker, id: DecisionId): Promise<CallRecord> {
    const record = await calls.find(principal.tenant, id)
    if (record?.decision.call.principal.id === principal.id && record.decision.verdict === 'allow') return record
    throw new GateError('unknown-decision', 'No allowed call of this principal has that decision id.')
  }

  /** A held call as it was first asked, with the input that was frozen then. */
  async function held(
    { principal }: Asker,
    { resume: id, confirm = false }: ResumeRequest,
  ): Promise<{ id: CallId; request: FreshRequest; confirmed: boolean; parsed: string }> {
    const { call, kept } = await heldOf(principal.tenant, id, principal)
    const input = kept === undefined ? undefined : await mask.recallInput(call, kept)
    if (!input) throw new GateError('unknown-decision', 'The input of the held call is forgotten: make the call again.')
    const { tool, session, context } = call
    const labels: readonly Label[] = context['taint'] === 'none' ? [] : [context['taint'] === 'user' ? 'user' : 'untrusted']
    const confirmed = confirm || context['confirmed'] === true
    return { id, request: { action: tool.name, input, session, labels }, confirmed, parsed: tool.digest }
  }

  async function heldOf(tenant: TenantId, id: CallId, by?: Principal): Promise<{ call: MaskedCall; kept?: string }> {
    const [record] = await calls.list(tenant, { call: id, limit: 1 })
    const asked = record?.decision
    if (!asked || (by && asked.call.principal.id !== by.id))
      throw new GateError('unknown-decision', 'No held call of this principal has that id.')
    if (asked.verdict !== 'hold') throw new GateError('already-decided', 'The call has its final decision already.')
    return { call: asked.call, ...(record.kept !== undefined && { kept: record.kept }) }
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

const contended = () => new GateError('contended', 'Policies kept changing while the call was decided: try again.')

const unproved: Proof = { type: 'UNSAT_CORE', predicates: [], solver: { name: 'none', version: '', mode: 'off', answer: 'failed' } }
