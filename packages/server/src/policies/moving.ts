import type { Consequences } from '@agentgate/api'
import {
  detectPii,
  type LifeCycleCode,
  patternKinds,
  type PolicySet,
  type PrincipalId,
  type Standing,
  type TenantId,
  type Transition,
  transition,
} from '@agentgate/core'
import type { Who } from '../door.ts'
import { Fault } from '../fault.ts'
import type { House } from '../house.ts'
import { hasSteppedUp, stepUpMinutes } from '../session/step-up.ts'
import { type How, TimeOver } from '../work/policy-work.ts'
import type { NamedSet, Tasks, Weighed } from '../work/policy-tasks.ts'
import { askedBy, inTime, toolsOf } from './forms.ts'
import { asEvent, tell } from './tell.ts'

const statuses: Record<LifeCycleCode, number> = {
  'unknown-policy': 404,
  'unknown-version': 404,
  'policy-deleted': 409,
  'policy-locked': 409,
  'policy-active': 409,
  'not-active': 409,
  'not-locked': 409,
  'nothing-before': 409,
}

/** What a transition comes to in the audit log. */
const types: Record<Transition['verb'], string> = {
  save: 'policy.saved',
  publish: 'policy.published',
  activate: 'policy.activated',
  deactivate: 'policy.deactivated',
  rollback: 'policy.rolled-back',
  lock: 'policy.locked',
  unlock: 'policy.unlocked',
  delete: 'policy.deleted',
}

export interface Asked {
  readonly who: Who
  readonly id: string
  readonly transition: Transition
  readonly why: string
}

type Rooms = Pick<House, 'policies' | 'audit' | 'clock' | 'tools' | 'policyWork' | 'preparePolicies' | 'personal'>

/** What became of a set, and what that comes to where another version decides since. */
export interface Moved {
  readonly standing: Standing
  readonly newlyAllowed?: Consequences['newly_allowed']
  /** Invariants of which nobody can tell whether they hold. */
  readonly undecided?: Consequences['invariants']
}

/** How a set stands and what becomes of it; throws the `Fault` that says which state stands in the way. */
export async function standing(
  { policies }: Pick<House, 'policies'>,
  tenant: TenantId,
  id: string,
  asked: Transition | ((versions: readonly number[]) => Transition),
) {
  const [{ generation, sets }, versions] = await Promise.all([policies.standings(tenant), policies.versions(tenant, id)])
  const numbers = versions.map(({ version }) => version)
  const before = sets.find((each) => each.id === id)
  if (!before && detectPii(id, { kinds: patternKinds }).length > 0)
    throw new Fault(
      422,
      'personal-data',
      'The id of the set holds personal data: it stands in evidence as it is, so name what the set is for.',
    )
  const moved = transition(before, numbers, typeof asked === 'function' ? asked(numbers) : asked, id)
  if (!moved.ok) throw new Fault(statuses[moved.code], moved.code, moved.message)
  return { generation, before, after: moved.to, changes: moved.changes }
}

/**
 * Moves a set from one state to another: weighs what it would do, asks for a step-up where access may widen, refuses what
 * breaks an invariant, and then changes exactly what was weighed, or begins anew when somebody else was faster.
 */
export async function move(house: Rooms, { who, id, transition: asked, why }: Asked): Promise<Moved> {
  const { principal } = who.asker
  const { tenant } = principal
  for (let tries = 0; tries < 3; tries++) {
    const { generation, before, after, changes } = await standing(house, tenant, id, asked)
    if (!changes) return { standing: after }
    if (asked.verb === 'unlock' && !hasSteppedUp(who, house.clock)) throw stepUpRequired('This unlocks a set')
    const weighed = before?.active === after.active ? undefined : await admitted(house, who, after)
    const chosen = after.active === undefined ? undefined : await house.policies.version(tenant, id, after.active)
    if (weighed && chosen) await house.preparePolicies(chosen)
    const unknown = weighed?.invariants.filter(({ answer }) => answer === 'unknown').length ?? 0
    const event = await asEvent(house.personal, tenant, {
      type: types[asked.verb],
      principal: principal.id,
      facts: {
        set: id,
        from: before?.active ?? null,
        to: after.active ?? null,
        ...(chosen && { digest: chosen.digest }),
        ...(weighed && weighed.invariants.length > 0 && { invariants: weighed.invariants.length, unknown }),
      },
      why,
      at: house.clock.now(),
      moves: before?.active !== after.active,
    })
    if (!(await house.policies.move(tenant, generation, after, event))) continue
    await tell(house, tenant)
    return { standing: after, ...(weighed && { newlyAllowed: weighed.newly_allowed, undecided: undecided(weighed) }) }
  }
  throw new Fault(409, 'policy-contended', 'Others change policies at this moment: look at them and try again.')
}

/** What becomes active may do so: else a `Fault` with what it would newly allow, or the calls that break an invariant. */
async function admitted(house: Rooms, who: Who, after: Standing): Promise<Weighed> {
  const { tenant } = who.asker.principal
  const how = { ...askedBy(who.asker.principal), urgent: true }
  const weighed = await weigh(house, tenant, after, { difference: 'newly-allowed', invariants: true }, how)
  const reasons = widens(weighed)
  if (reasons.length > 0 && !hasSteppedUp(who, house.clock)) {
    const what =
      weighed.newly_allowed.answer === 'holds' ? 'This allows nothing new, but takes away what guards access' : 'This may widen access'
    throw stepUpRequired(`${what} (${reasons.slice(0, 3).join('; ')})`, {
      newly_allowed: weighed.newly_allowed.examples,
      widened_by: reasons,
    })
  }
  const broken = violated(weighed)
  if (broken.length > 0) throw invariantViolated(broken)
  if (weighed.uncovered.length > 0) throw outdated(after.id, weighed.uncovered)
  if (weighed.unreadable.length > 0) throw invariantUnreadable(weighed.unreadable)
  return weighed
}

/** What a standing would do that is not yet, said before it is done. */
export async function consequencesOf(
  house: Rooms,
  tenant: TenantId,
  before: Standing | undefined,
  after: Standing,
  how: How = {},
): Promise<Consequences> {
  const weighed = await weigh(house, tenant, after, { difference: 'all', invariants: true }, how)
  const {
    already: _,
    unreadable,
    uncovered,
    obligations_dropped: __,
    invariants_removed: ___,
    evaded: ____,
    narrows: _____,
    ...shown
  } = weighed
  const reasons = widens(weighed)
  const broken = violated(weighed)
  const refusal =
    broken.length > 0
      ? invariantViolated(broken)
      : uncovered.length > 0
        ? outdated(after.id, uncovered)
        : unreadable.length > 0
          ? invariantUnreadable(unreadable)
          : undefined
  const others = (await house.policies.active(tenant)).filter(({ id }) => id !== after.id)
  return {
    id: after.id,
    from: before?.active ?? null,
    to: after.active ?? null,
    ...shown,
    denies_all: others.length === 0 && after.active === undefined,
    step_up: reasons.length > 0,
    widened_by: [...reasons],
    refused: refusal ? { code: refusal.code, message: refusal.message } : null,
  }
}

async function weigh(house: Rooms, tenant: TenantId, after: Standing, solve: Tasks['weigh']['asked']['solve'], how: How): Promise<Weighed> {
  const before = await house.policies.active(tenant)
  const chosen = after.active === undefined ? undefined : await house.policies.version(tenant, after.id, after.active)
  const others = before.filter(({ id }) => id !== after.id)
  const asked = {
    set: after.id,
    before: before.map(named),
    after: [...others, ...(chosen ? [chosen] : [])].map(named),
    tools: await toolsOf(house, tenant),
  }
  try {
    return await house.policyWork.do('weigh', { ...asked, solve }, how)
  } catch (error) {
    if (!(error instanceof TimeOver)) return inTime(Promise.reject(error))
    // What the solver could not tell in time is unknown, which is shown and stops nothing; the texts are compared all the same.
    const read = { ...asked, solve: { difference: 'none' as const, invariants: false } }
    const weighed = await inTime(house.policyWork.do('weigh', read, how))
    const unknown = { answer: 'unknown' as const, why: error.message }
    const unanswered = asked.after.flatMap(({ id, invariants }) =>
      invariants === undefined ? [] : [{ ...unknown, id: '*', says: 'all of its invariants', set: id }],
    )
    return {
      ...weighed,
      newly_allowed: { ...unknown, examples: [] },
      newly_denied: { ...unknown, examples: [] },
      invariants: solve.invariants ? unanswered : [],
    }
  }
}

export function named({ id, text, source, invariants }: PolicySet): NamedSet {
  return { id, text, ...(source && { source }), ...(invariants !== undefined && { invariants }) }
}

/** Why access may widen, whatever the solver says. */
function widens(weighed: Weighed): readonly string[] {
  const { forbids_removed, unscoped_permits, obligations_dropped, evaded, invariants_removed } = weighed
  return [
    ...forbids_removed.map((id) => `the forbid \`${id}\` goes, or is another than it was`),
    ...unscoped_permits.map((id) => `the permit \`${id}\` names neither actions nor resources`),
    ...obligations_dropped.map(({ id, obligations }) => `the permit \`${id}\` asks no longer for \`${obligations.join(' ')}\``),
    ...evaded.map(
      ({ id, by, tools }) =>
        `calls of \`${tools.slice(0, 3).join('`, `')}\`${tools.length > 3 ? ', …' : ''} may pass by the permit \`${by}\` without what \`${id}\` asks of them`,
    ),
    ...invariants_removed.map((id) => `the invariant \`${id}\` goes, or is another than it was`),
    ...undecided(weighed).map(
      ({ set, id, why }) => `whether the invariant \`${set}/${id}\` holds cannot be told${why === undefined ? '' : `: ${why}`}`,
    ),
  ]
}

/** What takes only access away breaks no invariant that held. */
function undecided({ invariants, narrows }: Weighed): Consequences['invariants'] {
  return narrows ? [] : invariants.filter(({ answer }) => answer === 'unknown')
}

/** What was violated already before, by what is active, is no reason against a change. */
function violated({ invariants, already }: Weighed): Consequences['invariants'] {
  return invariants.filter(({ answer, set, id }) => answer === 'violated' && !already.includes(`${set}/${id}`))
}

function invariantViolated(invariants: Consequences['invariants']): Fault {
  const [first] = invariants
  const message = `With this, ${invariants.length === 1 ? 'an invariant does' : `${invariants.length} invariants do`} not hold: ${first?.says ?? ''}. \`invariants\` shows a call that breaks it.`
  return new Fault(409, 'invariant-violated', message, { invariants })
}

/** Rules on input fields were compiled for the tools that there were: a version that misses one does not become active. */
function outdated(id: string, missed: Weighed['uncovered']): Fault {
  const named = missed.slice(0, 5).map(({ policy, message }) => (policy === undefined ? message : `\`${policy}\``))
  const message = `The rules of \`${id}\` on input fields reach tools by now that this version does not cover (${named.join(', ')}): publish the same rules again, and activate that version.`
  return new Fault(409, 'policy-outdated', message)
}

/** Cannot tell means no: but what only narrows may be done, and so may what replaces or deactivates the set that says it. */
function invariantUnreadable(invariants: Weighed['unreadable']): Fault {
  const named = invariants.slice(0, 3).map(({ set, says, why }) => `\`${set}\` says "${says}", but ${why ?? 'it cannot be read'}`)
  const message = `Whether its invariants would hold cannot be told: ${named.join('; ')}. Publish that set with invariants that fit and activate it, or deactivate it first.`
  return new Fault(409, 'invariant-unreadable', message, { invariants: [...invariants] })
}

/** The `Fault` of whoever has not proved lately that it is them. `what` begins the sentence. */
export function stepUpRequired(
  what: string,
  more: { newly_allowed?: Consequences['newly_allowed']['examples']; widened_by?: readonly string[] } = {},
): Fault {
  const { newly_allowed, widened_by } = more
  return new Fault(
    403,
    'step-up-required',
    `${what}: that takes somebody who has proved within ${stepUpMinutes} minutes who sits there, by \`POST /api/auth/step-up\`.`,
    {
      ...(newly_allowed && { newly_allowed }),
      ...(widened_by && { widened_by: [...widened_by] }),
    },
  )
}

/** Publishes a prepared text under an id that is not deleted; the audit log is told. */
export async function published(
  house: Rooms,
  tenant: TenantId,
  by: PrincipalId,
  {
    id,
    why,
    draft,
    ...text
  }: Pick<PolicySet, 'id' | 'text' | 'digest' | 'source' | 'invariants'> & { readonly why: string; readonly draft?: number },
): Promise<PolicySet> {
  await standing(house, tenant, id, { verb: 'publish' })
  const at = house.clock.now()
  const event = await asEvent(house.personal, tenant, {
    type: types.publish,
    principal: by,
    facts: { set: id, digest: text.digest },
    why,
    at,
  })
  const set = await house.policies.publish(
    tenant,
    { id, ...text, publishedAt: at, publishedBy: by },
    { event, ...(draft !== undefined && { draft }) },
  )
  await tell(house, tenant)
  return set
}
