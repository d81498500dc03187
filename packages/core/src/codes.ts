/**
 * Every code that a `Reason` carries, once: what it means, and what to do next. Codes of other domains are unions where they are
 * thrown: `GateErrorCode`, `DiagnosticCode`, `SealError`.
 */
export const reasonCodes = {
  'no-permit': 'No policy permits the call: activate one that does, or register the tool with the agent that calls it.',
  'policy-forbid': 'A policy forbids the call, and the message names it: change what is asked, or that policy.',
  'policy-error': 'A policy could not be evaluated for this call, so it counts against it: mend the policy that the message names.',
  'invalid-request': 'The call does not fit the schema that the policies were written for: give the tool the types that they expect.',
  'obligation-open': 'Who asks still has something to do first, such as to confirm: the message says what.',
  'obligation-unmet': 'A policy permits the call only under a condition that nothing here meets: the message says which.',
  'unknown-tool': 'No tool of that name is registered: register it first, with its schema.',
  'tool-quarantined': 'The registration of the tool changed: an operator confirms the change first.',
  'tool-blocked': 'A validator blocks the tool by its name: take it out of `blockTools`.',
  'tool-not-allowed': 'A validator allows other tools only: add this one to `allowTools`.',
  'invalid-input': 'The input does not fit the schema of the tool: mend what the message names.',
  'invalid-session': 'The id of the session is not opaque: use letters, digits and `_ . : -`, and no personal data.',
  'threat-found': 'The input, or the output, holds what would run where it goes: send it as data, or without it.',
  'honey-token': 'The call carries a value that was planted for intruders: whoever made it is blocked, and an administrator was told.',
  'principal-blocked': 'The principal is blocked until a time: an administrator says why, and may take it back.',
  'pattern-blocked': 'A pattern that is blocked occurs in the input: rephrase it, or take the pattern out of `blockPatterns`.',
  'path-blocked': 'The input names a path that is blocked, or one under it: use another.',
  'grant-exceeded': 'Who asks acts under grants only, and none of them covers this action on this resource: ask for one that does.',
  'grant-expired': 'Who asks acts under grants only, and what it held is over: ask its issuer for another.',
  'grant-revoked': 'Who asks acts under grants only, and what it held was revoked, or what that was handed on from: ask its issuer.',
  'grant-unknown':
    'The grants that who asks holds were never signed, or do not go back to a first one: look who wrote them, and issue another.',
  'prompt-injection': 'The input tries to steer the model: take the instructions out of what is data.',
  'prompt-guard-unavailable': 'The model that looks for steering did not answer, and the guard fails closed: look whether it runs.',
  'rate-exceeded': 'More calls than the limit allows: wait as long as `retryAfter` says.',
  'budget-exceeded': 'The call would cost more than is left: raise the budget, or wait for its period.',
  'price-unknown': 'The model has no price at this date, so nobody could say what the call costs: add one to `pricing`.',
  cooldown: 'A call like it was made a short while ago: wait as long as `retryAfter` says.',
  'excluded-hour': 'The tool is not called at this hour: wait as long as `retryAfter` says.',
  'out-of-order': 'Another tool comes before this one: call it first.',
  'approval-required': 'A person has to approve the call: it waits.',
  'approval-pending': 'A person was asked and has not answered: it waits.',
  'approval-denied': 'A person denied the call: do not repeat it as it is.',
  'approval-forged': 'What people were asked, or said, was changed past AgentGate: look who writes to its database.',
  'approval-timeout': 'Nobody answered in time: make the call again to ask again.',
  'approval-insufficient': 'The call was approved, and the policies still hold it: they changed, or want what no approver gives.',
  'control-failed': 'A control could not tell, so the call is denied or its output kept back: look at the log, and try again.',
  'unknown-token': 'The answer holds a token that its session never made, so it is kept back: ask again.',
  'integrity-failed':
    'A value behind a token of the call or its answer does not open, so the answer is kept back: its keys or what was stored changed.',
  unreachable: 'The server that governs the agent cannot be asked: start it, or look whether it can be reached from here.',
  abandoned: 'The call was decided and never executed: nothing ran.',
  lost: 'Nobody reported what became of the call before its allow expired: look whether it ran.',
} as const satisfies { readonly [code: string]: string }

export type ReasonCode = keyof typeof reasonCodes
