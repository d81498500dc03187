import { Problem } from '@agentgate/api'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { api } from '../../app/client.ts'
import { useLive } from '../../app/live.ts'
import { explain } from '../../ui/trouble.ts'
import { traceStream } from '../calls/queries.ts'

/** A conversation and the means to go on with it. What happened is always read back from the server, never guessed. */
export function useConversation(session: string, shadowed: readonly string[]) {
  const client = useQueryClient()
  const key = ['playground', session]
  const query = useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => (await api.playground.session({ params: { id: session }, signal })).messages,
    // A held call goes on without this page: the stream says so at once, and asking does where there is no stream.
    refetchInterval: ({ state }) => (state.data?.some(({ status }) => status === 'waiting' || status === 'running') ? 4000 : false),
  })
  const refresh = () => client.invalidateQueries({ queryKey: key })
  const due = useRef<ReturnType<typeof setTimeout>>(undefined)
  const soon = () => {
    clearTimeout(due.current)
    due.current = setTimeout(() => void refresh(), 150)
  }
  const line = useLive(traceStream, ({ trace }) => (!trace || trace.session_id === session) && soon(), soon)

  const [sending, setSending] = useState<string>()
  const [error, setError] = useState<string>()

  /** Sends `text` up to `times` times, until one is refused. Answers whether it reached the gate. */
  const say = async (text: string, times = 1): Promise<boolean> => {
    setError(undefined)
    try {
      for (let sent = 0; sent < times; sent++) {
        setSending(times > 1 ? `${text} (${sent + 1} of ${times})` : text)
        if (!(await sentOnce(session, text, shadowed))) break
        if (times > 1) soon()
      }
      await refresh()
      return true
    } catch (cause) {
      setError(explain(cause).detail)
      return false
    } finally {
      setSending(undefined)
    }
  }
  return { query, line, sending, error, say, dismiss: () => setError(undefined) }
}

/** Whether the message was allowed. A refusal or a hold is an answer of the gate; anything else throws. */
async function sentOnce(session: string, text: string, shadowed: readonly string[]): Promise<boolean> {
  try {
    await api.playground.chat({ body: { session_id: session, text, ...(shadowed.length > 0 && { controls: [...shadowed] }) } })
    return true
  } catch (error) {
    if (error instanceof Problem && error.body.verdict !== undefined) return false
    throw error
  }
}
