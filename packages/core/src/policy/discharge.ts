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

/** Whether the call's facts, and what the house does with it, discharge an obligation. */
export function standing({ name, value }: Obligation, call: MaskedCall, { reserves = false, masks }: Discharging): Standing {
  const approval = call.context['approval']
  switch (name) {
    case 'approval':
      return isObject(approval) && (value === 'any' || includes(approval['roles'], value)) ? 'met' : 'open'
    case 'approval_quorum': {
      const given = isObject(approval) && typeof approval['quorum'] === 'number' ? approval['quorum'] : 0
      return given >= Number(value) ? 'met' : 'open'
    }
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

function includes(list: Json | undefined, value: string): boolean {
  return Array.isArray(list) && list.includes(value)
}
