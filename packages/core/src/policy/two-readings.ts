import type { MaskedCall } from '../call.ts'
import type { Finding } from '../decision.ts'
import { apart } from './facts.ts'
import { folderOf } from './path.ts'

/**
 * Judges a path with a last slash as the folder and as what lies under it. A call that one of the two would refuse, hold or
 * bind to more is refused, so that no rule on either is got round; what the policies then say is a fact of the call.
 */
export async function bothReadings(call: MaskedCall, judged: (call: MaskedCall, resource: string) => Promise<Finding>): Promise<Finding> {
  const { [apart]: _, ...context } = call.context
  const asked = { ...call, context }
  const folder = folderOf(call.resource)
  const found = await judged(asked, folder)
  if (folder === call.resource || found.verdict === 'deny') return found
  const under = await judged(asked, call.resource)
  if (comesTo(under) === comesTo(found)) return found
  const facts = { [apart]: true }
  return { ...(await judged({ ...asked, context: { ...context, ...facts } }, folder)), facts }
}

/** The verdict, and what it asks for. */
function comesTo({ verdict, obligations = [] }: Finding): string {
  const owed = new Set(obligations.map(({ name, value }) => `${name} ${value}`))
  return JSON.stringify([verdict, ...[...owed].sort()])
}
