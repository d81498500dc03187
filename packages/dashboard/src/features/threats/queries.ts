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
