/** An error as people need it told. */
export interface Trouble {
  readonly status?: number
  readonly code?: string
  /** The server knows who asks and says no. */
  readonly denied: boolean
  readonly detail: string
  /** The server's name for the request, to look for in its log. */
  readonly request?: string
}

/** What went wrong, in one sentence that says what to do. Never throws, whatever it is given. */
export function explain(error: unknown): Trouble {
  const problem = problemOf(error)
  if (problem) return problem
  if (error instanceof TypeError) return { denied: false, detail: 'The server cannot be reached: check that it runs, then try again.' }
  return { denied: false, detail: error instanceof Error ? error.message : 'Something failed that nobody named.' }
}

function problemOf(error: unknown): Trouble | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const body = 'body' in error && typeof error.body === 'object' && error.body !== null ? error.body : error
  const { status, type, detail, instance } = body as { readonly [key: string]: unknown }
  if (typeof status !== 'number') return undefined
  return {
    status,
    denied: status === 403,
    detail: typeof detail === 'string' && detail ? detail : `The server answered ${status}.`,
    ...(typeof type === 'string' && { code: type }),
    ...(typeof instance === 'string' && { request: instance }),
  }
}
