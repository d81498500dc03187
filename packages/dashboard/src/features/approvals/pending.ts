import { queryOptions, useQueryClient } from '@tanstack/react-query'
import { createContext, useCallback, useContext } from 'react'
import { api, listening } from '../../app/client.ts'
import { type Line, type Stream, useLive } from '../../app/live.ts'

/** The requests that wait for a person, newest first. */
export const pendingQuery = queryOptions({
  queryKey: ['approvals', 'pending'],
  queryFn: ({ signal }) => api.approvals.pending({ signal }),
})

export const decidedQuery = queryOptions({
  queryKey: ['approvals', 'decided'],
  queryFn: async ({ signal }) => {
    const { items } = await api.approvals.list({ query: { limit: 100 }, signal })
    return items.filter(({ state }) => state !== 'pending')
  },
})

/** How the line that brings approvals is: of the whole console, held open by its shell. */
export const ApprovalsLine = createContext<Line>('connecting')
export const useApprovalsLine = () => useContext(ApprovalsLine)

const stream: Stream<unknown> = (given, opened) => listening(opened).approvals.stream(given)

/** Brings every question and answer into what is shown, as it happens. */
export function useApprovals(): Line {
  const client = useQueryClient()
  const refresh = useCallback(() => {
    void client.invalidateQueries({ queryKey: ['approvals'] })
    void client.invalidateQueries({ queryKey: ['playground'] })
  }, [client])
  return useLive(stream, refresh, refresh)
}
