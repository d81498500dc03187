import type { MaskedCall } from '../call.ts'
import type { Obligation } from '../decision.ts'
import { isObject, type Json } from '../json.ts'

/** `met`: nothing more is needed here. `open`: somebody can supply what is missing. `stuck`: nothing in this process does what it asks. */
export type Standing = 'met' | 'open' | 'stuck'

/** What the house around the policies does about obligations by itself. What it does not do stays undischarged. */
export interface Discharging {
  /** A control reserves `@rate` and `@budget` right after the policies (`owedLimits`), and denies where it cannot. */
  readonly reserves?: boolean
  /** The kinds of personal data that the mask replaces by tokens. */
  readonly masks?: ReadonlySet<string>
}

/**
 * Whether the call's facts, and what the house does with it, discharge an obligation. `role`: whose approvals its policy counts,
 * where it names a role.
 */
export function standing(
  { name, value }: Obligation,
  call: MaskedCall,
  { reserves = false, masks }: Discharging,
  role: string | undefined,
): Standing {
  const approval = call.context['approval']
  switch (name) {
    case 'approval':
      return approvals(approval, value) >= 1 ? 'met' : 'open'
    case 'approval_quorum':
      return approvals(approval, role) >= Number(value) ? 'met' : 'open'
    case 'mfa':
      return call.principal.mfa ? 'met' : 'open'
    case 'confirm':
      return call.context['confirmed'] === true ? 'met' : 'open'
    case 'rate':
    case 'budget':
      return reserves ? 'met' : 'stuck'
    case 'mask':
      // A trusted tool gets the values back, so nothing stays masked for it.
      return call.tool.boundary === 'external' && value.split(',').every((kind) => masks?.has(kind)) ? 'met' : 'stuck'
    default:
      return 'stuck'
  }
}

/** How many people approved, of a role or in all. */
function approvals(fact: Json | undefined, role = 'any'): number {
  if (!isObject(fact)) return 0
  const given = fact['given']
  const count = role === 'any' ? fact['quorum'] : isObject(given) && Object.hasOwn(given, role) ? given[role] : 0
  return typeof count === 'number' ? count : 0
}
