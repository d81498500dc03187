import type { Head, Ledger, Policies, PolicySet, RegisteredTool, TenantId, Tools } from '@agentgate/core'

/**
 * Ports that remember what they read, for the one process that a store folder is locked for: every change goes through them,
 * so what they remember is what is stored. A question waits behind the writes of others; these are asked for each call.
 */
export function rememberingTools(tools: Tools): Tools {
  const known = remembered<RegisteredTool | undefined>()
  return {
    ...tools,
    find: async (tenant, name) => known.get(tenant, name, () => tools.find(tenant, name)),
    put: async (tenant, tool) => known.change(tenant, () => tools.put(tenant, tool)),
    remove: async (tenant, name) => known.change(tenant, () => tools.remove(tenant, name)),
  }
}

/** What is active is asked for again after each change of a standing, whatever became of the change. */
export function rememberingPolicies(policies: Policies): Policies {
  const active = remembered<readonly PolicySet[]>()
  return {
    ...policies,
    active: async (tenant) => active.get(tenant, '', () => policies.active(tenant)),
    move: async (tenant, ...change) => active.change(tenant, () => policies.move(tenant, ...change)),
  }
}

/** The head is told by each append; of two, the longer tree is the later. An append that nobody can tell of is asked about. */
export function rememberingLedger(ledger: Ledger): Ledger {
  const heads = new Map<TenantId, Head>()
  const learn = (tenant: TenantId, head: Head): Head => {
    const before = heads.get(tenant)
    if (!before || before.size <= head.size) heads.set(tenant, head)
    return head
  }
  return {
    ...ledger,
    async append(tenant, entries, given) {
      try {
        const appended = await ledger.append(tenant, entries, given)
        if ('first' in appended) learn(tenant, appended.head)
        else heads.delete(tenant)
        return appended
      } catch (error) {
        heads.delete(tenant)
        throw error
      }
    },
    head: async (tenant) => heads.get(tenant) ?? learn(tenant, await ledger.head(tenant)),
  }
}

/** Answers by tenant and name, forgotten as a whole before and after each change of the tenant: a reader never keeps what a change overtook. */
function remembered<T>() {
  const answers = new Map<TenantId, Map<string, Promise<T>>>()
  return {
    get(tenant: TenantId, name: string, ask: () => Promise<T>): Promise<T> {
      const mine = answers.get(tenant) ?? new Map<string, Promise<T>>()
      answers.set(tenant, mine)
      if (mine.size > 2_000) mine.clear()
      const before = mine.get(name)
      if (before) return before
      const asked = ask()
      mine.set(name, asked)
      asked.catch(() => mine.delete(name))
      return asked
    },
    async change<R>(tenant: TenantId, work: () => Promise<R>): Promise<R> {
      try {
        return await work()
      } finally {
        answers.delete(tenant)
      }
    },
  }
}
