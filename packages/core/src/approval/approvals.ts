import type { CallId, MaskedCall, PrincipalId, TenantId } from '../call.ts'

export type ApprovalId = string

/** A question put before people: may this very call run? */
export interface Approval extends Asked {
  readonly id: ApprovalId
  readonly tenant: TenantId
  readonly callId: CallId
  /** HMAC over tenant, principal, on-behalf-of, session, the tool's digest, action, resource and the frozen input. Never published. */
  readonly binding: string
  readonly call: MaskedCall
  readonly why: string
  readonly askedAt: number
  /** Whoever answers has one of these roles; empty: whoever may decide at all. */
  readonly roles: readonly string[]
  /** Authenticates the question, for stores that others can write to; without `answers`, `state` and how many are wanted. */
  readonly mac?: string
  /** Why what the call asks for, and the reasons of answers, are missing: their key was destroyed, or what was sealed does not open. */
  readonly payload?: 'erased' | 'damaged'
  /** Somebody wrote or changed the question or an answer past us: it decides nothing. */
  readonly forged?: true
}

/** An answer of people that is enough: so many who say yes, each with this role where one is named. */
export interface Way {
  readonly quorum: number
  readonly role?: string
}

/** How a question stands, and what decides it. */
export interface Asked {
  readonly expiresAt: number
  /** How many different people must say yes. One no denies. */
  readonly quorum: number
  /** Of which answers any one is enough, besides the quorum; none: the quorum is. */
  readonly ways: readonly Way[]
  readonly answers: readonly Answer[]
  readonly state: 'pending' | 'approved' | 'denied'
}

type Wanted = Asked & Pick<Approval, 'roles'>

/** What one person said, with the roles they had when they said it. */
export interface Answer {
  readonly by: PrincipalId
  readonly approved: boolean
  readonly reason: string
  readonly at: number
  readonly roles: readonly string[]
  /** Authenticates the answer, and what it answers. */
  readonly mac?: string
}

/** What people have said of the calls put before them. */
export interface Approvals {
  /**
   * Files the question, or returns the one already filed for the same call id and binding, which from then on waits for the
   * answers that are wanted now: what was answered before may be enough.
   */
  readonly ask: (approval: Approval) => Promise<Approval>
  /**
   * Records an answer: a no decides the question, and so does the yes that completes its quorum. `false`, and no effect,
   * for whoever answers an expired or decided question, or answers again. Atomic: of two who decide at once one gets `false`.
   */
  readonly answer: (tenant: TenantId, id: ApprovalId, answer: Answer) => Promise<boolean>
  readonly find: (tenant: TenantId, id: ApprovalId) => Promise<Approval | undefined>
  /**
   * Last asked first. `before`: only those asked before this one; none when nothing has that id. `open`: only those that are
   * not closed; `overdue`: and of these, whose time was up at that instant.
   */
  readonly list: (
    tenant: TenantId,
    query: { call?: CallId; state?: Approval['state']; open?: true; overdue?: number; limit: number; before?: ApprovalId },
  ) => Promise<readonly Approval[]>
  /** Nothing more comes of it: its call has its final decision. What it says stays as it is. */
  readonly close: (tenant: TenantId, id: ApprovalId) => Promise<void>
}

/** How a question stands after one more answer, or `undefined` where it takes none. */
export function withAnswer(asked: Asked, answer: Answer): Pick<Asked, 'state' | 'answers'> | undefined {
  if (asked.state !== 'pending' || asked.expiresAt <= answer.at || asked.answers.some(({ by }) => by === answer.by)) return undefined
  const answers = [...asked.answers, answer]
  return { answers, state: stateOf({ ...asked, answers }) }
}

/** What its answers make of a question: one no denies it. */
export function stateOf(asked: Pick<Asked, 'quorum' | 'ways' | 'answers'>): Asked['state'] {
  const { answers } = asked
  if (answers.some(({ approved }) => !approved)) return 'denied'
  return answers.length > 0 && isEnough(asked) ? 'approved' : 'pending'
}

/** How a question stands when the same is asked again, with other answers wanted; `undefined` where nothing changes. */
export function askedAgain(filed: Wanted, asked: Wanted & Pick<Approval, 'askedAt'>): Omit<Wanted, 'expiresAt' | 'answers'> | undefined {
  const { quorum, ways, roles } = asked
  const wants = (each: Wanted) => JSON.stringify([each.quorum, each.ways.map((way) => [way.quorum, way.role]), each.roles])
  if (filed.state !== 'pending' || filed.expiresAt <= asked.askedAt || wants(filed) === wants(asked)) return undefined
  return { quorum, ways, roles, state: stateOf({ ...filed, quorum, ways }) }
}

function isEnough({ quorum, ways, answers }: Pick<Asked, 'quorum' | 'ways' | 'answers'>): boolean {
  const said = (role: string | undefined) => answers.filter(({ roles }) => role === undefined || roles.includes(role)).length
  return answers.length >= quorum && (ways.length === 0 || ways.some((way) => said(way.role) >= way.quorum))
}

/** Keeps questions in memory: for tests and the in-process gate. Forgotten when the process ends. */
export function memoryApprovals(): Approvals {
  const filed: Approval[] = []
  const closed = new Set<string>()
  const nameOf = ({ tenant, id }: Pick<Approval, 'tenant' | 'id'>) => JSON.stringify([tenant, id])
  const at = (tenant: TenantId, id: ApprovalId) => filed.findIndex((each) => each.tenant === tenant && each.id === id)

  return {
    async ask(approval) {
      const { tenant, callId, binding } = approval
      const index = filed.findIndex((each) => each.tenant === tenant && each.callId === callId && each.binding === binding)
      const same = filed[index]
      const asked = Object.freeze({ ...(same ?? approval), ...(same && askedAgain(same, approval)) })
      if (same) filed[index] = asked
      else filed.push(asked)
      return asked
    },
    async answer(tenant, id, answer) {
      const index = at(tenant, id)
      const asked = filed[index]
      const answered = asked && withAnswer(asked, answer)
      if (!answered) return false
      filed[index] = Object.freeze({ ...asked, ...answered })
      return true
    },
    find: async (tenant, id) => filed[at(tenant, id)],
    async list(tenant, { call, state, open, overdue, limit, before }) {
      return filed
        .slice(0, before === undefined ? undefined : Math.max(0, at(tenant, before)))
        .filter((each) => each.tenant === tenant && (call === undefined || each.callId === call) && (state ?? each.state) === each.state)
        .filter((each) => (!open && overdue === undefined) || !closed.has(nameOf(each)))
        .filter(({ expiresAt }) => overdue === undefined || expiresAt <= overdue)
        .toReversed()
        .slice(0, limit)
    },
    close: async (tenant, id) => void closed.add(nameOf({ tenant, id })),
  }
}
