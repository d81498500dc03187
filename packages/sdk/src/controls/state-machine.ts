import { type Control, isObject, keyOf, matchesGlob, type MaskedCall, refusal, type Scope } from '@agentgate/core'
import type { House } from './control.ts'

/** From one state to another, when a call of such a tool succeeds. */
export interface Move {
  readonly from: string
  /** A glob of tool names: `approve_*`. */
  readonly tool: string
  readonly to: string
}

/**
 * Calls lead from state to state: of the tools that its moves name, only those may be called that have a move from the state that
 * it is in, and one at a time. `session` has a state of its own unless told. It stays where it is when a call fails, or when its output
 * is kept back.
 */
export interface MachinePolicy {
  readonly start: string
  readonly moves: readonly Move[]
  readonly scope?: Scope | readonly Scope[]
}

/** A total that is never reached. */
const most = 2 ** 52

/**
 * The state is a total modulo the number of states, so that it is shared wherever the agent's limits are, and a move counts once.
 * Whoever calls holds the one turn there is until the call is settled: a turn that a crash left comes back when it lapses.
 */
export function machine(
  { start, moves, scope = 'session' }: MachinePolicy,
  counted: (call: MaskedCall) => boolean,
): (name: string, house: House) => readonly Control[] {
  const states = [...new Set([start, ...moves.flatMap(({ from, to }) => [from, to])])]
  if (moves.length === 0) throw new TypeError('A state machine has `moves`, such as `{ from: "draft", tool: "review", to: "reviewed" }`')
  for (const { from, tool } of moves) {
    if (moves.filter((each) => each.from === from && each.tool === tool).length > 1)
      throw new TypeError(`The state machine has two moves from \`${from}\` by \`${tool}\`: give each its own`)
  }
  const place = (state: string) => states.indexOf(state)

  return (name, { counter, countsOf, clock }) => {
    const counts = countsOf(['machine', start, moves.map(({ from, tool, to }) => [from, tool, to]), [scope].flat()])
    const keyFor = (what: string, call: MaskedCall) => `${counts}/${what}/${keyOf(call, scope)}`
    const newId = () => `${name}/${crypto.randomUUID()}`

    async function totalOf(call: MaskedCall, now: number): Promise<number> {
      const id = newId()
      const { used } = await counter.reserve({ id, key: keyFor('state', call), amount: 0 }, { max: most }, now)
      await counter.release(id)
      return used
    }

    return [
      {
        name,
        stage: 'reserve',
        async evaluate(call, { now }) {
          if (!counted(call) || !moves.some(({ tool }) => matchesGlob(tool, call.tool.name))) return { verdict: 'pass' }
          const turn = newId()
          const taken = await counter.reserve({ id: turn, key: keyFor('turn', call), amount: 1 }, { max: 1 }, now)
          if (!taken.ok)
            return refusal(
              'out-of-order',
              `\`${call.tool.name}\` waits for another call to end, as only one at a time may: try again then.`,
            )
          const state = states[(await totalOf(call, now)) % states.length]
          const move = moves.find(({ from, tool }) => from === state && matchesGlob(tool, call.tool.name))
          if (move) return { verdict: 'pass', held: { turn, by: (place(move.to) - place(move.from) + states.length) % states.length } }
          await counter.release(turn)
          const could = [...new Set(moves.flatMap(({ from, tool }) => (from === state ? tool : [])))].map((each) => `\`${each}\``)
          const next = could.length > 0 ? `call ${could.slice(0, 5).join(' or ')} first` : 'nothing comes after it'
          return refusal('out-of-order', `\`${call.tool.name}\` is not called in the state \`${state}\`: ${next}.`)
        },
        async settle(outcome, held, call) {
          const { turn, by } = isObject(held) ? held : {}
          if (typeof turn !== 'string' || typeof by !== 'number') return outcome
          if (outcome.status === 'succeeded' && by > 0) {
            const id = newId()
            await counter.reserve({ id, key: keyFor('state', call), amount: by }, { max: most }, clock.now())
            await counter.commit(id)
          }
          await counter.release(turn)
          return outcome
        },
      },
    ]
  }
}
