import type { MaskedCall } from '../call.ts'
import type { Obligation } from '../decision.ts'
import { isObject } from '../json.ts'

/** `open`: somebody can supply what is missing. `stuck`: nothing in this process does what the obligation asks. */
export type Standing = 'met' | 'open' | 'stuck'

/** Whether the call's facts discharge an obligation. */
export function standing({ name, value }: Obligation, call: MaskedCall): Standing {
  const approval = call.context['approval']
  switch (name) {
    case 'approval':
      return isObject(approval) ? 'met' : 'open'
    case 'approval_quorum': {
      const given = isObject(approval) && typeof approval['quorum'] === 'number' ? approval['quorum'] : 0
      return given >= Number(value) ? 'met' : 'open'
    }
    case 'mfa':
      return call.principal.mfa ? 'met' : 'open'
    case 'confirm':
      return call.context['confirmed'] === true ? 'met' : 'open'
    default:
      return 'stuck'
  }
}
