import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Search, Undo2 } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { api } from '../../app/client.ts'
import { useSession } from '../../app/session.tsx'
import { Button } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Bar, Loading } from '../../ui/skeleton.tsx'
import { Failed } from '../../ui/states.tsx'
import { explain } from '../../ui/trouble.ts'
import { Warning } from '../../ui/warning.tsx'
import { taintsQuery } from './queries.ts'

/** What has entered the sessions of an agent, and the word of a person that it is trusted again. */
export function TaintsPanel() {
  const [given, setGiven] = useState('')
  const [principal, setPrincipal] = useState<string>()
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    setPrincipal(given.trim())
  }
  return (
    <Panel title="Tainted sessions">
      <p className="text-ink-3">What came from outside stays held against the session that it entered, until a person trusts it again.</p>
      <form onSubmit={submit} className="mt-3 space-y-3">
        <Field
          id="taints-principal"
          label="Agent or person"
          placeholder="Agent::…"
          required
          autoComplete="off"
          value={given}
          onChange={({ target }) => setGiven(target.value)}
        />
        <Button small type="submit" icon={<Search aria-hidden className="size-3.5" />}>
          Show sessions
        </Button>
      </form>
      {principal !== undefined && <Sessions key={principal} principal={principal} />}
    </Panel>
  )
}

function Sessions({ principal }: { principal: string }) {
  const { can } = useSession()
  const client = useQueryClient()
  const query = useQuery(taintsQuery(principal))
  const reset = useMutation({
    mutationFn: (session: string | undefined) =>
      api.threats.resetTaint({ body: { principal, ...(session !== undefined && { session_id: session }) } }),
    onSettled: () => client.invalidateQueries(taintsQuery(principal)),
  })
  if (query.isPending)
    return (
      <Loading what="sessions">
        <Bar className="mt-3 w-40" />
      </Loading>
    )
  if (query.isError) return <Failed what="the sessions" error={query.error} retry={() => void query.refetch()} />
  if (query.data.items.length === 0) return <p className="mt-3 text-ink-3">Nothing has entered its sessions.</p>
  return (
    <>
      <ul aria-label="Tainted sessions" className="-mx-4 mt-3 border-t border-line">
        {query.data.items.map(({ session_id, taint }) => (
          <li key={session_id ?? ''} className="flex items-center gap-3 border-b border-line px-4 py-2 last:border-b-0">
            <div className="min-w-0 flex-1">
              <p className="truncate font-mono text-xs" title={session_id}>
                {session_id ?? 'calls of no session'}
              </p>
              <p className="text-xs text-ink-3">{taint}</p>
            </div>
            {can('threat:update') && (
              <Button
                small
                kind="ghost"
                disabled={reset.isPending}
                aria-label={`Trust again: ${session_id ?? 'calls of no session'}`}
                icon={<Undo2 aria-hidden className="size-3.5" />}
                onClick={() => reset.mutate(session_id)}
              >
                Trust again
              </Button>
            )}
          </li>
        ))}
      </ul>
      {query.data.next_cursor !== undefined && <p className="mt-2 text-xs text-ink-3">The first 200 are shown.</p>}
      {reset.isError && (
        <div className="mt-3">
          <Warning>{explain(reset.error).detail}</Warning>
        </div>
      )}
    </>
  )
}
