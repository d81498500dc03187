/** What a policy set says to one request. Cedar's own answer follows: a forbid denies, else a permit allows, else deny. */
export interface Evaluation {
  /** Ids of the permits that apply. */
  readonly permits: readonly string[]
  /** Ids of the forbids that apply. */
  readonly forbids: readonly string[]
  /** Policies that could not be evaluated. Cedar skips them; the gate denies when a forbid is among them. */
  readonly errors: readonly { readonly policy: string; readonly message: string }[]
}

/** Cedar's decision and the policies that determined it. */
export function answerOf({ permits, forbids }: Evaluation): { readonly decision: 'allow' | 'deny'; readonly reason: readonly string[] } {
  if (forbids.length > 0) return { decision: 'deny', reason: forbids }
  return permits.length > 0 ? { decision: 'allow', reason: permits } : { decision: 'deny', reason: [] }
}
