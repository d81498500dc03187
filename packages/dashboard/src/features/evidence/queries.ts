import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api } from '../../app/client.ts'

export const certificatesQuery = infiniteQueryOptions({
  queryKey: ['certificates'],
  queryFn: ({ pageParam, signal }) => api.evidence.certificates({ query: { limit: 100, ...(pageParam && { cursor: pageParam }) }, signal }),
  initialPageParam: '',
  getNextPageParam: (last) => last.next_cursor,
})

export const auditQuery = (type: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ['audit', type ?? ''],
    queryFn: ({ pageParam, signal }) =>
      api.evidence.audit({ query: { limit: 100, ...(type !== undefined && { type }), ...(pageParam && { cursor: pageParam }) }, signal }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_cursor,
  })

/** A theorem never changes either. */
export const theoremQuery = (id: string) =>
  queryOptions({
    queryKey: ['theorem', id],
    queryFn: ({ signal }) => api.evidence.theorem({ params: { id }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })

/** A certificate never changes: once read, it is not asked for again. */
export const certificateQuery = (id: string) =>
  queryOptions({
    queryKey: ['certificate', id],
    queryFn: ({ signal }) => api.evidence.certificate({ params: { id }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
  })
