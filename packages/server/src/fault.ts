import type { ProblemBody } from '@agentgate/api'

/** What a problem may say besides its code, status and detail. */
export type More = Omit<ProblemBody, 'type' | 'title' | 'status' | 'detail' | 'instance'>

/** A request that is not answered as asked. Thrown by routes; the app makes problem+json of it. `message` holds no personal data. */
export class Fault extends Error {
  override readonly name = 'Fault'
  readonly status: number
  readonly code: string
  readonly more: More

  constructor(status: number, code: string, message: string, more: More = {}) {
    super(message)
    this.status = status
    this.code = code
    this.more = more
  }
}

export const notFound = (what: string) => new Fault(404, 'not-found', `There is no ${what} with that id, or it is not yours to see.`)
