import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import {
  Agent,
  BudgetExceededError,
  costTracker,
  humanApproval,
  memoryJournal,
  piiVault,
  rateLimiter,
  TransactionStuck,
  ToolFailed,
} from '../index.ts'
import type { Journal } from './journal.ts'
import { transactions } from './transactions.ts'

/** An agent whose tools write down what they do. */
function world(options: ConstructorParameters<typeof Agent>[0] = {}) {
  const log: string[] = []
  const agent = new Agent(options)
  const user = z.object({ userId: z.string() })
  const deleteUser = agent.tool({
    name: 'delete_user',
    input: user,
    execute: ({ userId }) => {
      log.push(`delete ${userId}`)
      return { row: userId.length }
    },
    compensation: ({ userId }, { row }) => void log.push(`restore ${userId} ${row}`),
  })
  const charge = agent.tool({
    name: 'charge_user',
    input: z.object({ userId: z.string(), amount: z.number() }),
    execute: ({ userId, amount }) => void log.push(`charge ${userId} ${amount}`),
    compensation: ({ userId, amount }) => void log.push(`refund ${userId} ${amount}`),
  })
  const receipt = agent.tool({ name: 'send_receipt', input: user, execute: () => Promise.reject(new Error('no mail today')) })
  return { agent, log, deleteUser, charge, receipt }
}

describe('agent.transaction', () => {
  it('keeps what a transaction did when it ends well, and answers what it answers', async () => {
    const { agent, log, deleteUser } = world()
    expect(await agent.transaction(async () => (await deleteUser({ userId: '12' })).row)).toBe(2)
    expect(log).toEqual(['delete 12'])
    expect(await agent.recoverTransactions()).toEqual([])
  })

  it('undoes the completed steps in reverse, once each, and throws what failed', async () => {
    const { agent, log, deleteUser, charge, receipt } = world()
    const failed = await agent
      .transaction(async () => {
        await deleteUser({ userId: '123' })
        await charge({ userId: '123', amount: 99.99 })
        await receipt({ userId: '123' })
      })
      .catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(ToolFailed)
    expect(log).toEqual(['delete 123', 'charge 123 99.99', 'refund 123 99.99', 'restore 123 3'])
    expect(await agent.recoverTransactions()).toEqual([])
  })

  it('undoes by governed calls, each with its own decision and outcome', async () => {
    const { agent, deleteUser } = world()
    await agent
      .transaction(async () => {
        await deleteUser({ userId: '1' })
        throw new Error('no')
      })
      .catch(() => undefined)
    expect(agent.traces.map(({ decision, outcome }) => [decision.call.action, decision.verdict, outcome?.status])).toEqual([
      ['delete_user', 'allow', 'succeeded'],
      ['compensate.delete_user', 'allow', 'succeeded'],
    ])
    expect(agent.openaiTools().map((tool) => tool.function.name)).not.toContain('compensate.delete_user')
    await expect(agent.call('compensate.delete_user', { userId: '1' })).rejects.toThrow('runs when a transaction fails')
    expect(() => agent.tool({ name: 'compensate.x', input: z.object({}), execute: () => 1 })).toThrow('only compensations')
  })

  it('undoes when a refusal ends it, even of a budget that is used up', async () => {
    const { agent, log, charge } = world({
      controls: [costTracker({ budget: 0.02, defaultCost: 0.01 }), rateLimiter({ maxCalls: 2, window: '1h' })],
    })
    const pay = (amount: number) => charge({ userId: '1', amount })
    const work = async () => {
      for (const amount of [1, 2, 3]) await pay(amount)
    }
    await expect(agent.transaction(work)).rejects.toBeInstanceOf(BudgetExceededError)
    expect(log).toEqual(['charge 1 1', 'charge 1 2', 'refund 1 2', 'refund 1 1'])
  })

  it('hands tools and compensations tokens of one session, where a vault masks', async () => {
    const { agent, log, deleteUser } = world({ controls: [piiVault()] })
    const work = async () => {
      await deleteUser({ userId: 'cfo@example.com' })
      await deleteUser({ userId: 'ada@example.com' })
      throw new Error('no')
    }
    await agent.transaction(work).catch(() => undefined)
    expect(log.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'delete <EMAIL_1>',
      'delete <EMAIL_2>',
      'restore <EMAIL_2>',
      'restore <EMAIL_1>',
    ])
  })

  it('reports a compensation that fails as stuck, undoes the rest, and never runs it again', async () => {
    const journal = memoryJournal()
    const agent = new Agent({ journal })
    const log: string[] = []
    const step = (name: string, fails = false) =>
      agent.tool({
        name,
        input: z.object({}),
        execute: () => void log.push(name),
        compensation: () => {
          log.push(`undo ${name}`)
          if (fails) throw new Error(`${name} stays, said ada@example.com`)
        },
      })
    const [a, b, c] = [step('a'), step('b', true), step('c')]
    const cause = new Error('no')
    const stuck = await agent
      .transaction(async () => {
        for (const each of [a, b, c]) await each({})
        throw cause
      })
      .catch((error: unknown) => error)
    expect(stuck).toBeInstanceOf(TransactionStuck)
    expect(stuck).toMatchObject({ code: 'transaction-stuck', cause, stuck: [{ tool: 'b', why: 'failed' }] })
    expect((stuck as Error).message).toContain('settleTransaction')
    expect((stuck as Error).message).not.toContain('ada@')
    expect(log).toEqual(['a', 'b', 'c', 'undo c', 'undo b', 'undo a'])
    const again = await agent.recoverTransactions()
    expect(again).toMatchObject([{ undone: [], stuck: [{ tool: 'b', why: 'failed', message: expect.stringContaining('by hand') }] }])
    expect(log).toHaveLength(6)
    await agent.settleTransaction(again[0]?.transaction ?? '')
    expect(await agent.recoverTransactions()).toEqual([])
  })

  it('runs a compensation that was refused later, as it never ran', async () => {
    let closed = true
    const log: string[] = []
    const agent = new Agent({
      controls: [
        () => ({
          controls: [
            {
              name: 'closed',
              stage: 'evaluate',
              evaluate: async ({ tool }) =>
                closed && tool.name.startsWith('compensate.')
                  ? { verdict: 'deny', reason: { code: 'closed', message: 'Not now.' } }
                  : { verdict: 'pass' },
            },
          ],
        }),
      ],
    })
    const a = agent.tool({ name: 'a', input: z.object({}), execute: () => void log.push('a'), compensation: () => void log.push('undo a') })
    await expect(
      agent.transaction(async () => {
        await a({})
        throw new Error('no')
      }),
    ).rejects.toMatchObject({ stuck: [{ tool: 'a', why: 'refused' }] })
    closed = false
    expect(await agent.recoverTransactions()).toMatchObject([{ undone: ['a'], stuck: [] }])
    expect(await agent.recoverTransactions()).toEqual([])
    expect(log).toEqual(['a', 'undo a'])
  })

  it('undoes on abort and on timeout, once the steps that run have ended', async () => {
    const { agent, log, deleteUser } = world()
    const slow = agent.tool({
      name: 'slow',
      input: z.object({}),
      execute: (_, { signal }) =>
        new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => {
            log.push('slow ended')
            resolve()
          })
        }),
      compensation: () => void log.push('undo slow'),
    })
    const work = async () => {
      await deleteUser({ userId: '1' })
      await slow({})
    }
    const leaving = new AbortController()
    const aborted = agent.transaction(work, { signal: leaving.signal }).catch((error: unknown) => error)
    await vi.waitUntil(() => agent.traces.some(({ decision }) => decision.call.action === 'slow'))
    leaving.abort(new Error('gone'))
    expect(await aborted).toMatchObject({ message: 'gone' })
    expect(log).toEqual(['delete 1', 'slow ended', 'undo slow', 'restore 1 1'])
    log.length = 0
    await expect(agent.transaction(work, { timeout: 300 })).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(log).toEqual(['delete 1', 'slow ended', 'undo slow', 'restore 1 1'])
    await expect(agent.transaction(async () => 1, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before')
  })

  it('undoes only what came after the savepoint when a transaction inside fails', async () => {
    const { agent, log, deleteUser, charge } = world()
    await agent.transaction(async () => {
      await deleteUser({ userId: '1' })
      const inner = agent.transaction(async () => {
        await charge({ userId: '1', amount: 5 })
        throw new Error('inner')
      })
      await expect(inner).rejects.toThrow('inner')
      await charge({ userId: '1', amount: 6 })
    })
    expect(log).toEqual(['delete 1', 'charge 1 5', 'refund 1 5', 'charge 1 6'])
    log.length = 0
    const outer = agent.transaction(async () => {
      await deleteUser({ userId: '1' })
      await agent.transaction(async () => charge({ userId: '1', amount: 7 }))
      throw new Error('outer')
    })
    await expect(outer).rejects.toThrow('outer')
    expect(log).toEqual(['delete 1', 'charge 1 7', 'refund 1 7', 'restore 1 1'])
  })

  it('never mixes transactions that run at once', async () => {
    const { agent, log, deleteUser } = world()
    const one = (userId: string, fails: boolean) =>
      agent.transaction(async () => {
        for (const part of ['a', 'b']) {
          await deleteUser({ userId: userId + part })
          await new Promise((resolve) => setImmediate(resolve))
        }
        if (fails) throw new Error('no')
      })
    await Promise.allSettled(Array.from({ length: 20 }, (_, n) => one(`${n % 2 ? 'odd' : 'even'}${n}-`, n % 2 === 1)))
    const undone = log.filter((line) => line.startsWith('restore'))
    expect(undone).toHaveLength(20)
    for (const line of undone) expect(line).toContain('odd')
  })

  it('waits for a call that nobody awaited, and runs none once it is over', async () => {
    const { agent, log, deleteUser } = world()
    let late: Promise<unknown> = Promise.resolve()
    let floating: Promise<unknown> = Promise.resolve()
    const failing = agent.transaction(async () => {
      await deleteUser({ userId: '1' })
      late = new Promise((resolve) => setTimeout(resolve, 50)).then(() => deleteUser({ userId: '2' })).catch((error: unknown) => error)
      floating = deleteUser({ userId: '3' }).catch((error: unknown) => error)
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await late).toMatchObject({ code: 'transaction-over' })
    await floating
    expect(log.filter((line) => line.startsWith('delete')).length).toBe(log.filter((line) => line.startsWith('restore')).length)
    expect(log).not.toContain('delete 2')
  })

  it('undoes by a compensation that returns whatever it likes', async () => {
    const agent = new Agent()
    const act = agent.tool({ name: 'act', input: z.object({}), execute: () => null, compensation: () => ({ at: new Date() }) })
    const failing = agent.transaction(async () => {
      await act({})
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow(/^no$/)
  })

  it('holds a step for a person, and undoes the others when it is denied', async () => {
    const { agent, log, deleteUser, charge } = world({ controls: [humanApproval({ tools: ['delete_*'] })] })
    const running = agent.transaction(async () => {
      await charge({ userId: '1', amount: 1 })
      await deleteUser({ userId: '1' })
    })
    const { id } = await vi.waitUntil(async () => (await agent.approvals.pending())[0])
    await agent.approvals.deny(id, { by: 'User::bob' })
    await expect(running).rejects.toMatchObject({ code: 'approval-denied' })
    expect(log).toEqual(['charge 1 1', 'refund 1 1'])
  })

  it('does nothing that its journal did not take', async () => {
    let full = false
    const kept = memoryJournal()
    const journal: Journal = { ...kept, append: (entry) => (full ? Promise.reject(new Error('the disk is full')) : kept.append(entry)) }
    const { agent, log, deleteUser } = world({ journal })
    const failing = agent.transaction(async () => {
      await deleteUser({ userId: '1' })
      full = true
      await deleteUser({ userId: '2' })
    })
    await expect(failing).rejects.toBeInstanceOf(TransactionStuck)
    expect(log).toEqual(['delete 1'])
    full = false
    expect(await agent.recoverTransactions()).toMatchObject([{ undone: ['delete_user'] }])
    expect(log).toEqual(['delete 1', 'restore 1 1'])
  })
})

describe('a step that does not end', () => {
  /** Transactions that wait a moment only for what they gave up, and a step that ends when it is told to. */
  function impatient() {
    const undone: string[] = []
    const end = Promise.withResolvers<null>()
    const journal = memoryJournal()
    const all = transactions({
      journal,
      newId: () => crypto.randomUUID(),
      patience: 20,
      compensationOf: ({ tool }) => ({
        repeatable: false,
        run: async (_, __, began) => {
          await began()
          undone.push(tool)
        },
      }),
    })
    const step = (tool: string, work: Promise<null>) =>
      all.step(
        { tool, input: null },
        () => work,
        () => null,
      )
    const given = new AbortController()
    const failing = all.run(async () => {
      await step('quick', Promise.resolve(null))
      await all.run(async () => {
        setTimeout(() => given.abort(new Error('given up')), 20)
        await step('slow', end.promise)
      })
    }, given.signal)
    return { all, journal, undone, failing, end: () => end.resolve(null) }
  }

  it('is told to be stuck by the transaction around its own, and undone once it has ended', async () => {
    const { all, failing, undone, end } = impatient()
    await expect(failing).rejects.toMatchObject({ code: 'transaction-stuck', stuck: [{ tool: 'slow', why: 'unknown' }] })
    expect(undone).toEqual(['quick'])
    end()
    await vi.waitUntil(async () => (await all.recover())[0]?.undone.includes('slow'))
    expect(undone).toEqual(['quick', 'slow'])
    expect(await all.recover()).toEqual([])
  })

  it('ends after somebody has looked after its transaction, and keeps no other from being recovered', async () => {
    const { all, journal, failing, end } = impatient()
    const { transaction } = (await failing.catch((error: unknown) => error)) as TransactionStuck
    await journal.forget(transaction)
    end()
    await vi.waitUntil(async () => (await journal.read()).length > 0)
    expect(await all.recover()).toEqual([])
    expect(await journal.read()).toEqual([])
  })
})

type Part =
  | { do: 'call'; fails: boolean; undoFails: boolean }
  | { do: 'scope'; caught: boolean; throws: boolean; at_once: boolean; parts: Part[] }

const { part } = fc.letrec<{ part: Part }>((tie) => ({
  part: fc.oneof(
    { depthSize: 'small', withCrossShrink: true, maxDepth: 4 },
    fc.record({ do: fc.constant('call' as const), fails: fc.nat(3).map((n) => n === 0), undoFails: fc.nat(9).map((n) => n === 0) }),
    fc.record({
      do: fc.constant('scope' as const),
      caught: fc.boolean(),
      throws: fc.nat(3).map((n) => n === 0),
      at_once: fc.boolean(),
      parts: fc.array(tie('part'), { maxLength: 4 }),
    }),
  ),
}))

describe('a random transaction', () => {
  it('leaves each step done, undone once, or reported stuck, whatever fails and however it is nested', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 5 }), fc.boolean(), async (parts, throws) => {
        const agent = new Agent()
        const events: string[] = []
        const stuckUndo = new Set<number>()
        let next = 0
        const act = agent.tool({
          name: 'act',
          input: z.object({ n: z.number(), fails: z.boolean() }),
          execute: async ({ n, fails }) => {
            await new Promise((resolve) => setImmediate(resolve))
            if (fails) throw new Error('failed')
            events.push(`do ${n}`)
          },
          compensation: ({ n }) => {
            events.push(`undo ${n}`)
            if (stuckUndo.has(n)) throw new Error('undo failed')
          },
        })
        const failed = new Set<symbol>()
        const scopes = new Map<string, readonly symbol[]>()
        const run = async (list: readonly Part[], atOnce: boolean, fails: boolean, around: readonly symbol[]): Promise<void> => {
          const jobs = list.map((each) => async () => {
            if (each.do === 'call') {
              const n = next++
              scopes.set(`${n}`, around)
              if (each.undoFails) stuckUndo.add(n)
              await act({ n, fails: each.fails })
            } else {
              const scope = Symbol('savepoint')
              const inner = agent.transaction(() => run(each.parts, each.at_once, each.throws, [...around, scope]))
              inner.catch(() => failed.add(scope))
              await (each.caught ? inner.catch(() => undefined) : inner)
            }
          })
          if (atOnce) await Promise.all(jobs.map((job) => job()))
          else for (const job of jobs) await job()
          if (fails) throw new Error('thrown')
        }
        const ended = await agent
          .transaction(() => run(parts, false, throws, []))
          .then(
            () => 'kept',
            (error: unknown) => error,
          )
        const done = events.filter((event) => event.startsWith('do ')).map((event) => event.slice(3))
        const undone = events.filter((event) => event.startsWith('undo ')).map((event) => event.slice(5))
        expect(new Set(undone).size, 'at most once').toBe(undone.length)
        for (const n of undone) expect(done, 'undoes only what was done').toContain(n)
        const owed = done.filter((n) => ended !== 'kept' || scopes.get(n)?.some((scope) => failed.has(scope)))
        expect(undone.toSorted(), 'what failed is undone, and nothing else').toEqual(owed.toSorted())
        const stays = undone.filter((n) => stuckUndo.has(Number(n))).length
        const reported = (await agent.recoverTransactions()).flatMap(({ stuck }) => stuck)
        expect(reported, 'each stuck compensation is reported').toHaveLength(stays)
        expect(
          events.filter((event) => event.startsWith('undo ')),
          'and none is run again',
        ).toHaveLength(undone.length)
      }),
      { numRuns: 60 },
    )
  })

  it('undoes a sequence in the reverse of its order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(12), async (count) => {
        const { agent, log, charge } = world()
        const work = async () => {
          for (let amount = 0; amount < count; amount++) await charge({ userId: '1', amount })
          throw new Error('no')
        }
        await expect(agent.transaction(work)).rejects.toThrow('no')
        const amounts = Array.from({ length: count }, (_, n) => n)
        expect(log).toEqual([...amounts.map((n) => `charge 1 ${n}`), ...amounts.toReversed().map((n) => `refund 1 ${n}`)])
      }),
      { numRuns: 15 },
    )
  })
})
