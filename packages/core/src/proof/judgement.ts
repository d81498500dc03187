import type { MaskedCall } from '../call.ts'
import type { Draft } from '../decision.ts'
import { isObject } from '../json.ts'
import type { MatchedFact } from '../policy/matched.ts'
import type { PolicyTool } from '../policy/schema.ts'
import type { PolicySyntax } from './syntax.ts'

/** What was read for a proof besides its decision. Kept with the decision's private record, so that its theorem can be written again. */
export interface Basis {
  /** 32 random bytes, hex: what makes the theorem's hash tell nothing of its facts. */
  readonly salt: string
  /** The sets that were active when the proof was made, read anew and not taken from who judged by them. */
  readonly sets: readonly { readonly id: string; readonly digest: string }[]
  readonly tool: PolicyTool | null
  /** The approval that the call brings, as its table has it. */
  readonly approval: ApprovalOnFile | null
  /** What the control bound the call to, of its raw input too: SHA-256, hex, over the salt and that. Absent where none did. */
  readonly binding?: string
  /** What those who ask were handed, as its table has it; absent where nobody can be handed anything. */
  readonly grants?: GrantsOnFile
  /** What the house does about obligations by itself. */
  readonly house: { readonly reserves: boolean; readonly masks: readonly string[] }
}

/** An approval as its table has it. */
export interface ApprovalOnFile {
  readonly id: string
  readonly call: string
  readonly state: string
  readonly expiresAt: number
  /** What people were asked about. */
  readonly of: Bound
  readonly answers: readonly { readonly by: string; readonly approved: boolean; readonly roles: readonly string[] }[]
}

/** What an approval is for: this call of this asker, and no other. `tool` is its digest, `binding` salted as in the basis. */
export interface Bound {
  readonly tenant: string
  readonly principal: string
  readonly person: string
  readonly session: string
  readonly tool: string
  readonly action: string
  readonly resource: string
  readonly binding: string
}

/** A call in no conversation is a session of its own: asked again it is the same call. */
export function boundBy({ id, tenant, principal, session, tool, action, resource }: MaskedCall, binding: string): Bound {
  const { id: who, onBehalfOf: person = '' } = principal
  const conversation = session === (id as string) ? '' : session
  return { tenant, principal: who, person, session: conversation, tool: tool.digest, action, resource, binding }
}

/** What the control that finds answers again bound the call to; `salted`, as it is never published and a theorem's script is. */
export function bindingOf(findings: Draft['findings'], salted: (binding: string) => string): { readonly binding?: string } {
  const held = findings.find(({ control }) => control === 'approval')?.held
  const binding = isObject(held) ? held['binding'] : undefined
  return typeof binding === 'string' ? { binding: salted(binding) } : {}
}

/** The grants of those who ask for a call. */
export interface GrantsOnFile {
  /** Those of them who were ever handed a grant. */
  readonly bound: readonly string[]
  /** What they hold and bring, each with all that it is handed on from. */
  readonly chains: readonly (readonly GrantOnFile[])[]
}

/** A grant as its table has it. Times in milliseconds since 1970, costs in micro-dollars. */
export interface GrantOnFile {
  readonly id: string
  readonly tenant: string
  readonly issuer: string
  readonly holder: string
  readonly parent?: string
  readonly actions: readonly string[]
  readonly resources: readonly string[]
  readonly constraints?: { readonly maxCost?: number; readonly taint?: string }
  readonly obligations?: readonly string[]
  readonly issuedAt: number
  readonly expiresAt: number
  readonly revokedAt?: number
  readonly unsigned?: true
}

/** What a theorem is of: plain data. */
export interface Judged extends Pick<Draft, 'verdict' | 'issuedAt' | 'expiresAt'> {
  readonly decision: string
  readonly call: MaskedCall
  readonly findings: readonly { readonly control: string; readonly verdict: string; readonly code: string | null }[]
  /** What the control that evaluated the policies says: by which sets, and which of their policies decided. */
  readonly policy: Draft['policy']
}

/** The policies of all active sets, each named `set/policy`, and the regular expressions that they ask for. */
export interface ReadPolicies {
  readonly policies: readonly PolicySyntax[]
  readonly matches: readonly MatchedFact[]
}

/** Whoever asked for a held call may not ask any more: it is refused on nobody's credential. */
export function isShutOut({ findings }: Judged): boolean {
  return findings.some(({ control, verdict }) => control === 'identify' && verdict === 'deny')
}

/** Whether the control that evaluates policies gave an answer. */
export function wereAsked({ findings }: Judged): boolean {
  const found = findings.find(({ control }) => control === 'policy')
  return found !== undefined && found.code !== 'control-failed'
}

/** How many different people with a role approved. */
export function approvers({ approval }: Basis, role: string): number {
  return new Set(approval?.answers.flatMap(({ by, approved, roles }) => (approved && roles.includes(role) ? by : []))).size
}

/** `confirmed`, `approval legal 2`, `rate 100/1m`, `budget 10.00/1d`, `mask SSN,EMAIL`: a limit is discharged by the control that reserves. */
export function isDischarged(name: string, { call, findings, verdict }: Judged, { house: { reserves, masks } }: Basis): boolean {
  const [obligation, value = ''] = name.split(' ')
  switch (obligation) {
    case 'confirmed':
      return call.context['confirmed'] === true
    case 'approval': {
      const approval = call.context['approval']
      const given = isObject(approval) ? approval['given'] : undefined
      const [role = '', least = '1'] = name.split(' ').slice(1)
      return isObject(given) && Object.hasOwn(given, role) && Number(given[role]) >= Number(least)
    }
    case 'rate':
    case 'budget':
      return reserves && (verdict !== 'allow' || findings.some(({ control }) => control === 'obligations'))
    case 'mask':
      return call.tool.boundary === 'external' && value.split(',').every((kind) => masks.includes(kind))
    default:
      return false
  }
}
