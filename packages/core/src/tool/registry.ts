import type { ArgumentKind, Boundary, Effect, OutputLabel, TenantId, ToolFacts } from '../call.ts'
import type { JsonObject } from '../json.ts'

/** What a tool says of itself when it is registered. Registered once, digested and pinned. */
export interface ToolDeclaration {
  readonly name: string
  readonly description?: string
  /** JSON Schema 2020-12 of the input: an object; unknown keys are refused. */
  readonly input: JsonObject
  readonly effect: Effect
  /** The Cedar action; by default the tool's name. */
  readonly action?: string
  /** The top-level string argument that names the resource; by default `resource` where the schema has it, else `tool:<name>`. */
  readonly resource?: string
  readonly arguments?: { readonly [name: string]: ArgumentKind }
  readonly boundary?: Boundary
  /** Micro-dollars a call. */
  readonly cost?: number
  /** Always held for a person, whatever the policies say. */
  readonly approval?: boolean
  /**
   * Taints the session that reads its output: `none` for what only the house writes, `user` for what its people write, `untrusted` for mail, the
   * web and documents of others. By default `untrusted`, and `none` for a model (`model.call`), which knows nothing but what it was told.
   */
  readonly outputLabel?: OutputLabel
  /**
   * Its session begins anew once it has succeeded, as if nothing had entered: for a tool by which a person looks at what an agent read, or which
   * leaves of it only what the house can check. An agent that somebody injected may call it, too: let a person approve its calls (`approval`) unless it
   * sees to that itself. Its output is then of the house by default.
   */
  readonly declassifies?: boolean
}

export interface RegisteredTool {
  readonly declaration: ToolDeclaration
  readonly facts: ToolFacts
  /** A changed declaration waits for confirmation: calls are refused meanwhile. */
  readonly quarantined: boolean
  /** The declaration that was in force before one that waits. */
  readonly former?: ToolDeclaration
}

/** The digest that a tool may come back with once it was removed: none where its last change was never confirmed. */
export function formerDigest({ facts, quarantined }: Pick<RegisteredTool, 'facts' | 'quarantined'>): string {
  return quarantined ? '' : facts.digest
}

/** The registered tools of each tenant. */
export interface Tools {
  readonly find: (tenant: TenantId, name: string) => Promise<RegisteredTool | undefined>
  /** Sorted by name. */
  readonly list: (tenant: TenantId) => Promise<readonly RegisteredTool[]>
  /** Registers, or replaces the registration of the same name. */
  readonly put: (tenant: TenantId, tool: RegisteredTool) => Promise<void>
  /** `false` when no tool had that name. */
  readonly remove: (tenant: TenantId, name: string) => Promise<boolean>
  /** The `formerDigest` of the tool that had this name when it was removed, until one has it again: removing is no way round a change. */
  readonly former: (tenant: TenantId, name: string) => Promise<string | undefined>
}

/** Keeps registrations in memory: for tests and the in-process gate. Forgotten when the process ends. */
export function memoryTools(): Tools {
  const tenants = new Map<TenantId, Map<string, RegisteredTool>>()
  const removed = new Map<string, string>()
  const place = (tenant: TenantId, name: string) => JSON.stringify([tenant, name])
  return {
    find: async (tenant, name) => tenants.get(tenant)?.get(name),
    list: async (tenant) => [...(tenants.get(tenant)?.values() ?? [])].sort((a, b) => (a.declaration.name < b.declaration.name ? -1 : 1)),
    async put(tenant, tool) {
      const known = tenants.get(tenant) ?? new Map<string, RegisteredTool>()
      tenants.set(tenant, known.set(tool.declaration.name, Object.freeze({ ...tool })))
      removed.delete(place(tenant, tool.declaration.name))
    },
    async remove(tenant, name) {
      const tool = tenants.get(tenant)?.get(name)
      if (tool) removed.set(place(tenant, name), formerDigest(tool))
      return tenants.get(tenant)?.delete(name) ?? false
    },
    former: async (tenant, name) => removed.get(place(tenant, name)),
  }
}
