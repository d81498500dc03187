import { randomBytes } from 'node:crypto'
import {
  type Asker,
  auditKey,
  auditLog,
  canonical,
  type Clock,
  createGate,
  createRecorder,
  imaginedTool,
  localSigner,
  type Mask,
  memoryApprovals,
  memoryCalls,
  memoryCounter,
  memoryLedger,
  memoryTaints,
  type Parse,
  type PlanAnswer,
  type PlanStep,
  type PolicyCache,
  type PolicySet,
  type RegisteredTool,
  register,
  type Risk,
  sha256,
  type TenantId,
  type Tools,
  walkPlan,
} from '@agentgate/core'
import { governing, type GoverningOptions } from './governing.ts'
import type { Prover } from './proof/prover.ts'

export interface PlanningOptions extends Pick<GoverningOptions, 'tool' | 'grants' | 'guard' | 'approvalTimeout' | 'chatRate' | 'newId'> {
  readonly tools: Pick<Tools, 'find'>
  /** Reads a step by the schema of its tool, as a call is read. */
  readonly parse: (tools: Pick<Tools, 'find'>) => Parse
  /** Masks by a vault of its own, which is gone with the plan. */
  readonly mask: () => Mask
  readonly prove: Prover['prove']
  readonly clock: Clock
}

export interface Plan {
  readonly asker: Asker
  readonly steps: readonly PlanStep[]
  readonly risk: Risk
  /** What it is judged by. */
  readonly sets: readonly PolicySet[]
  /** Compiled sets, where these are of the house. */
  readonly cache?: PolicyCache
  readonly signal?: AbortSignal
}

/** Decides plans as the server would decide their calls, on stores in memory: nothing is executed, kept or counted. */
export function planning({ tools, parse, mask, prove, clock, ...options }: PlanningOptions): (plan: Plan) => Promise<PlanAnswer> {
  return async ({ asker, steps, sets, cache, ...plan }) => {
    const planned = await plannedTools(steps, (name) => tools.find(asker.principal.tenant, name))
    const named = new Map([...planned.values()].map((each) => [each.tool.declaration.name, each]))
    const active = async () => sets
    // What is imagined has no schema: types follow the values, as for a tool that nobody registered.
    const tool = async (tenant: TenantId, name: string) => (named.get(name)?.imagined ? undefined : options.tool(tenant, name))
    const approvals = memoryApprovals()
    const { detect, controls } = governing({
      ...options,
      active,
      tool,
      ...(cache && { cache }),
      approvals,
      counter: memoryCounter(),
      taints: memoryTaints(),
      commitment: randomBytes(32),
    })
    const calls = memoryCalls()
    const ledger = memoryLedger({ clock, beside: (tenant, id, record) => calls.beside(tenant, id, record) })
    const audit = auditLog({ ledger, key: auditKey(randomBytes(32)), clock })
    const { as } = createGate({
      parse: parse({ find: async (_, name) => named.get(name)?.tool }),
      detect,
      mask: mask(),
      controls,
      prove: (draft) => prove(draft, { policies: { active }, tool, approvals, grants: options.grants }),
      recorder: createRecorder({ ledger, signer: localSigner(randomBytes(32)), audit, clock }),
      calls,
      clock,
      newId: options.newId,
    })
    const session = options.newId()
    return walkPlan(
      as(async () => asker),
      { steps, ...plan },
      ({ action, resource, input = {} }) => {
        const { name = action, resource: field = 'resource' } = planned.get(action)?.tool.declaration ?? {}
        return { action: name, input: { ...input, ...(resource !== undefined && { [field]: resource }) }, session }
      },
    )
  }
}

interface PlannedTool {
  readonly tool: RegisteredTool
  readonly imagined: boolean
}

/** The tool of each action that is planned: the registered one, else one that is imagined. */
async function plannedTools(
  steps: readonly PlanStep[],
  find: (name: string) => Promise<RegisteredTool | undefined>,
): Promise<ReadonlyMap<string, PlannedTool>> {
  const found = new Map<string, PlannedTool>()
  for (const action of new Set(steps.map((step) => step.action))) {
    const { name, effect } = imaginedTool(action)
    const known = (await find(action)) ?? (await find(name))
    const tool =
      known ??
      register({ name, effect, input: { type: 'object', additionalProperties: true } }, (declaration) => sha256(canonical(declaration)))
    found.set(action, { tool, imagined: known === undefined })
  }
  return found
}
