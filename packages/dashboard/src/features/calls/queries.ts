import type { Answer, Client, routes } from '@agentgate/api'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, listening } from '../../app/client.ts'
import type { Stream } from '../../app/live.ts'

export const overviewQuery = queryOptions({
  queryKey: ['overview'],
  queryFn: ({ signal }) => api.traces.overview({ signal }),
  refetchInterval: 30_000,
})

export const timelineQuery = queryOptions({
  queryKey: ['overview', 'timeline'],
  queryFn: ({ signal }) => api.traces.timeline({ query: { minutes: 1440, buckets: 48 }, signal }),
  refetchInterval: 60_000,
})

type Query = NonNullable<NonNullable<Parameters<Client['traces']['list']>[0]>['query']>

export const tracesQuery = (query: Omit<Query, 'cursor' | 'limit'>) =>
  infiniteQueryOptions({
    queryKey: ['traces', query],
    queryFn: ({ pageParam, signal }) =>
      api.traces.list({ query: { ...query, limit: 100, ...(pageParam && { cursor: pageParam }) }, signal }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_cursor,
  })

export const traceQuery = (id: string) =>
  queryOptions({ queryKey: ['trace', id], queryFn: ({ signal }) => api.traces.get({ params: { id }, signal }) })

export const traceStream: Stream<Answer<(typeof routes)['traces']['stream']>> = (given, opened) => listening(opened).traces.stream(given)
