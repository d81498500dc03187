import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type CallId,
  type Decision,
  type DecisionId,
  freeze,
  type Gate,
  GateError,
  govern,
  type Json,
  type JsonObject,
  memoryCounter,
  type Outcome,
  type Reason,
} from '@agentgate/core'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { whileAway } from './away.ts'
import { besideServer } from './beside.ts'
import type { Carries } from './carried.ts'
import { isUngoverned } from './controls/ungoverned.ts'
import { soon } from './duration.ts'
import { type Denial, thrown } from './errors.ts'
import { type Evidence, type Local, localGate } from './local-gate.ts'
import type { AgentOptions, CallOptions, TransactionOptions } from './options.ts'
import { remoteGate } from './remote-gate.ts'
import { streamed } from './streamed.ts'
import { checkOutput, compensating, compensationTool, declare, declareParsed, readInput, type Tool, type ToolExtra } from './tool.ts'
import type { Compensation } from './transaction/compensating.ts'
import { type Journal, memoryJournal } from './transaction/journal.ts'
import type { Step } from './transaction/progress.ts'
import { type Recovered, type Transactions, transactions } from './transaction/transactions.ts'

/** What became of one call. */
export interface Trace {
  readonly decision: Decision
  /** Masked. Absent while the call runs or waits. */
  readonly outcome?: Outcome
  /** It was allowed without the server that governs the agent, which was away: see `AgentOptions.ungoverned`. */
  readonly ungoverned?: true
}

export interface Summary {
  readonly total: number
  readonly succeeded: number
  readonly refused: number
  readonly failed: number
  readonly costUsd: number
}

/** A tool as a model sees it, in OpenAI's form. */
export interface FunctionTool {
  readonly type: 'function'
  readonly function: { readonly name: string; readonly description?: string; readonly parameters: { readonly [key: string]: unknown } }
}

/** A tool as a model sees it, in Anthropic's form. */
export interface AnthropicTool {
  readonly name: string
  readonly description?: string
  readonly input_schema: { readonly type: 'object'; readonly [key: string]: unknown }
}

/** A tool as a model sees it, in the form of MCP's `tools/list`. */
export interface McpTool {
  readonly name: string
  readonly description?: string
  readonly inputSchema: { readonly type: 'object'; readonly [key: string]: unknown }
}

const kept = 1_000

/** Governs the tools of one agent: every call is decided, masked, recorded, and only then executed. */
export class Agent {
  /** As they were given. */
  readonly policies: AgentOptions['policies']
  readonly #tools = new Map<string, Tool>()
  readonly #asking = new AsyncLocalStorage<CallOptions>()
  readonly #last = new AsyncLocalStorage<{ decision?: Decision }>()
  readonly #traces = new Map<CallId, Trace>()
  readonly #gateFor: (options: CallOptions) => Gate
  readonly #local: Local | undefined
  readonly #boundary: 'external' | 'trusted'
  readonly #denialOf: (approval: string) => Promise<Denial | undefined>
  readonly #register: (tool: Tool) => Promise<void>
  readonly #journal: Journal
  readonly #transactions: Transactions
  #spentBeside: (id: DecisionId) => number | undefined = () => undefined
  #spent = 0
  readonly #counts = { total: 0, succeeded: 0, refused: 0, failed: 0 }

  constructor(options: AgentOptions = {}) {
    this.#journal = options.journal ?? memoryJournal()
    this.#transactions = transactions({
      journal: this.#journal,
      newId: () => crypto.randomUUID(),
      compensationOf: (step) => this.#compensationOf(step),
    })
    const observe = {
      decided: async (decision: Decision) => {
        this.#note(decision)
        await options.onCertificate?.(decision)
      },
      settled: (decision: Decision, outcome: Outcome) => this.#note(decision, outcome),
    }
    if (options.url !== undefined) {
      if (options.policies || options.counter || options.approvals || options.formalVerification)
        throw new TypeError(
          'With `url` the server governs, and proves: leave `policies`, `counter`, `approvals` and `formalVerification` out',
        )
      const { controls = [] } = options
      const shared = { tools: this.#tools, controls, counter: memoryCounter() }
      const away = whileAway({ ...options, ...shared, observe })
      // Alone, who records needs nobody beside the server.
      const beside = away.judges ? besideServer(shared) : undefined
      this.#spentBeside = (id) => beside?.spent(id)
      const register = async (name: string) => {
        const tool = this.#tools.get(name)
        if (tool) await remote.register(declareParsed(tool, this.#boundary))
      }
      const registering = (gate: Gate): Gate => ({
        ...gate,
        async decide(request, signal) {
          if ('action' in request) await register(request.action)
          return gate.decide(request, signal)
        },
      })
      const around = (gate: Gate, asked: CallOptions) => {
        const server = registering(gate)
        return away.gateFor(beside?.gateFor(server, asked) ?? server, asked)
      }
      const remote = remoteGate({ url: options.url, apiKey: options.apiKey ?? '', observe: away.observe, around })
      this.#gateFor = remote.gateFor
      this.#denialOf = remote.denialOf
      this.#register = () => Promise.resolve()
      this.#boundary = 'external'
      this.#local = undefined
      this.policies = undefined
      return
    }
    if (options.ungoverned) throw new TypeError('Without `url` there is no server that could be away: leave `ungoverned` out')
    this.#local = localGate({ ...options, tools: this.#tools, observe })
    this.policies = this.#local.given
    this.#boundary = this.#local.masks ? 'external' : 'trusted'
    this.#gateFor = this.#local.gateFor
    this.#denialOf = this.#local.denialOf
    this.#register = (tool) => this.#local?.register(declare(tool, this.#boundary)) ?? Promise.resolve()
  }

  /**
   * Registers a tool and returns it governed: it resolves with the restored output, or throws `Refused`. Throws a `TypeError`,
   * and registers nothing, for a second tool of that name, or when a policy asks for an argument that this tool does not have.
   */
  tool<Schema extends StandardSchemaV1, Output>(
    tool: Tool<Schema, Output> & Carries<Output>,
  ): (input: StandardSchemaV1.InferInput<Schema>, options?: CallOptions) => Promise<Output> {
    if (this.#tools.has(tool.name)) throw new TypeError(`\`${tool.name}\` is registered already: give each tool its own name`)
    // INVARIANT: `execute` only ever gets what the tool's own schema parsed.
    const known = tool as unknown as Tool
    const { boundary, effect } = declare(known, this.#boundary)
    if (known.streams && boundary === 'external' && effect !== 'execute') {
      throw new TypeError(`\`${tool.name}\` streams, and its effect is \`${effect}\`: only what a model says can be restored as it comes`)
    }
    if (tool.name.startsWith(compensating))
      throw new TypeError(`\`${tool.name}\` begins with \`${compensating}\`: only compensations are called so`)
    if (tool.streams && tool.compensation)
      throw new TypeError(`\`${tool.name}\` streams, so it is no step of a transaction: leave \`compensation\` out`)
    const added = [known, ...(tool.compensation ? [compensationTool(known)] : [])]
    for (const each of added) this.#tools.set(each.name, each)
    try {
      this.#local?.policies.added()
    } catch (error) {
      for (const { name } of added) this.#tools.delete(name)
      throw error
    }
    return async (input, options) => (await this.call(tool.name, input, options)) as Output
  }

  /**
   * Governs one call of a registered tool, by name. Throws `Refused` (or a subclass by code), or `ToolFailed`; a `TypeError`
   * while the agent's policies do not fit its tools.
   */
  async call(name: string, input: unknown, options: CallOptions = {}): Promise<Json> {
    this.#local?.policies.ready()
    if (name.startsWith(compensating)) throw new TypeError(`\`${name}\` runs when a transaction fails, and not when it is called`)
    this.#transactions.check(name)
    const box: { decision?: Decision } = {}
    this.#last.enterWith(box)
    const { decision, outcome } = await this.#govern(name, input, within(this.#asking.getStore(), options))
    box.decision = decision
    if (outcome.status === 'succeeded') return outcome.output
    throw await this.#thrown(decision, outcome, name)
  }

  /**
   * Puts on record that a call is refused which never came to be one: its arguments are no JSON, or whoever runs the tools of a model
   * knows none of that name. Nothing runs. Answers why: `reason`, or what else is wrong with it.
   */
  async refuse(name: string, input: unknown, reason: Reason, options: CallOptions = {}): Promise<Reason> {
    const asked = within(this.#asking.getStore(), options)
    const box: { decision?: Decision } = {}
    this.#last.enterWith(box)
    const { request } = await this.#request(name, input, asked)
    const found = [{ control: 'agent/client', verdict: 'deny', reason }] as const
    const decision = await this.#gateFor(asked).decide({ ...request, found }, asked.signal)
    box.decision = decision
    if (decision.verdict !== 'deny' || !decision.reason) throw new GateError('unreachable', 'The refusal of the call is not on record.')
    return decision.reason.code === reason.code ? reason : decision.reason
  }

  async #thrown(decision: Decision, outcome: Exclude<Outcome, { status: 'succeeded' }>, name: string): Promise<Error> {
    const denied = outcome.status === 'refused' && outcome.reason.code === 'approval-denied' ? decision.approval : undefined
    const denial = denied === undefined ? undefined : await this.#denialOf(denied).catch(() => undefined)
    return thrown(decision, outcome, name, denial)
  }

  /**
   * Governs one call of a registered tool that `streams`. Throws as `call` does before anything ran; then the events come restored,
   * and reading them throws where the stream is cut, breaks off, or its outcome is kept back. Governed by a server, nothing comes
   * before the call is settled, and then each text in one piece. Events that nobody reads to their end leave the call unsettled
   * until its allow expires.
   */
  async stream(name: string, input: unknown, options: CallOptions = {}): Promise<AsyncGenerator<JsonObject, void>> {
    this.#local?.policies.ready()
    const streams = this.#tools.get(name)?.streams
    if (!streams) throw new TypeError(`\`${name}\` is no registered tool that streams: give it \`streams\``)
    const box: { decision?: Decision } = {}
    this.#last.enterWith(box)
    const asked = within(this.#asking.getStore(), options)
    const signal = asked.signal ?? new AbortController().signal
    const gate = this.#gateFor(asked)
    const { request, wrong } = await this.#request(name, input, asked)
    const decision = await gate.decide(request, signal)
    box.decision = decision
    if (decision.verdict !== 'allow') {
      const reason = decision.reason ?? { code: 'no-permit', message: 'The call was not allowed.' }
      throw await this.#thrown(decision, { status: 'refused', reason }, name)
    }
    const flow = streams.hold === 'whole' ? undefined : this.#local?.restoring(decision.call, streams.shape)
    const opened = wrong ? { ...streams, open: () => Promise.reject(wrong) } : streams
    return streamed({ gate, decision, streams: opened, signal, ...(flow && { flow }) })
  }

  /**
   * Runs `work` as one: when it throws, is aborted or out of time, the `compensation` of every tool that succeeded in it is called,
   * last first, each a governed call. Inside another transaction it is a savepoint of that one. Throws what `work` threw, or
   * `TransactionStuck` where not everything could be undone. `agent.stream` is no part of transactions.
   */
  async transaction<T>(work: () => Promise<T>, { signal, timeout }: TransactionOptions = {}): Promise<T> {
    const asked = this.#asking.getStore()
    const limit = timeout === undefined ? undefined : AbortSignal.timeout(soon(timeout, 'timeout'))
    const stops = [asked?.signal, signal, limit].filter((each) => each !== undefined)
    // One session, so that tokens mean the same when a step is undone.
    const session = asked?.session ?? crypto.randomUUID()
    return this.#transactions.run(
      (both) => this.#asking.run({ ...asked, session, signal: both }, work),
      stops.length > 0 ? AbortSignal.any(stops) : undefined,
    )
  }

  /**
   * Undoes what a crash left of transactions, and answers what became of each. Call it once the tools are registered again. What
   * is stuck is told each time, and what nobody can know is never run again, until `settleTransaction` says it was looked after.
   */
  async recoverTransactions(): Promise<readonly Recovered[]> {
    return this.#transactions.recover()
  }

  /** A person has looked after what was stuck of a transaction: it is forgotten. */
  async settleTransaction(transaction: string): Promise<void> {
    await this.#journal.forget(transaction)
  }

  /** Every call made inside `work` is made for this user, in this session, under this signal; what is left out is as around it. */
  async within<T>(options: CallOptions, work: () => Promise<T>): Promise<T> {
    return this.#asking.run(within(this.#asking.getStore(), options), work)
  }

  /** The last thousand calls, oldest first. Masked. */
  get traces(): readonly Trace[] {
    return [...this.#traces.values()]
  }

  summary(): Summary {
    return { ...this.#counts, costUsd: this.#spent / 1e6 }
  }

  /** The decision of the last call made in this async context. */
  get lastDecision(): Decision | undefined {
    return this.#last.getStore()?.decision
  }

  /** The id of the certificate of that decision, which `agent.evidence` writes out and `decision.id` of a `Refused` is as well. */
  get lastCertificate(): DecisionId | undefined {
    return this.lastDecision?.id
  }

  /** Whether the last call's evidence verifies against this agent's public key: certificate, inclusion, checkpoint. */
  async verifyLastCertificate(): Promise<boolean> {
    const decision = this.lastDecision
    return decision !== undefined && (await this.#here('verifyLastCertificate').verify(decision.id))
  }

  /**
   * The evidence bundle of a decision (`.agentgate.json`), and the public key to pin when verifying it. For calls that run or wait
   * and the last thousand that ended; a `RangeError` for older ones.
   */
  async evidence(id: DecisionId): Promise<Evidence> {
    return this.#here('evidence').evidence(id)
  }

  /** What waits for a person in this process, and their answers. */
  get approvals(): Local['approvals'] {
    return this.#here('approvals').approvals
  }

  /** The registered tools as Anthropic's messages take them. */
  anthropicTools(): AnthropicTool[] {
    return this.openaiTools().map(({ function: { name, description, parameters } }) => ({
      name,
      ...(description !== undefined && { description }),
      input_schema: { ...parameters, type: 'object' },
    }))
  }

  /** The registered tools as an MCP server lists them. */
  mcpTools(): McpTool[] {
    return this.anthropicTools().map(({ input_schema, ...tool }) => ({ ...tool, inputSchema: input_schema }))
  }

  /** The registered tools as OpenAI function tools. */
  openaiTools(): FunctionTool[] {
    return this.#callable().map((tool) => {
      const { name, description, input } = declare(tool, this.#boundary)
      return { type: 'function', function: { name, ...(description !== undefined && { description }), parameters: input } }
    })
  }

  #here(what: string): Local {
    if (!this.#local) throw new TypeError(`\`${what}\` is the server's when the agent has a \`url\`: ask its API`)
    return this.#local
  }

  #callable(): Tool[] {
    return [...this.#tools.values()].filter(({ name }) => !name.startsWith(compensating))
  }

  async #govern(name: string, input: unknown, options: CallOptions) {
    const tool = this.#tools.get(name)
    return this.#governed(name, input, options, async (masked, extra) => {
      const { user, session, tenant } = options
      const step = {
        tool: name,
        input: freeze(input),
        ...(user !== undefined && { user }),
        ...(session !== undefined && { session }),
        ...(tenant !== undefined && { tenant }),
      }
      const returned = await this.#transactions.step(step, async () => tool?.execute(masked, extra), outputOf)
      if (tool) await checkOutput(tool, returned)
      return returned
    })
  }

  async #governed(name: string, input: unknown, options: CallOptions, execute: (masked: JsonObject, extra: ToolExtra) => Promise<unknown>) {
    const tool = this.#tools.get(name)
    const signal = options.signal ?? new AbortController().signal
    const { request, wrong } = await this.#request(name, input, options)
    const run = async (masked: JsonObject) => {
      if (wrong) throw wrong
      if (!tool) throw new GateError('unknown-decision', 'A call without a tool was allowed.')
      const idempotencyKey = tool.idempotencyKey?.(masked)
      return outputOf(await execute(masked, { signal, ...(idempotencyKey !== undefined && { idempotencyKey }) }))
    }
    return govern(this.#gateFor(options), request, run, signal)
  }

  #compensationOf({ tool: name, user, session, tenant }: Step): Compensation | 'none' | undefined {
    const tool = this.#tools.get(name)
    if (!tool) return undefined
    const { compensation, idempotencyKey } = tool
    if (!compensation) return 'none'
    return {
      repeatable: idempotencyKey !== undefined,
      run: async (input, output, began) => {
        const who = {
          ...(user !== undefined && { user }),
          ...(session !== undefined && { session }),
          ...(tenant !== undefined && { tenant }),
        }
        const { decision, outcome } = await this.#governed(compensating + name, input, who, async (masked, extra) => {
          await began()
          // What it says is of no interest: that it ran is.
          await compensation(masked, output, extra)
        })
        if (outcome.status !== 'succeeded' && outcome.status !== 'withheld') throw thrown(decision, outcome, compensating + name)
      },
    }
  }

  /** `wrong`: why the tool does not run, whatever is decided. */
  async #request(name: string, input: unknown, options: CallOptions) {
    if (!this.#local && options.tenant !== undefined)
      throw new TypeError('With `url` the `apiKey` says whose the call is: leave `tenant` out')
    const tool = this.#tools.get(name)
    if (tool) await this.#register(tool)
    const named = options.session ?? this.#local?.session
    const session = named === undefined ? undefined : (this.#local?.sessionOf(named) ?? named)
    const asked = { action: name, ...(session !== undefined && { session }) }
    if (this.#local || !tool) return { request: { ...asked, input } }
    // A server knows the JSON Schema only: what the tool's own makes of the input is judged there, and what it refuses does not run.
    const read = await readInput(tool, input)
    if ('value' in read) return { request: { ...asked, input: read.value } }
    const wrong = new TypeError(`the input does not fit its schema: ${read.issues.slice(0, 5).join('; ')}`)
    return { request: { ...asked, input }, wrong }
  }

  #note(decision: Decision, outcome?: Outcome): void {
    this.#traces.delete(decision.call.id)
    this.#traces.set(decision.call.id, { decision, ...(outcome && { outcome }), ...(isUngoverned(decision) && { ungoverned: true }) })
    if (this.#traces.size > kept) this.#traces.delete(this.#traces.keys().next().value ?? decision.call.id)
    if (!outcome) return
    this.#counts.total++
    if (outcome.status === 'succeeded') this.#counts.succeeded++
    else if (outcome.status === 'failed') this.#counts.failed++
    else if (outcome.status === 'refused') this.#counts.refused++
    if (decision.verdict === 'allow')
      this.#spent += this.#local?.spent(decision, outcome) ?? this.#spentBeside(decision.id) ?? costOf(decision)
  }
}

/** What a tool returned, as JSON. Throws a `TypeError` that says what to return. */
function outputOf(returned: unknown): Json {
  try {
    return freeze(returned ?? null)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const message = `it ran, and what it returned is no JSON (${why}): return plain objects, lists, texts, numbers, \`true\`, \`false\` or \`null\`, and dates as \`toISOString()\``
    throw new TypeError(message, { cause })
  }
}

/** Options within others: they add to them, or replace them; whichever signal aborts first aborts. */
function within(outer: CallOptions | undefined, inner: CallOptions): CallOptions {
  const signal = outer?.signal && inner.signal ? AbortSignal.any([outer.signal, inner.signal]) : (inner.signal ?? outer?.signal)
  return { ...outer, ...inner, ...(signal && { signal }) }
}

/** What the first budget that judged the call reserved for it, in micro-dollars. */
function costOf({ findings }: Decision): number {
  const cost = findings.find(({ facts }) => typeof facts?.['cost'] === 'number')?.facts?.['cost']
  return typeof cost === 'number' ? cost : 0
}
