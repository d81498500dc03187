import type { MaskedCall } from '../call.ts'
import type { Finding } from '../decision.ts'
import { apart } from './facts.ts'
import { canonicalPath } from './path.ts'
import { otherReadings, withoutCase } from './path-readings.ts'
import type { Applied } from './verdict.ts'

/** One way to read the resource of a call. `anyCase`: without case, by policies without case. */
export interface Reading {
  readonly resource: string
  readonly anyCase: boolean
}

export interface Judging {
  /** What the policies say of a call so read; a finding where it cannot be said. */
  readonly apply: (call: MaskedCall, reading: Reading) => Promise<Applied | Finding>
  readonly verdict: (call: MaskedCall, applied: Applied) => Finding
  /** What the policies say of resources. Absent where they say nothing: all readings are one then. */
  readonly rules?: {
    /** Whether any tells capitals from small letters. */
    readonly cased: boolean
    /** Whether a policy, by its name, says how paths begin from the root. */
    readonly rooted: (name: string) => boolean
  }
}

/**
 * Judges a call as its resource reads for rules (`canonicalPath`), and as any server might read it (`otherReadings`). A call that
 * another reading would refuse, hold or bind to more is refused, so that no spelling gets round a rule; what the policies
 * then say is a fact of the call. A name, which does not begin with a slash, is permitted as it is spelt: of the paths that it
 * may stand for count the forbids, and the permits that speak of the root.
 */
export async function everyReading(call: MaskedCall, { apply, verdict, rules }: Judging): Promise<Finding> {
  const { [apart]: _, ...context } = call.context
  const asked = { ...call, context }
  const spelt = { resource: canonicalPath(call.resource), anyCase: false }
  const first = await apply(asked, spelt)
  if (!('permits' in first)) return first
  const found = verdict(asked, first)
  if (found.verdict === 'deny' || !rules) return found
  const name = !call.resource.startsWith('/')
  const others = otherReadings(call.resource)
  for (const reading of inEitherCase(others ?? [], spelt.resource, rules.cased)) {
    const other = await apply(asked, reading)
    const judged = 'permits' in other ? verdict(asked, name ? ofName(first, other, rules.rooted) : other) : other
    if (comesTo(judged) !== comesTo(found)) return differing()
  }
  return others ? found : differing()

  async function differing(): Promise<Finding> {
    const facts = { [apart]: true }
    const refused = await apply({ ...asked, context: { ...context, ...facts } }, spelt)
    // INVARIANT: a call with this fact has no exact form in Cedar.
    if ('permits' in refused) throw new TypeError('Policies were asked about a call whose readings differ.')
    return { ...refused, facts }
  }
}

function inEitherCase(others: readonly string[], spelt: string, cased: boolean): readonly Reading[] {
  const exact = others.map((resource) => ({ resource, anyCase: false }))
  const all = [spelt, ...others]
  const changes = cased || all.some((each) => withoutCase(each) !== each)
  const folded = changes ? [...new Set(all.map(withoutCase))].map((resource) => ({ resource, anyCase: true })) : []
  return [...exact, ...folded]
}

function ofName(first: Applied, other: Applied, rooted: (name: string) => boolean): Applied {
  const still = new Set(other.permits.map(({ name }) => name))
  return {
    permits: first.permits.filter(({ name }) => !rooted(name) || still.has(name)),
    forbids: [...first.forbids, ...other.forbids.filter(({ name }) => first.forbids.every((each) => each.name !== name))],
    broken: [...first.broken, ...other.broken],
  }
}

/** The verdict, and what it asks for. */
function comesTo({ verdict, obligations = [] }: Finding): string {
  const owed = new Set(obligations.map(({ name, value }) => `${name} ${value}`))
  return JSON.stringify([verdict, ...[...owed].sort()])
}
