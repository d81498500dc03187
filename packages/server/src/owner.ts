import type { Call, Owner, Principal } from '@agentgate/core'

/**
 * Whose values a call's are: each principal's apart, so that an agent that acts for somebody names sessions of its own and never
 * reads a token of theirs. They are about the person that it is made for, unless the session was opened for somebody else.
 */
export function ownerOf({ tenant, principal, session }: Pick<Call, 'tenant' | 'principal' | 'session'>): Owner {
  const subject = personOf(principal)
  return { tenant, principal: principal.id, session, ...(subject !== undefined && { subject }) }
}

function personOf({ id, onBehalfOf }: Principal): string | undefined {
  return onBehalfOf ?? (id.startsWith('User::') ? id : undefined)
}
