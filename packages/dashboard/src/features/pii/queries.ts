import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api } from '../../app/client.ts'

export const piiSessionsQuery = (all: boolean) =>
  infiniteQueryOptions({
    queryKey: ['pii', 'sessions', all],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      api.pii.sessions({
        query: { limit: 50, ...(all && { all: 'true' }), ...(pageParam !== undefined && { cursor: pageParam }) },
        signal,
      }),
    getNextPageParam: ({ next_cursor }) => next_cursor,
  })

export const piiStatsQuery = queryOptions({ queryKey: ['pii', 'stats'], queryFn: ({ signal }) => api.pii.stats({ signal }) })
export const recognizersQuery = queryOptions({ queryKey: ['pii', 'recognizers'], queryFn: ({ signal }) => api.pii.recognizers({ signal }) })
export const vaultKeysQuery = queryOptions({ queryKey: ['pii', 'keys'], queryFn: ({ signal }) => api.pii.keys({ signal }) })
export const retentionQuery = queryOptions({ queryKey: ['pii', 'retention'], queryFn: ({ signal }) => api.pii.retention({ signal }) })
export const accessReportQuery = queryOptions({ queryKey: ['pii', 'access'], queryFn: ({ signal }) => api.pii.accessReport({ signal }) })
export const complianceQuery = queryOptions({ queryKey: ['pii', 'compliance'], queryFn: ({ signal }) => api.pii.compliance({ signal }) })
