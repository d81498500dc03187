import { type Client, createClient } from '@agentgate/api'

import { learnTime } from '../ui/now.ts'

const refreshLock = 'agentgate.refresh'

/**
 * `fetch`, signed in again quietly when the access token has run out.
 *
 * A refresh token is good for one use, and using it twice ends the session: so one tab refreshes at a time, and a tab that
 * waited first tries with what the other brought.
 */
export const send: typeof fetch = async (input, init) => {
  const first = await fetch(input, init)
  learnTime(first.headers.get('date'))
  if (first.status !== 401 || (typeof input === 'string' && /^\/api\/auth\/(login|logout|refresh)$/.test(input))) return first
  return navigator.locks.request(refreshLock, async () => {
    const again = await fetch(input, init)
    if (again.status !== 401) return again
    const headers = { 'content-type': 'application/json' }
    const refreshed = await fetch('/api/auth/refresh', { method: 'POST', headers, body: '{}', credentials: 'same-origin' })
    return refreshed.ok ? fetch(input, init) : again
  })
}

/** The API of this origin. Tokens stay in HttpOnly cookies: no script ever holds one. */
export const api = createClient({ fetch: send })

/** The same API for one live stream: `opened` is told when the server has accepted it, long before the first event. */
export function listening(opened: () => void): Client {
  return createClient({
    fetch: async (input, init) => {
      const response = await send(input, init)
      if (response.ok) opened()
      return response
    },
  })
}
