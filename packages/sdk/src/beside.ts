import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type CallId,
  type Control,
  type Counter,
  type Decision,
  type DecisionId,
  type Found,
  type FreshRequest,
  type Gate,
  GateError,
  type MicroDollars,
  type OwnFinding,
  type Report,
  refusal,
} from '@agentgate/core'
import { asParsed } from './as-parsed.ts'
import type { AgentControl, Parts } from './controls/control.ts'
import { piiVault } from './controls/pii-vault.ts'
import { localGate } from './local-gate.ts'
import type { CallOptions } from './options.ts'
import { declare, type Tool } from './tool.ts'

export interface BesideOptions {
  readonly tools: ReadonlyMap<string, Tool>
  readonly controls: readonly AgentControl[]
  readonly counter: Counter
}

/** Controls in this process beside a server that governs: they may refuse what it would allow, and never the other way round. */
export interface Beside {
  /**
   * The gate of the server, asked last of all controls: with what the others found, so that a refusal of theirs is on record there.
   * What they reserved is given back where the server refuses or holds; a held call is judged again when its answer comes.
   */
  readonly gateFor: (server: Gate, asked: CallOptions) => Gate
  /** What an allowed call cost in the end, by the first control that keeps count: told once. */
  readonly spent: (decision: DecisionId) => MicroDollars | undefined
}

/** The call whose turn it is to be asked about at the server, and what the server said. */
interface Turn {
  readonly ask: (found: readonly OwnFinding[]) => Promise<Decision>
  said?: Decision
  failed?: { readonly error: unknown }
}

const name = 'server'
/** Milliseconds for its own controls and the server together. */
const patience = 30_000

/** Throws a `TypeError` for what only the server can do: it has to happen before anything crosses to it, or people answer there. */
export function judgingOnly(parts: Parts): Parts {
  if (parts.mask || parts.unknownToken || parts.session !== undefined)
    throw new TypeError('With `url` the server masks: leave `piiVault` out, and say in its PII settings what is masked')
  if (parts.approvers || parts.detect?.some((each) => each.name === 'approval'))
    throw new TypeError(
      'With `url` people answer on the server: leave `humanApproval` out, and give the tools `approval: true`, or a policy `@approval`',
    )
  if (parts.verification)
    throw new TypeError('With `url` the server proves: leave `formalVerification` out, and set `AGENTGATE_Z3_MODE` there')
  return parts
}

export function besideServer({ tools, controls, counter }: BesideOptions): Beside {
  const turns = new AsyncLocalStorage<Turn>()
  const own = new Set<string>()
  const judging = controls.map(
    (control): AgentControl =>
      (house, n) => {
        // Who observes is told what the server decided, not what is decided here.
        const { observe: _, ...parts } = judgingOnly(control(house, n))
        for (const each of [...(parts.detect ?? []), ...(parts.controls ?? [])]) own.add(each.name)
        return parts
      },
  )
  const asking: Control = {
    name,
    stage: 'approve',
    async evaluate(_, { earlier }) {
      const turn = turns.getStore()
      if (!turn) throw new TypeError('Nobody asks the server.')
      try {
        turn.said = await turn.ask(found(earlier))
      } catch (error) {
        turn.failed = { error }
        return refusal('unreachable', 'The server cannot be asked.')
      }
      const { verdict, reason } = turn.said
      return verdict === 'allow' ? { verdict: 'pass' } : refusal(reason?.code ?? 'no-permit', 'The server does not allow it.')
    },
  }
  const parsed = new Map<string, Tool>()
  const answers = new Map<DecisionId, readonly Found[]>()
  const spending = new Map<DecisionId, MicroDollars>()
  const ends = new Map<DecisionId, MicroDollars | undefined>()
  const local = localGate({
    // The tokens that it judges are its own: those of the server mean nothing here, and are restored there.
    controls: [...judging, () => ({ controls: [asking] }), piiVault({ unknownToken: 'best_effort' })],
    tools: parsed,
    counter,
    patience,
    observe: {
      inspected: (decision, findings) => void answers.set(decision.id, findings),
      settled: (decision, outcome) => void (decision.verdict === 'allow' && ends.set(decision.id, local.spent(decision, outcome))),
    },
    quiet: true,
  })

  return {
    gateFor(server, asked) {
      const here = local.unwaited(asked)
      const held = new Map<CallId, FreshRequest>()
      const open = new Map<DecisionId, DecisionId>()

      async function judged(request: FreshRequest, ask: Turn['ask'], signal?: AbortSignal): Promise<Decision> {
        const { action, session } = request
        const tool = tools.get(action)
        // Nothing runs that is no tool of this agent.
        if (!tool) return ask([])
        const { approval: _, ...known } = asParsed(tool)
        parsed.set(action, known)
        await local.register(declare(known, 'external'))
        const turn: Turn = { ask }
        const named = { ...request, ...(session !== undefined && { session: local.sessionOf(session) }) }
        const decision = await turns.run(turn, () => here.decide(named, signal))
        if (turn.failed) throw turn.failed.error
        const said = turn.said ?? (await ask(found(decision.findings)))
        if (said.verdict === 'hold') held.set(said.call.id, request)
        else held.delete(said.call.id)
        if (said.verdict !== 'allow') return said
        if (decision.verdict === 'allow') {
          open.set(said.id, decision.id)
          return said
        }
        await server.settle(said.id, { status: 'failed', error: unheard })
        throw new GateError('unreachable', unheard)
      }

      return {
        async decide(request, signal) {
          // What is refused already needs no other to judge it.
          if (request.found) return server.decide(request, signal)
          if (!('resume' in request)) return judged(request, (own) => server.decide({ ...request, found: own }, signal), signal)
          const first = held.get(request.resume)
          if (!first) throw new GateError('unknown-decision', 'No held call of this agent has that id.')
          return judged(first, (own) => server.decide({ ...request, found: own }, signal), signal)
        },
        release: (id) => server.release(id),
        async settle(id, report) {
          const decided = open.get(id)
          if (decided === undefined) return server.settle(id, report)
          open.delete(id)
          const said = await inspected(decided, report)
          const cost = ends.get(decided)
          ends.delete(decided)
          if (cost !== undefined) spending.set(id, cost)
          return server.settle(id, { ...report, ...(said.length > 0 && { found: said }) })
        },
      }

      /** What the controls here found in the answer. They have settled then. */
      async function inspected(decided: DecisionId, report: Report): Promise<readonly OwnFinding[]> {
        const outcome = await here.settle(decided, report)
        const said = found(answers.get(decided) ?? [])
        answers.delete(decided)
        if (outcome.status === 'succeeded' || outcome.status === 'failed' || said.some(({ verdict }) => verdict === 'deny')) return said
        return [...said, { control: 'agent/outcome', verdict: 'deny', reason: outcome.reason }]
      }
    },
    spent(id) {
      const cost = spending.get(id)
      spending.delete(id)
      return cost
    },
  }

  /** What the server is told: of each control of the agent what it found, and of anything else here that it refuses. */
  function found(findings: readonly Found[]): readonly OwnFinding[] {
    const said = new Map<string, OwnFinding>()
    for (const { control, verdict, reason, facts, shadow } of findings) {
      // What holds here is nobody's to answer.
      const denies = (verdict === 'deny' || verdict === 'hold') && control !== name
      if ((!denies && !own.has(control)) || said.get(control)?.verdict === 'deny') continue
      const more = { control: `agent/${control}` as const, ...(facts && { facts }), ...(shadow && { shadow }) }
      said.set(control, denies && reason ? { ...more, verdict: 'deny', reason } : { ...more, verdict: 'pass' })
    }
    // What refuses or says something is told first: a server hears so many.
    return [...said.values()].toSorted((one, other) => rank(one) - rank(other)).slice(0, most)
  }
}

const most = 50

function rank({ verdict, shadow }: OwnFinding): number {
  return verdict === 'deny' ? 0 : shadow ? 1 : 2
}

const unheard = 'Nothing ran: the controls of the agent were not heard to the end. Try again.'
