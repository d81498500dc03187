import type { ChatMessage } from '@agentgate/api'
import { type Asker, type CallRecord, type JsonObject } from '@agentgate/core'
import type { House } from '../house.ts'
import { textIn } from '../text-in.ts'
import { rfc3339, statusOf, wireFinding, wireReason } from '../wire.ts'
import type { Turn } from './model.ts'
import { chatTool, continueTool, demoTools } from './tools.ts'

const ours: ReadonlySet<string> = new Set([chatTool.name, continueTool.name, ...demoTools.map(({ declaration }) => declaration.name)])
/** The most decisions of one person that are looked through for a conversation. */
const most = 1_000

/** The calls of a person's conversation, oldest first, each by its newest decision: what the ledger has of it, masked. */
export async function conversation({ calls }: Pick<House, 'calls'>, asker: Asker, session: string): Promise<readonly CallRecord[]> {
  return (await chats({ calls }, asker)).filter(({ decision }) => decision.call.session === session).toReversed()
}

/** The sessions in which a person has chatted, newest first. */
export async function sessionsOf(
  { calls }: Pick<House, 'calls'>,
  asker: Asker,
): Promise<{ session_id: string; at: string; messages: number }[]> {
  const bySession = Map.groupBy(await chats({ calls }, asker), ({ decision }) => decision.call.session)
  return [...bySession].map(([session_id, [newest, ...rest]]) => ({
    session_id,
    at: rfc3339(newest?.decision.issuedAt ?? 0),
    messages: rest.length + 1,
  }))
}

async function chats({ calls }: Pick<House, 'calls'>, { principal: { tenant, id } }: Asker): Promise<readonly CallRecord[]> {
  const found = new Map<string, CallRecord>()
  let before: string | undefined
  for (let seen = 0; seen < most; seen += 200) {
    const page = await calls.list(tenant, { principal: id, limit: 200, ...(before !== undefined && { before }) })
    for (const record of page) {
      const { call } = record.decision
      if (ours.has(call.tool.name) && !found.has(call.id)) found.set(call.id, record)
    }
    before = page.at(-1)?.decision.id
    if (page.length < 200) break
  }
  return [...found.values()]
}

/** What a model may know of a conversation: its last twenty exchanges, masked, without those that were refused. */
export function turnsOf(records: readonly CallRecord[]): readonly Turn[] {
  return records.slice(-20).flatMap(({ decision: { call }, outcome }): readonly Turn[] => {
    if (outcome?.status !== 'succeeded') return []
    const answer: Turn = { role: 'assistant', text: textIn(outcome.output, 'answer') }
    if (call.tool.name === chatTool.name) return [{ role: 'user', text: textIn(call.input, 'text') }, answer]
    if (call.tool.name === continueTool.name)
      return [{ role: 'tool', tool: textIn(call.input, 'tool'), text: textIn(call.input, 'result') }, answer]
    return []
  })
}

/** The steps of a conversation as its person may see them: restored where the session's tokens still can be. */
export async function messagesOf({ mask }: Pick<House, 'mask'>, records: readonly CallRecord[]): Promise<readonly ChatMessage[]> {
  const masked = records.map(
    ({ decision, outcome }): JsonObject => ({
      input: decision.call.input,
      output: outcome?.status === 'succeeded' ? outcome.output : null,
    }),
  )
  const [newest] = records.slice(-1)
  if (!newest) return []
  // At once, as it is one look at values; each by itself where one of them cannot be.
  const seen = await mask
    .restore(masked, newest.decision.call)
    .catch(async () => Promise.all(masked.map(async (each) => mask.restore(each, newest.decision.call).catch(() => each))))
  return records.map((record, at) => messageOf(record, seen[at] ?? {}))
}

function messageOf({ decision, outcome }: CallRecord, seen: JsonObject): ChatMessage {
  const { id, call, verdict, reason, findings, approval, issuedAt } = decision
  const { name } = call.tool
  const role = name === chatTool.name ? 'user' : name === continueTool.name ? 'continuation' : 'tool'
  const told = role === 'user' ? 'text' : role === 'continuation' ? 'result' : 'request'
  const answer =
    outcome?.status !== 'succeeded' ? undefined : role === 'tool' ? JSON.stringify(seen['output']) : textIn(seen['output'], 'answer')
  return {
    id: call.id,
    at: rfc3339(issuedAt),
    role,
    tool: name,
    status: statusOf(decision, outcome),
    text: textIn(seen['input'], told),
    verdict,
    ...(reason && { reason: wireReason(reason) }),
    ...(verdict === 'allow' && { sent: textIn(call.input, told) }),
    ...(answer !== undefined && { answer }),
    findings: findings.map(wireFinding),
    ...(approval !== undefined && { approval_id: approval }),
    trace_id: call.id,
    certificate_id: id,
  }
}
