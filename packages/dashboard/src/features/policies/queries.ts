import { type Arguments, Problem, type routes } from '@agentgate/api'
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api } from '../../app/client.ts'

type Routes = (typeof routes)['policies']

/** Every set, by name; the deleted too when asked for. */
export const policiesQuery = (deleted = false) =>
  queryOptions({
    queryKey: ['policies', 'list', deleted],
    queryFn: ({ signal }) => api.policies.list({ query: deleted ? { deleted: 'true' } : {}, signal }),
  })

export const startersQuery = queryOptions({
  queryKey: ['policy-starters'],
  queryFn: ({ signal }) => api.policies.starters({ signal }),
  staleTime: Number.POSITIVE_INFINITY,
})

export const standingQuery = (id: string) =>
  queryOptions({ queryKey: ['policies', 'standing', id], queryFn: ({ signal }) => api.policies.standing({ params: { id }, signal }) })

export const draftQuery = (id: string) =>
  queryOptions({ queryKey: ['policies', 'draft', id], queryFn: ({ signal }) => api.policies.draft({ params: { id }, signal }) })

/** A published version: it never changes. */
export const versionQuery = (id: string, version: number) =>
  queryOptions({
    queryKey: ['policies', 'version', id, version],
    queryFn: ({ signal }) => api.policies.get({ params: { id }, query: { version }, signal }),
  })

export const versionsQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['policies', 'versions', id],
    queryFn: ({ pageParam, signal }) =>
      api.policies.versions({ params: { id }, query: { limit: 100, ...(pageParam && { cursor: pageParam }) }, signal }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_cursor,
  })

export const eventsQuery = (id: string) =>
  queryOptions({ queryKey: ['policies', 'events', id], queryFn: ({ signal }) => api.policies.events({ params: { id }, signal }) })

export const diffQuery = (id: string, from: number, to: number | undefined) =>
  queryOptions({
    queryKey: ['policies', 'diff', id, from, to ?? 'draft'],
    queryFn: ({ signal }) => api.policies.diff({ params: { id }, query: { from, ...(to !== undefined && { to }) }, signal }),
  })

/** What making `version` the active one would do; with null, having none. */
export const previewQuery = (id: string, version: number | null) =>
  queryOptions({
    queryKey: ['policies', 'preview', id, version],
    queryFn: ({ signal }) => api.policies.preview({ params: { id }, body: { version }, signal }),
    gcTime: 0,
    // Where the one before was just given up, the server may not know it yet.
    retry: (count, error) => count < 8 && error instanceof Problem && error.code === 'analysis-busy',
    retryDelay: 500,
  })

export const validateQuery = (body: Arguments<Routes['validate']>['body']) =>
  queryOptions({
    queryKey: ['policy-validate', body],
    queryFn: ({ signal }) => api.policies.validate({ body, signal }),
    placeholderData: keepPreviousData,
    gcTime: 30_000,
    staleTime: 30_000,
  })

export type EvaluateBody = Arguments<Routes['evaluate']>['body']
export const evaluateQuery = (body: EvaluateBody) =>
  queryOptions({
    queryKey: ['policy-evaluate', body],
    queryFn: ({ signal }) => api.policies.evaluate({ body, signal }),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  })

export type AnalyzeBody = NonNullable<Arguments<Routes['analyze']>['body']>
/** The solver's answers. Asked once, kept while the page is open: `stamp` says which draft they are of. */
export const analyzeQuery = (id: string, body: AnalyzeBody, stamp = '') =>
  queryOptions({
    queryKey: ['policy-analysis', id, body, stamp],
    queryFn: ({ signal }) => api.policies.analyze({ params: { id }, body, signal }),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })

export type ReplayBody = NonNullable<Arguments<Routes['replay']>['body']>
export const replayQuery = (id: string, body: ReplayBody) =>
  queryOptions({
    queryKey: ['policy-replay', id, body],
    queryFn: ({ signal }) => api.policies.replay({ params: { id }, body, signal }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  })

export const toolsQuery = queryOptions({ queryKey: ['tools'], queryFn: ({ signal }) => api.tools.list({ signal }), staleTime: 60_000 })
