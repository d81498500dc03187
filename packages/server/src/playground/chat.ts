import type { ChatAnswer, ChatMessage } from '@agentgate/api'
import {
  type Approval,
  type Asker,
  type CallRequest,
  type Gate,
  govern,
  isObject,
  type Json,
  type JsonObject,
  type MaskedCall,
  type TenantId,
} from '@agentgate/core'
import type { House } from '../house.ts'
import { textIn } from '../text-in.ts'
import { conversation, messagesOf, turnsOf } from './history.ts'
import { answerOf, type Exchange, exchangeOf, type Governed } from './exchange.ts'
import type { ToolWish, Turn } from './model.ts'
import { chatTool, continueTool, type DemoTool, demoTools, offered } from './tools.ts'

export interface Chat {
  readonly say: (asker: Asker, message: { session: string; text: string; shadowed?: readonly string[] }) => Promise<Exchange>
  /** Runs what waited for this approval, once, and goes on with the chat; or puts on record that it was refused. */
  readonly answered: (approval: Approval) => Promise<void>
  readonly history: (asker: Asker, session: string) => Promise<readonly ChatMessage[]>
}

/** Whether the server itself runs a call of this tool once it is approved. */
export function isServed({ tool }: Pick<MaskedCall, 'tool'>): boolean {
  return toolNamed(tool.name) !== undefined
}

/** A chat with a model through the gate, like any other call: the model gets tokens, the person gets the values back. */
export function createChat(house: House, askerOf: (call: MaskedCall) => Promise<Asker>): Chat {
  const { model } = house

  return {
    async say(asker, { session, text, shadowed }) {
      const gate = house.gate(async () => asker, shadowed)
      const before = turnsOf(await conversation(house, asker, session))
      const request = { action: chatTool.name, input: { text }, session }
      const said = await ask(gate, request, (input) => [...before, { role: 'user', text: textIn(input, 'text') }])
      const first = answerOf(model.name, session, said)
      return said.wish ? runWish(gate, asker.principal.tenant, session, said.wish, first) : exchangeOf(first, said)
    },

    async answered({ call, callId }) {
      const demo = toolNamed(call.tool.name)
      if (!demo) return
      const gate = house.gate(async () => askerOf(call))
      try {
        const governed = await govern(gate, { resume: callId }, executing(demo, call.tenant))
        if (governed.decision.verdict !== 'hold') await goOn(gate, governed)
      } catch (error) {
        await house.shutOut(call, error)
      }
    },

    async history(asker, session) {
      return messagesOf(house, await conversation(house, asker, session))
    },
  }

  /** One governed turn of the model. `sent` is what it received: the masked text. A wish comes with restored arguments. */
  async function ask(gate: Gate, request: CallRequest, turns: (input: JsonObject) => readonly Turn[]) {
    let sent: string | undefined
    const governed = await govern(gate, request, async (input) => {
      const all = turns(input)
      sent = all.at(-1)?.text
      const { text, wish } = await model.answer(all, offered)
      return { answer: text, ...(wish && { tool: wish.tool, input: wish.input }) }
    })
    const output = governed.outcome.status === 'succeeded' ? governed.outcome.output : undefined
    const wish = wishIn(output)
    return { ...governed, ...(sent !== undefined && { sent }), ...(wish && { wish }) }
  }

  async function runWish(gate: Gate, tenant: TenantId, session: string, { tool, input }: ToolWish, first: ChatAnswer): Promise<Exchange> {
    const demo = toolNamed(tool)
    const governed = await govern(gate, { action: tool, input, session }, executing(demo, tenant))
    const answer = governed.decision.verdict === 'allow' ? await goOn(gate, governed) : undefined
    return exchangeOf({ ...first, ...(answer !== undefined && { answer }) }, governed, tool)
  }

  /** Tells the model what became of the tool it asked for. */
  async function goOn(gate: Gate, { decision: { call }, outcome }: Governed): Promise<string | undefined> {
    const why = 'reason' in outcome ? outcome.reason.code : 'it failed'
    const result = outcome.status === 'succeeded' ? JSON.stringify(outcome.output) : `it did not run: ${why}`
    const { name } = call.tool
    const request = { action: continueTool.name, input: { tool: name, result }, session: call.session }
    const { outcome: said } = await ask(gate, request, (input) => [{ role: 'tool', tool: name, text: textIn(input, 'result') }])
    return said.status === 'succeeded' ? textIn(said.output, 'answer') : undefined
  }

  /** Runs a tool of the playground, and leaves an audit event each time that it really ran. */
  function executing(demo: DemoTool | undefined, tenant: TenantId) {
    return async (input: JsonObject) => {
      if (!demo) throw new Error('The playground does not run this tool.')
      const output = await demo.execute(input)
      await house.audit.record(tenant, { type: 'tool.executed', facts: { tool: demo.declaration.name } })
      return output
    }
  }
}

function toolNamed(name: string): DemoTool | undefined {
  return demoTools.find(({ declaration }) => declaration.name === name)
}

function wishIn(output: Json | undefined): ToolWish | undefined {
  if (!isObject(output)) return undefined
  const { tool, input } = output
  return typeof tool === 'string' && isObject(input) ? { tool, input } : undefined
}
