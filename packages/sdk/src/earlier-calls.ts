import type { Client } from '@agentgate/api'

/** Held calls of this agent that an earlier process asked for. */
export interface Earlier {
  /** Runs `ask` with those that a call of this tool may be; the one that it answers, it was. Such calls of one tool are asked in turn. */
  readonly among: <T extends { readonly id: string }>(tool: string, ask: (ids: readonly string[]) => Promise<T>) => Promise<T>
}

/** How many a call may be: those that were approved, then the last asked. */
const most = 20

/** What people were asked before this process began, and what may still run. Nothing where it cannot be read: then they are asked anew. */
export async function earlierCalls(clientOf: () => Promise<Client>): Promise<Earlier> {
  const held = new Map<string, readonly { readonly id: string; readonly until: number }[]>()
  const turns = new Map<string, Promise<unknown>>()
  try {
    const { items } = await (await clientOf()).approvals.list({ query: { limit: 200 } })
    const own = items.filter((each) => each.own)
    for (const { call, call_id: id, expires_at } of [
      ...own.filter(({ state }) => state === 'approved'),
      ...own.filter(({ state }) => state === 'pending'),
    ]) {
      const ids = held.get(call.tool.name) ?? []
      if (ids.length < most) held.set(call.tool.name, [...ids, { id, until: Date.parse(expires_at) }])
    }
  } catch {
    // The first call says what is wrong with the server.
  }

  return {
    async among(tool, ask) {
      if (!held.has(tool)) return ask([])
      const turn = (turns.get(tool) ?? Promise.resolve()).then(async () => {
        const open = (held.get(tool) ?? []).filter(({ until }) => until > Date.now())
        const answered = await ask(open.map(({ id }) => id))
        const left = open.filter(({ id }) => id !== answered.id)
        if (left.length > 0) held.set(tool, left)
        else held.delete(tool)
        return answered
      })
      turns.set(
        tool,
        turn.catch(() => undefined),
      )
      return turn
    },
  }
}
