import type { Call } from '../call.ts'
import type { Detect } from '../control.ts'
import type { Found } from '../decision.ts'
import { isObject, type Json } from '../json.ts'
import { conversationIn, isResult } from './conversation.ts'
import { promptInjection } from './prompt/guard.ts'
import { type Taint, type Tainted, taints as labels, type Taints, unnamed, worse } from './taints.ts'

/**
 * Where content came from, as far as a gate can know: what goes through a model cannot be traced, so a session is as little trusted as the worst
 * that has entered it, from then on. Publishes `taint`: `none`, `user` or `untrusted`.
 *
 * A session is tainted by labels of its caller, which only raise; by messages of a conversation (`user` by people, `untrusted` by every role but
 * `system`, `developer`, `assistant`, `model` and `user`); by the output of tools, errors and lost answers included, unless their registration
 * says that it is of the house; and by any output in which another detector found orders to a model, or that it could not judge. It begins anew by
 * the word of a person, or with the answer of a tool that declassifies. Calls of no session are one session of their principal: name
 * sessions, where there are conversations, or the first page from outside taints them all.
 */
export function provenance({ taints }: { readonly taints: Taints }): Detect {
  return {
    name: 'provenance',
    async evaluate(call) {
      const entered = worse(known(call.context['taint']), labelOf(call.input))
      const mark = await taints.find(placeOf(call))
      const taint = worse(mark, entered)
      if (taint !== mark) await taints.raise(placeOf(call), taint)
      return { verdict: 'pass', facts: { taint } }
    },
    async inspect(_, call, { earlier, status }) {
      const sound = earlier.every((found) => found.verdict === 'pass' && !maySteer(found))
      const anew = call.tool.declassifies === true && status === 'succeeded' && sound
      const before = anew ? await taints.reset(placeOf(call)) : undefined
      const taint = worse(call.tool.outputLabel ?? 'untrusted', earlier.some(maySteer) ? 'untrusted' : 'none')
      if (taint !== 'none') await taints.raise(placeOf(call), taint)
      return { verdict: 'pass', facts: { taint, ...(before !== undefined && { declassified: before }) } }
    },
  }
}

/** A call of no session has its own id for one. */
const placeOf = ({ id: call, principal: { tenant, id }, session }: Call): Tainted => ({
  tenant,
  id,
  session: String(session) === String(call) ? unnamed : session,
})

/** A label that is not known says the worst. */
function known(label: Json | undefined): Taint {
  return labels.find((each) => each === label) ?? 'untrusted'
}

function maySteer({ facts }: Found): boolean {
  const kinds = facts?.['threat_kinds']
  if (facts?.['prompt_guard'] === 'unavailable') return true
  return Array.isArray(kinds) && kinds.includes(promptInjection)
}

const byRole: { readonly [role: string]: Taint } = {
  system: 'none',
  developer: 'none',
  assistant: 'none',
  model: 'none',
  user: 'user',
}

/** What enters with the messages of a conversation. */
function labelOf(input: Json): Taint {
  return (conversationIn(input)?.messages ?? []).reduce<Taint>((taint, message) => worse(taint, roleOf(message)), 'none')
}

function roleOf(message: Json): Taint {
  const role = isObject(message) ? message['role'] : undefined
  if (isResult(message) || carriesResults(message)) return 'untrusted'
  // Of OpenAI's responses: the model's own.
  if (isObject(message) && role === undefined && (message['type'] === 'function_call' || message['type'] === 'reasoning')) return 'none'
  return typeof role === 'string' && Object.hasOwn(byRole, role) ? (byRole[role] ?? 'untrusted') : 'untrusted'
}

/** Anthropic's messages and Google's contents carry the results of tools as parts of what the user says. */
function carriesResults(message: Json): boolean {
  const parts = isObject(message) ? (message['content'] ?? message['parts']) : undefined
  return Array.isArray(parts) && parts.some(isResult)
}
