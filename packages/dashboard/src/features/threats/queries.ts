import type { WireThreat } from '@agentgate/api'
import { queryOptions } from '@tanstack/react-query'
import { api } from '../../app/client.ts'

export const threatsQuery = (state: WireThreat['state'] | undefined) =>
  queryOptions({
    queryKey: ['threats', state ?? ''],
    queryFn: ({ signal }) => api.threats.list({ query: { limit: 200, ...(state && { state }) }, signal }),
    refetchInterval: 15_000,
  })

export const blocklistQuery = queryOptions({
  queryKey: ['blocklist'],
  queryFn: ({ signal }) => api.threats.blocklist({ signal }),
  refetchInterval: 15_000,
})

/** Below `threats`, so that whatever moves a threat on brings its story up to date. */
export const threatQuery = (id: string) =>
  queryOptions({
    queryKey: ['threats', 'story', id],
    queryFn: ({ signal }) => api.threats.get({ params: { id }, signal }),
    refetchInterval: 15_000,
  })

export const taintsQuery = (principal: string) =>
  queryOptions({
    queryKey: ['taints', principal],
    queryFn: ({ signal }) => api.threats.taints({ query: { principal, limit: 200 }, signal }),
  })

export const honeyTokensQuery = queryOptions({
  queryKey: ['honey-tokens'],
  queryFn: ({ signal }) => api.threats.honeyTokens({ signal }),
  refetchInterval: 15_000,
})
