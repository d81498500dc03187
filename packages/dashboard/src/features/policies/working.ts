import type { PolicySetSummary } from '@agentgate/api'
import { useQuery } from '@tanstack/react-query'
import { useDeferredValue, useEffect, useMemo, useState } from 'react'
import { problemsOf, type Problem, ready, same, type Working, workingOf } from './form.ts'
import { draftQuery, validateQuery, versionQuery } from './queries.ts'

/** What is being written of a set: its draft, or its newest version to go on from, and what was typed since. */
export interface Desk {
  readonly working: Working | undefined
  readonly dirty: boolean
  /** The saved draft's revision that the typing began from; 0 when there is none. */
  readonly revision: number
  /** Somebody saved another revision since. */
  readonly overtaken: boolean
  readonly pending: boolean
  readonly error: unknown
  readonly retry: () => void
  readonly type: (change: Partial<Working>) => void
  readonly discard: () => void
}

export function useDesk({ id, draft, versions }: PolicySetSummary): Desk {
  const drafted = useQuery({ ...draftQuery(id), enabled: draft !== null })
  const published = useQuery({ ...versionQuery(id, versions), enabled: draft === null && versions > 0 })
  const query = draft === null ? published : drafted
  const current = draft === null ? 0 : (drafted.data?.revision ?? draft.revision)
  const saved = useMemo(() => query.data && workingOf(query.data), [query.data])
  const [typed, setTyped] = useState<{ readonly working: Working; readonly revision: number }>()
  const working = typed?.working ?? saved
  const dirty = typed !== undefined && (saved === undefined || !same(typed.working, saved))
  return {
    working,
    dirty,
    revision: typed?.revision ?? current,
    overtaken: dirty && typed.revision !== current,
    pending: query.isPending && (draft !== null || versions > 0),
    error: query.error,
    retry: () => void query.refetch(),
    type: (change) =>
      setTyped((before) => {
        const from = before?.working ?? saved
        return from && { working: { ...from, ...change }, revision: before?.revision ?? current }
      }),
    discard: () => setTyped(undefined),
  }
}

/** What the server says of a text, as it is typed. `unknown`: it could not be asked. */
export type Checked =
  | { readonly state: 'checking' }
  | { readonly state: 'valid'; readonly cedar: string; readonly policies: number | undefined; readonly warnings: readonly Problem[] }
  | { readonly state: 'wrong'; readonly problems: readonly Problem[] }
  | { readonly state: 'unknown'; readonly error: unknown }

/** Validates what is typed once the typing rests. */
export function useChecked(working: Working | undefined): Checked {
  const text = useRested(useDeferredValue(working), 350)
  const prepared = useMemo(() => (text ? ready(text) : undefined), [text])
  const body =
    prepared?.ok && text ? { policy: prepared.policy, ...(text.invariants.trim() && { invariants: text.invariants }) } : undefined
  const query = useQuery({ ...validateQuery(body ?? { policy: { text: '' } }), enabled: body !== undefined })
  return useMemo((): Checked => {
    if (!prepared || text !== working) return { state: 'checking' }
    if (!prepared.ok) return { state: 'wrong', problems: prepared.complaints }
    if (query.isError) return { state: 'unknown', error: query.error }
    if (!query.data || query.isPlaceholderData) return { state: 'checking' }
    const { valid, diagnostics, text: cedar = '', policies, warnings = [] } = query.data
    return valid
      ? { state: 'valid', cedar, policies, warnings: problemsOf(warnings, prepared.typed) }
      : { state: 'wrong', problems: problemsOf(diagnostics, prepared.typed) }
  }, [prepared, text, working, query.isError, query.error, query.data, query.isPlaceholderData])
}

/** The value, once it has not changed for so many milliseconds. */
function useRested<T>(value: T, ms: number): T {
  const [rested, setRested] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), ms)
    return () => clearTimeout(timer)
  }, [value, ms])
  return rested === undefined ? value : rested
}
