import { createHmac } from 'node:crypto'
import {
  type Approvals,
  approval,
  canonical,
  type Control,
  type Counter,
  type Detect,
  type Grants,
  type Json,
  lineage,
  owedLimits,
  policy,
  type PolicyCache,
  type PolicyControl,
  type PolicySet,
  type PolicyTool,
  provenance,
  rate,
  type Taints,
  type TenantId,
  threat,
} from '@agentgate/core'
import { chatTool } from './playground/tools.ts'
import { discharging } from './policies/discharging.ts'

export interface GoverningOptions {
  readonly active: (tenant: TenantId) => Promise<readonly PolicySet[]>
  /** What the registry knows of a tool, as policies see it. */
  readonly tool: (tenant: TenantId, name: string) => Promise<PolicyTool | undefined>
  readonly cache?: PolicyCache
  readonly approvals: Approvals
  readonly counter: Counter
  readonly taints: Taints
  /** What was handed on, and to whom. */
  readonly grants: Pick<Grants, 'held' | 'chain'>
  /** What looks at calls that may run before all others do, never in shadow. */
  readonly first?: readonly Detect[]
  /** Looks for orders to models; absent: nobody does. */
  readonly guard?: Detect | undefined
  /** 32 random bytes, under which a call is bound to its approval. */
  readonly commitment: Uint8Array
  /** How long people have to answer a held call: milliseconds. */
  readonly approvalTimeout: number
  readonly chatRate: { readonly max: number; readonly window: number }
  readonly newId: () => string
}

/** What looks at calls and decides them on a server: the same for those that run and for those that are only planned. */
export interface Governing {
  readonly detect: readonly Detect[]
  readonly controls: readonly Control[]
  readonly judging: PolicyControl
  /** Of `detect`, what finds the answer of people again. It never runs in shadow. */
  readonly recall: Detect
}

export function governing(options: GoverningOptions): Governing {
  const {
    active,
    tool,
    cache,
    approvals,
    counter,
    taints,
    grants,
    first = [],
    guard,
    commitment,
    approvalTimeout,
    chatRate,
    newId,
  } = options
  const asking = approval({
    approvals,
    commit: (value: Json) => createHmac('sha256', commitment).update(canonical(value)).digest('hex'),
    timeout: approvalTimeout,
    newId,
  })
  const judging = policy({ active, tool, ...(cache && { cache }), ...discharging })
  return {
    detect: [...first, threat(), ...(guard ? [guard] : []), provenance({ taints }), asking.recall],
    controls: [
      lineage({ grants }),
      judging,
      owedLimits({ counter }),
      rate({
        counter,
        maxCalls: chatRate.max,
        window: chatRate.window,
        scope: 'user',
        applies: (call) => call.tool.name === chatTool.name,
      }),
      ...asking.controls,
    ],
    judging,
    recall: asking.recall,
  }
}
