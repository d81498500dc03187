import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Call, MaskedCall, PrincipalId, TenantId } from './call.ts'
import { uuidv7 } from './clock.ts'
import { type Control, type Detect, type Mask, refusal, shadow, type Stage } from './control.ts'
import type { Decision, DecisionId, Finding, Outcome, Verdict } from './decision.ts'
import { GateError } from './errors.ts'
import { auditKey, auditLog } from './evidence/audit.ts'
import { localSigner } from './evidence/keys.ts'
import { type Ledger, memoryLedger } from './evidence/ledger.ts'
import { createRecorder } from './evidence/recorder.ts'
import { createGate, type Gate, govern } from './gate.ts'
import type { Json, JsonObject } from './json.ts'
import { stateOnly } from './proof/prove.ts'
import type { Rooms } from './rooms.ts'
import { createParse } from './tool/parse.ts'
import { register } from './tool/register.ts'
import { memoryCalls } from './trace/calls.ts'

const secret = 'ada@example.com'
const tenant = 't1' as TenantId
const ada = { principal: { id: 'Agent::ada' as PrincipalId, tenant, roles: ['developer'], mfa: false }, facts: {} }
const eve = { principal: { ...ada.principal, id: 'Agent::eve' as PrincipalId }, facts: {} }

/** A mask over one secret, with every fault a real one can have. */
function secretMask(faults: { mask?: boolean; output?: boolean; restore?: boolean } = {}): Mask {
  const swap = <T extends Json>(value: T, from: string, to: string) => JSON.parse(JSON.stringify(value).replaceAll(from, to)) as T
  const inputs = new Map<string, JsonObject>()
  return {
    name: 'pii',
    kinds: new Set(['EMAIL']),
    async mask(call) {
      if (faults.mask) throw new Error(`cannot mask ${secret}`)
      return {
        verdict: 'pass',
        facts: { pii_count: 1 },
        call: swap(call as unknown as JsonObject, secret, '<EMAIL_1>') as unknown as MaskedCall,
      }
    },
    async output(value) {
      if (faults.output) throw new Error(`cannot mask ${secret}`)
      return swap(value, secret, '<EMAIL_1>')
    },
    async restore(value) {
      if (faults.restore) throw new Error('unknown token')
      return swap(value, '<EMAIL_1>', secret)
    },
    async keepInput(call) {
      inputs.set(call.id, call.input)
      return call.id
    },
    recallInput: async (_call, kept) => inputs.get(kept),
    restoreInput: async (call) => swap(call.input, '<EMAIL_1>', secret),
  }
}

const permit: Control = { name: 'permit', stage: 'evaluate', evaluate: async () => ({ verdict: 'allow' }) }

interface World extends Partial<Rooms> {
  readonly faults?: Parameters<typeof secretMask>[0]
  readonly ledger?: (real: Ledger) => Ledger
  readonly boundary?: 'external' | 'trusted'
}

/** A whole gate on memory twins, with a clock that moves by hand. */
function world({ faults, ledger: wrap = (real) => real, boundary, ...rooms }: World = {}) {
  const time = { now: 1_700_000_000_000 }
  const clock = { now: () => time.now }
  const calls = memoryCalls()
  const real = memoryLedger({ clock, beside: (of, id, record) => calls.beside(of, id, record) })
  const signer = localSigner(crypto.getRandomValues(new Uint8Array(32)))
  const tool = register({ name: 'send', input: { type: 'object' }, effect: 'send', ...(boundary && { boundary }) }, () => 'd'.repeat(64))
  const house = createGate({
    parse: createParse({ find: async (_, name) => (name === 'send' ? tool : undefined) }, async (_, input) => ({
      input: input as JsonObject,
    })),
    detect: [],
    mask: secretMask(faults),
    controls: [permit],
    prove: stateOnly,
    recorder: createRecorder({
      ledger: wrap(real),
      signer,
      clock,
      audit: auditLog({ ledger: real, key: auditKey(new Uint8Array(32).fill(7)), clock }),
    }),
    calls,
    clock,
    newId: () => uuidv7(time.now),
    ...rooms,
  })
  const as = (asker: typeof ada = ada) => house.as(async () => asker)
  const entries = async () => (await real.read(tenant, 0, 1000)).map(({ type, body }) => ({ type, body }))
  return { time, calls, house, as, entries, gate: as() }
}

const request = { action: 'send', input: { to: secret, deep: [{ cc: secret }] }, session: 's1' }
const code = (outcome: Outcome) => ('reason' in outcome ? outcome.reason.code : outcome.status)

describe('govern', () => {
  it('masks on the way in and restores on the way out', async () => {
    const { gate, entries } = world()
    let seen: unknown
    const { outcome } = await govern(gate, request, async (input) => {
      seen = input
      return `sent to ${String(input['to'])}`
    })
    expect(seen).toEqual({ to: '<EMAIL_1>', deep: [{ cc: '<EMAIL_1>' }] })
    expect(outcome).toEqual({ status: 'succeeded', output: `sent to ${secret}` })
    expect(JSON.stringify(await entries())).not.toContain(secret)
  })

  it('denies when no control allows the call', async () => {
    const { outcome } = await govern(world({ controls: [] }).gate, request, async () => expect.fail('ran'))
    expect(code(outcome)).toBe('no-permit')
  })

  it('denies a tool that nobody registered, and records that', async () => {
    const { gate, entries } = world()
    const { outcome } = await govern(gate, { action: secret, input: {} }, async () => expect.fail('ran'))
    expect(code(outcome)).toBe('unknown-tool')
    expect((await entries()).map(({ type }) => type)).toEqual(['decision', 'outcome'])
    expect(JSON.stringify(await entries())).not.toContain(secret)
  })

  it('denies input that JSON cannot carry', async () => {
    const { outcome } = await govern(world().gate, { action: 'send', input: { n: Number.NaN } }, async () => expect.fail('ran'))
    expect(code(outcome)).toBe('invalid-input')
  })

  it('denies when a control throws, and says nothing of what it threw', async () => {
    const broken: Control = { name: 'broken', stage: 'evaluate', evaluate: async () => Promise.reject(new Error(secret)) }
    const { gate, entries } = world({ controls: [permit, broken] })
    const { outcome } = await govern(gate, request, async () => expect.fail('ran'))
    expect(code(outcome)).toBe('control-failed')
    expect(JSON.stringify(await entries())).not.toContain(secret)
  })

  it('denies when a control takes too long, and closes what it opens afterwards', async () => {
    const slow = Promise.withResolvers<Finding>()
    const closed = Promise.withResolvers<Json>()
    const control: Control = {
      name: 'slow',
      stage: 'reserve',
      evaluate: () => slow.promise,
      settle: async (outcome, held) => {
        closed.resolve([code(outcome) ?? null, held])
        return outcome
      },
    }
    const { gate } = world({ controls: [permit, control], patience: 20 })
    const { outcome } = await govern(gate, request, async () => expect.fail('ran'))
    expect(code(outcome)).toBe('control-failed')
    slow.resolve({ verdict: 'pass', held: { id: 'r1' } })
    expect(await closed.promise).toEqual(['abandoned', { id: 'r1' }])
  })

  it('denies what can no longer be proved', async () => {
    const { gate } = world({ prove: async () => Promise.reject(new Error('solver gone')) })
    const { decision } = await govern(gate, request, async () => expect.fail('ran'))
    expect(decision.reason?.code).toBe('control-failed')
  })

  it('runs nothing when the decision cannot be made durable', async () => {
    const { gate } = world({ ledger: (real) => ({ ...real, append: async () => Promise.reject(new Error('disk full')) }) })
    await expect(govern(gate, request, async () => expect.fail('ran'))).rejects.toMatchObject({ code: 'no-evidence' })
  })

  it('decides again when policies moved while it decided', async () => {
    let moves = 2
    const moving = (real: Ledger): Ledger => ({
      ...real,
      async append(of, entries, given) {
        if (given && moves-- > 0) await real.append(of, [{ type: 'audit', body: '{}', moves: true }])
        return real.append(of, entries, given)
      },
    })
    const { gate, entries } = world({ ledger: moving })
    const { outcome } = await govern(gate, request, async () => 'ok')
    expect(outcome.status).toBe('succeeded')
    expect((await entries()).filter(({ type }) => type === 'decision')).toHaveLength(1)
  })

  it('runs nothing, and says that nobody can tell, where policies never stand still', async () => {
    const moving = (real: Ledger): Ledger => ({
      ...real,
      async append(of, entries, given) {
        if (given) await real.append(of, [{ type: 'audit', body: '{}', moves: true }])
        return real.append(of, entries, given)
      },
    })
    const { gate, entries } = world({ ledger: moving })
    await expect(govern(gate, request, async () => expect.fail('ran'))).rejects.toMatchObject({ code: 'contended' })
    expect((await entries()).filter(({ type }) => type === 'decision')).toEqual([])
  })

  it('hands a trusted tool the restored input, once', async () => {
    const { gate } = world({ boundary: 'trusted' })
    expect((await govern(gate, request, async (input) => input)).outcome).toMatchObject({ status: 'succeeded', output: { to: secret } })
    const { id } = await gate.decide(request)
    expect(await gate.release(id)).toMatchObject({ to: secret })
    await expect(gate.release(id)).rejects.toMatchObject({ code: 'not-released' })
    const settled = await gate.decide(request)
    await gate.settle(settled.id, { status: 'succeeded', output: 1 })
    await expect(gate.release(settled.id)).rejects.toMatchObject({ code: 'not-released' })
  })

  it('looks for threats again in what a trusted tool is about to get', async () => {
    let looks = 0
    const look: Detect = { name: 'threat', evaluate: async () => (++looks > 1 ? refusal('threat-found', '') : { verdict: 'pass' }) }
    const { outcome } = await govern(world({ boundary: 'trusted', detect: [look] }).gate, request, async () => expect.fail('ran'))
    expect(outcome).toMatchObject({ status: 'failed', error: 'The restored input holds a threat: the call must not run.' })
  })

  it('releases nothing after the allow expired, nor to anyone else', async () => {
    const { gate, as, time } = world({ boundary: 'trusted', lease: 1000 })
    const { id } = await gate.decide(request)
    await expect(as(eve).release(id)).rejects.toMatchObject({ code: 'unknown-decision' })
    time.now += 1000
    await expect(gate.release(id)).rejects.toMatchObject({ code: 'not-released' })
  })

  it('asks no control with effects about a call that is denied, and none at all about one it does not understand', async () => {
    const asked: string[] = []
    const spy = (name: string, stage: Stage, finding: Finding): Control => ({
      name,
      stage,
      evaluate: async () => (asked.push(name), finding),
    })
    const look: Detect = { name: 'threat', evaluate: async () => (asked.push('threat'), { verdict: 'pass' }) }
    const pass: Finding = { verdict: 'pass' }
    const controls = [
      spy('first', 'evaluate', refusal('no', '')),
      spy('second', 'evaluate', pass),
      spy('rate', 'reserve', pass),
      spy('ask', 'approve', pass),
    ]
    const { gate } = world({ controls, detect: [look] })
    await gate.decide(request)
    expect(asked).toEqual(['threat', 'first', 'second'])
    await gate.decide({ action: 'nothing', input: {} })
    expect(asked).toHaveLength(3)
  })

  it('does not release to a tool beyond the boundary', async () => {
    const { gate } = world()
    const decision = await gate.decide(request)
    await expect(gate.release(decision.id)).rejects.toMatchObject({ code: 'not-released' })
  })

  it('withholds output in which a detector finds a threat', async () => {
    const look: Detect = { name: 'threat', evaluate: async () => ({ verdict: 'pass' }), inspect: async () => refusal('threat-found', 'no') }
    const { outcome } = await govern(world({ detect: [look] }).gate, request, async () => 'x')
    expect(outcome).toMatchObject({ status: 'withheld', reason: { code: 'threat-found' } })
  })

  it('lets detectors see the error of a tool as its output, and hear of a call that was lost', async () => {
    const seen: unknown[] = []
    const look: Detect = {
      name: 'threat',
      evaluate: async () => ({ verdict: 'pass' }),
      inspect: async (output) => {
        seen.push(output)
        return output === 'evil' ? refusal('threat-found', 'no') : { verdict: 'pass' }
      },
    }
    const failing = async (error: string) =>
      (await govern(world({ detect: [look] }).gate, request, async () => Promise.reject(new Error(error)))).outcome
    expect(await failing('evil')).toMatchObject({ status: 'withheld', reason: { code: 'threat-found' } })
    expect(await failing('no such file')).toEqual({ status: 'failed', error: 'no such file' })
    const { gate, house, time } = world({ detect: [look] })
    await gate.decide(request)
    time.now += 300_001
    expect(await house.sweep()).toBe(1)
    expect(seen).toEqual(['evil', 'no such file', null])
  })

  it('withholds output that it cannot restore', async () => {
    const { outcome } = await govern(world({ faults: { restore: true } }).gate, request, async () => 'x')
    expect(outcome).toMatchObject({ status: 'withheld', reason: { code: 'control-failed' } })
  })

  it('records as cut what it keeps back of a stream that its reader has begun to read', async () => {
    const look: Detect = { name: 'threat', evaluate: async () => ({ verdict: 'pass' }), inspect: async () => refusal('threat-found', 'no') }
    for (const faults of [{ detect: [look] }, { faults: { restore: true } }]) {
      const { gate, calls } = world(faults)
      const { id } = await gate.decide(request)
      const outcome = await gate.settle(id, { status: 'succeeded', output: 'x', streamed: true })
      expect(outcome.status).toBe('cut')
      expect((await calls.list(tenant, { limit: 1 }))[0]?.outcome).toEqual(outcome)
    }
    const { gate } = world()
    const { id } = await gate.decide(request)
    expect(await gate.settle(id, { status: 'succeeded', output: 'x', streamed: true })).toEqual({ status: 'succeeded', output: 'x' })
  })

  it('masks the error of a tool like its output', async () => {
    const { gate, entries } = world()
    const { outcome } = await govern(gate, request, async () => Promise.reject(new Error(`no such user ${secret}`)))
    expect(outcome).toEqual({ status: 'failed', error: 'no such user <EMAIL_1>' })
    expect(JSON.stringify(await entries())).not.toContain(secret)
  })

  it('passes what a control in shadow refuses, and says so', async () => {
    const strict: Control = { name: 'strict', stage: 'evaluate', evaluate: async () => refusal('never', 'never') }
    const { decision, outcome } = await govern(world({ controls: [permit, shadow(strict)] }).gate, request, async () => 'ran')
    expect(outcome.status).toBe('succeeded')
    expect(decision.findings.find(({ control }) => control === 'strict')?.shadow).toMatchObject({
      verdict: 'deny',
      reason: { code: 'never' },
    })
  })

  it('refuses two controls of one name', () => {
    expect(() => world({ controls: [permit, permit] })).toThrow('same name')
  })

  it('lets observers fail without touching the call', async () => {
    const seen: unknown[] = []
    const { gate } = world({
      observe: [{ decided: () => Promise.reject(new Error('log full')) }],
      failed: (error) => void seen.push(error),
    })
    expect((await govern(gate, request, async () => 'x')).outcome.status).toBe('succeeded')
    expect(seen).toHaveLength(1)
  })
})

describe('settle', () => {
  it('is bound to the principal that decided', async () => {
    const { gate, as } = world()
    const { id } = await gate.decide(request)
    await expect(as(eve).settle(id, { status: 'succeeded', output: 1 })).rejects.toMatchObject({ code: 'unknown-decision' })
    expect(await gate.settle(id, { status: 'succeeded', output: 1 })).toEqual({ status: 'succeeded', output: 1 })
  })

  it('happens once, also when two ask at the same moment', async () => {
    const { gate, entries } = world()
    const { id } = await gate.decide(request)
    const both = await Promise.allSettled([1, 2].map((output) => gate.settle(id, { status: 'succeeded', output })))
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect((await entries()).filter(({ type }) => type === 'outcome')).toHaveLength(1)
  })

  it('is refused for a call that was not allowed', async () => {
    const { gate } = world({ controls: [] })
    const { id } = await gate.decide(request)
    await expect(gate.settle(id, { status: 'succeeded', output: 1 })).rejects.toMatchObject({ code: 'unknown-decision' })
  })

  it('records a late report as an amendment of a lost call, once the sweeper or nobody came', async () => {
    for (const swept of [true, false]) {
      const { gate, house, time, entries, calls } = world({ lease: 1000 })
      const { id } = await gate.decide(request)
      time.now += 1001
      if (swept) expect(await house.sweep()).toBe(1)
      await expect(gate.settle(id, { status: 'succeeded', output: secret })).rejects.toMatchObject({ code: 'already-settled' })
      await expect(gate.settle(id, { status: 'failed', error: 'x' })).rejects.toMatchObject({ code: 'already-settled' })
      expect((await entries()).map(({ type }) => type)).toEqual(['decision', 'outcome', 'amendment'])
      expect((await calls.find(tenant, id))?.outcome?.status).toBe('lost')
      expect(JSON.stringify([await entries(), await calls.list(tenant, { limit: 9 })])).not.toContain(secret)
      expect(await house.sweep()).toBe(0)
    }
  })

  it('closes a lost call once, also when two sweep at the same moment', async () => {
    let settled = 0
    const counted: Control = {
      ...permit,
      async settle(outcome) {
        settled++
        return outcome
      },
    }
    const { gate, house, time, entries } = world({ controls: [counted], lease: 1000 })
    await gate.decide(request)
    time.now += 1001
    await Promise.all([house.sweep(), house.sweep()])
    expect(settled).toBe(1)
    expect((await entries()).filter(({ type }) => type === 'outcome')).toHaveLength(1)
  })

  it('is told when another process settled the call first', async () => {
    const first = (real: Ledger): Ledger => ({
      ...real,
      async append(of, all, given) {
        const [entry] = all
        if (entry?.type === 'outcome') await real.append(of, [{ type: 'outcome', body: '{}', keys: entry.keys ?? [] }])
        return real.append(of, all, given)
      },
    })
    const { gate } = world({ ledger: first })
    const { id } = await gate.decide(request)
    await expect(gate.settle(id, { status: 'succeeded', output: 1 })).rejects.toMatchObject({ code: 'already-settled' })
  })
})

describe('a held call', () => {
  const holding = (state: { answer: Verdict }): Control => ({
    name: 'person',
    stage: 'approve',
    evaluate: async () =>
      state.answer === 'pass'
        ? { verdict: 'pass', approval: 'a1' }
        : { verdict: 'hold', reason: { code: 'approval-pending', message: '' }, approval: 'a1' },
  })

  it('is decided again with the same frozen input, and runs once', async () => {
    const state = { answer: 'hold' as Verdict }
    const { gate, entries } = world({ controls: [permit, holding(state)] })
    const first = await gate.decide(request)
    expect(first.verdict).toBe('hold')
    state.answer = 'pass'
    const second = await gate.decide({ resume: first.call.id })
    expect(second).toMatchObject({ verdict: 'allow', call: { id: first.call.id, input: { to: '<EMAIL_1>' } } })
    await expect(gate.decide({ resume: first.call.id })).rejects.toMatchObject({ code: 'already-decided' })
    expect((await entries()).map(({ type }) => type)).toEqual(['decision', 'decision'])
  })

  it('gets one final decision, however many resume it at once', async () => {
    const state = { answer: 'hold' as Verdict }
    const { gate, entries } = world({ controls: [permit, holding(state)] })
    const { call } = await gate.decide(request)
    state.answer = 'pass'
    const tries = await Promise.allSettled(Array.from({ length: 5 }, () => gate.decide({ resume: call.id })))
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect((await entries()).filter(({ type }) => type === 'decision')).toHaveLength(2)
  })

  it('is refused for good when its asker can no longer ask, on record like any refusal', async () => {
    const state = { answer: 'hold' as Verdict }
    const { gate, house, entries } = world({ controls: [permit, holding(state)] })
    const { call } = await gate.decide(request)
    const why = { code: 'unauthenticated', message: 'Gone.' }
    await house.refuse(tenant, call.id, why)
    state.answer = 'pass'
    await expect(gate.decide({ resume: call.id })).rejects.toMatchObject({ code: 'already-decided' })
    await expect(house.refuse(tenant, call.id, why)).rejects.toMatchObject({ code: 'already-decided' })
    expect((await entries()).map(({ type }) => type)).toEqual(['decision', 'decision', 'outcome'])
  })

  it('and an answered one is never refused', async () => {
    const { gate, house } = world()
    const { call } = await gate.decide(request)
    await expect(house.refuse(tenant, call.id, { code: 'x', message: '' })).rejects.toMatchObject({ code: 'already-decided' })
  })

  it('is unknown to anyone else', async () => {
    const { gate, as } = world({ controls: [permit, holding({ answer: 'hold' })] })
    const { call } = await gate.decide(request)
    await expect(as(eve).decide({ resume: call.id })).rejects.toMatchObject({ code: 'unknown-decision' })
  })
})

describe('the promises of the gate', () => {
  const behaviour = fc.constantFrom('pass', 'allow', 'hold', 'deny', 'throw', 'hang')
  const settling = fc.constantFrom('ok', 'throw', 'withhold', 'absent')
  const plans = fc.array(
    fc.record({ does: behaviour, settles: settling, stage: fc.constantFrom<Stage>('evaluate', 'reserve', 'approve') }),
    { maxLength: 6 },
  )
  const faults = fc.record({ mask: fc.boolean(), output: fc.boolean(), restore: fc.boolean() })
  const rare = (faulty: fc.Arbitrary<{ mask: boolean; output: boolean; restore: boolean }>) =>
    fc.oneof({ weight: 3, arbitrary: fc.constant({ mask: false, output: false, restore: false }) }, { weight: 1, arbitrary: faulty })
  const ledgers = fc.constantFrom('ok', 'ok', 'ok', 'decision-down', 'outcome-down', 'moves')
  const tools = fc.constantFrom('ok', 'throws', 'never-reports')
  const callers = fc.constantFrom('patient', 'patient', 'gone-before', 'gone-during')

  it('hold whatever controls, tool, ledger and caller do', async () => {
    await fc.assert(
      fc.asyncProperty(plans, rare(faults), ledgers, tools, callers, async (plan, faulty, ledgerState, tool, caller) => {
        const opened: string[] = []
        const closed: string[] = []
        const order: string[] = []
        const leaving = new AbortController()
        if (caller === 'gone-before') leaving.abort()
        const controls = plan.map(({ does, settles, stage }, index): Control => {
          const name = `c${index}`
          return {
            name,
            stage,
            async evaluate(seen, { signal }) {
              expect(JSON.stringify(seen)).not.toContain(secret)
              if (caller === 'gone-during') leaving.abort()
              if (does === 'throw') throw new Error(`cannot tell ${secret}`)
              if (does === 'hang')
                await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('gone')), { once: true }))
              opened.push(name)
              return does === 'pass' || does === 'allow'
                ? { verdict: does }
                : { verdict: does as 'hold' | 'deny', reason: { code: does, message: '' } }
            },
            ...(settles !== 'absent' && {
              async settle(outcome: Outcome): Promise<Outcome> {
                closed.push(name)
                if (settles === 'throw') throw new Error(`cannot settle ${secret}`)
                if (settles === 'withhold' && outcome.status === 'succeeded')
                  return { status: 'withheld', reason: { code: 'kept', message: '' } }
                return outcome
              },
            }),
          }
        })
        let moves = ledgerState === 'moves' ? 1 : 0
        const ledger = (real: Ledger): Ledger => ({
          ...real,
          async append(of, entries, given) {
            const type = entries[0]?.type
            if (type === 'decision' && ledgerState === 'decision-down') throw new Error('down')
            if (type === 'outcome' && ledgerState === 'outcome-down') throw new Error('down')
            if (type === 'decision' && moves-- > 0) await real.append(of, [{ type: 'audit', body: '{}', moves: true }])
            const done = await real.append(of, entries, given)
            if (!('moved' in done)) for (const entry of entries) order.push(entry.type)
            return done
          },
        })
        const { gate, house, time, entries, calls } = world({ controls, faults: faulty, ledger, patience: 40, lease: 1000 })
        let ran = 0
        const execute = async (seen: JsonObject) => {
          ran++
          order.push('run')
          expect(JSON.stringify(seen)).not.toContain(secret)
          if (tool === 'throws') throw new Error(`tool broke on ${secret}`)
          return `fine ${secret}`
        }
        const governed: Gate =
          tool === 'never-reports' ? { ...gate, settle: async () => ({ status: 'failed', error: 'the agent died' }) } : gate
        const result = await govern(governed, request, execute, leaving.signal).catch((error: unknown) => error)

        // 1: nothing executes unless the decision is allow and durable.
        const decided = (await calls.list(tenant, { limit: 200 })).map(({ decision }) => decision)
        const allowed = decided.filter(({ verdict }) => verdict === 'allow')
        expect(ran).toBe(allowed.length)
        if (ran > 0) expect(order.indexOf('decision')).toBeLessThan(order.indexOf('run'))
        if (ledgerState === 'decision-down') expect(result).toBeInstanceOf(GateError)
        // 2: what cannot tell denies; silence denies.
        for (const { verdict, findings } of decided) {
          const verdicts = findings.map((found) => found.verdict)
          if (verdict === 'allow') expect(verdicts.includes('allow') && !verdicts.includes('deny') && !verdicts.includes('hold')).toBe(true)
          if (verdicts.includes('deny')) expect(verdict).toBe('deny')
        }
        if (plan.some(({ does, stage }) => stage === 'evaluate' && (does === 'throw' || does === 'hang'))) expect(ran).toBe(0)
        if (faulty.mask || caller === 'gone-before') expect(ran).toBe(0)
        // A call that nobody reports is closed by the sweeper.
        time.now += 1001
        if (ledgerState !== 'outcome-down') await house.sweep()
        // 3: every finding is settled exactly once, last first.
        if (ledgerState !== 'outcome-down' || ran === 0) {
          const expected = opened.filter((name) => plan[Number(name.slice(1))]?.settles !== 'absent')
          if (ledgerState === 'moves') expect(closed.toSorted()).toEqual(expected.toSorted())
          else expect(closed).toEqual(expected.toReversed())
        }
        // 4: one entry a decision, one final, one outcome; no personal data anywhere.
        const types = (await entries()).map(({ type }) => type).filter((type) => type !== 'audit')
        const holds = decided.some(({ verdict }) => verdict === 'hold')
        if (ledgerState === 'decision-down') expect(types).toEqual([])
        else if (ledgerState !== 'outcome-down') expect(types).toEqual(holds ? ['decision'] : ['decision', 'outcome'])
        expect(JSON.stringify([await entries(), await calls.list(tenant, { limit: 200 })])).not.toContain(secret)
        if (result instanceof Error) expect(String(result)).not.toContain(secret)
      }),
      { numRuns: 1500 },
    )
  }, 120_000)

  it('never widen when a permitting control is taken away', async () => {
    await fc.assert(
      fc.asyncProperty(plans, fc.nat(), async (plan, which) => {
        const quick = plan.filter(({ does }) => does !== 'hang')
        const controls = quick.map(
          ({ does, stage }, index): Control => ({
            name: `c${index}`,
            stage,
            async evaluate() {
              if (does === 'throw') throw new Error('cannot tell')
              return does === 'pass' || does === 'allow'
                ? { verdict: does }
                : { verdict: does as 'hold' | 'deny', reason: { code: does, message: '' } }
            },
          }),
        )
        const permits = controls.filter((_, index) => quick[index]?.does === 'allow')
        const taken = permits[which % Math.max(1, permits.length)]
        const rank = { allow: 2, hold: 1, deny: 0 }
        const verdict = async (some: readonly Control[]): Promise<number> =>
          rank[(await world({ controls: some }).gate.decide(request)).verdict]
        expect(await verdict(controls.filter((control) => control !== taken))).toBeLessThanOrEqual(await verdict(controls))
      }),
      { numRuns: 300 },
    )
  })
})

// @ts-expect-error A raw call cannot stand where a masked one must.
void ((control: Control, call: Call) => control.evaluate(call, {} as never))
void ((id: string) => id as DecisionId)
void ((decision: Decision) => decision)
