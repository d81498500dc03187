import { type Approval, Problem } from '@agentgate/api'
import { explain } from '../../ui/trouble.ts'

/** What came of an answer to a request. */
export type Answered =
  | { readonly kind: 'done' }
  /** Somebody else was first, or it expired: what was said here has no effect. */
  | { readonly kind: 'beaten'; readonly text: string }
  | { readonly kind: 'failed'; readonly text: string }

/** Reads a refused answer. Only what the server said was recorded counts as decided. */
export function notDecided(error: unknown): Answered {
  if (error instanceof Problem && error.code === 'approval-timeout')
    return { kind: 'beaten', text: 'It expired before you answered. Your answer had no effect, and the call will not run.' }
  if (error instanceof Problem && error.code === 'already-answered')
    return { kind: 'beaten', text: 'You have answered this already: somebody else must answer next.' }
  if (error instanceof Problem && error.code === 'approval-forged')
    return { kind: 'beaten', text: 'The request was changed past AgentGate: it decides nothing, and the call will not run.' }
  if (error instanceof Problem && error.status === 409)
    return { kind: 'beaten', text: 'Somebody else decided this first. Your answer had no effect.' }
  if (error instanceof Problem && error.code === 'own-request')
    return { kind: 'failed', text: 'You asked for this call yourself: somebody else must decide it.' }
  return { kind: 'failed', text: `Not decided. ${explain(error).detail}` }
}

/** The answers that are enough: `2 different people with the role approver, or one person with the role admin`. */
export function wanted({ quorum, ways }: Pick<Approval, 'quorum' | 'ways'>): string {
  const people = (count: number) => (count > 1 ? `${count} different people` : 'one person')
  if (ways.length === 0) return people(quorum)
  return ways
    .map((way) => `${people(Math.max(quorum, way.quorum))}${way.role === undefined ? '' : ` with the role ${way.role}`}`)
    .join(', or ')
}

/** Why this person cannot decide this request, or nothing when they can. */
export function cannotDecide(
  approval: Pick<Approval, 'own' | 'state' | 'expires_at' | 'roles' | 'answers' | 'forged' | 'payload'>,
  { may, id, roles }: { readonly may: boolean; readonly id: string; readonly roles: readonly string[] },
  now: number,
): string | undefined {
  if (approval.forged) return 'It was changed past AgentGate: nobody answers it, and no call runs by it.'
  if (approval.payload) return 'What the call asks for is erased or damaged: nobody can say what they would approve.'
  if (approval.state !== 'pending') return 'It is decided already.'
  if (Date.parse(approval.expires_at) <= now) return 'It expired: nobody decided in time. The call must be made again.'
  if (approval.own) return 'You asked for this call yourself: somebody else must decide it.'
  if (!may) return 'Your role may see requests but not decide them (`approval:decide`).'
  if (approval.answers.some(({ by }) => by === id)) return 'You have answered: somebody else must answer next.'
  if (approval.roles.length > 0 && !approval.roles.some((role) => roles.includes(role)))
    return `The policies ask for the answer of ${approval.roles.map((role) => `\`${role}\``).join(' or ')}.`
  return undefined
}
