import { Problem } from '@agentgate/api'
import { QueryCache, QueryClient, queryOptions } from '@tanstack/react-query'
import { api } from './client.ts'

let ended: () => void = () => undefined

/** What happens when the server no longer knows who asks. */
export function onSessionEnd(listener: () => void): void {
  ended = listener
}

/** Whether the server does not know who asks. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof Problem && error.status === 401
}

export const queries = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, query) => {
      if (isSignedOut(error) && query.queryKey[0] !== 'session') ended()
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // A refusal stays one however often it is asked for; a broken connection may heal.
      retry: (count, error) => count < 2 && !(error instanceof Problem && error.status < 500),
    },
  },
})

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  retry: false,
  staleTime: 60_000,
  queryFn: async ({ signal }) => {
    const [user, { capabilities }, health] = await Promise.all([
      api.principals.me({ signal }),
      api.principals.capabilities({ signal }),
      api.health.get({ signal }),
    ])
    return { user, capabilities, health }
  },
})

export const healthQuery = queryOptions({ queryKey: ['health'], queryFn: ({ signal }) => api.health.get({ signal }), staleTime: 60_000 })
