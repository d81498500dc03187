import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Ban, Undo2 } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { api } from '../../app/client.ts'
import { useSession } from '../../app/session.tsx'
import { Button } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import { shortened } from '../../ui/id.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Bar, Loading } from '../../ui/skeleton.tsx'
import { Failed } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { explain } from '../../ui/trouble.ts'
import { Warning } from '../../ui/warning.tsx'
import { blocklistQuery } from './queries.ts'

/** The networks and principals that are blocked, each until its time is over. */
export function BlocklistPanel() {
  const { can } = useSession()
  const client = useQueryClient()
  const query = useQuery(blocklistQuery)
  const [given, setGiven] = useState({ address: '', hours: '1' })
  const changed = () => client.invalidateQueries(blocklistQuery)
  const block = useMutation({
    mutationFn: () => {
      const subject = given.address.trim()
      const blocked = /^\w+::[\w-]{12}/.test(subject) ? { principal: subject } : { address: subject }
      return api.threats.block({ body: { ...blocked, hours: Number(given.hours) } })
    },
    onSuccess: async () => {
      setGiven({ address: '', hours: '1' })
      await changed()
    },
  })
  const unblock = useMutation({ mutationFn: (subject: string) => api.threats.unblock({ params: { subject } }), onSettled: changed })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    block.mutate()
  }
  const may = can('threat:update')
  return (
    <Panel title="Blocked">
      {query.isPending ? (
        <Loading what="what is blocked">
          <Bar className="w-40" />
        </Loading>
      ) : query.isError ? (
        <Failed what="the blocklist" error={query.error} retry={() => void query.refetch()} />
      ) : query.data.items.length === 0 ? (
        <p className="text-ink-3">Nothing is blocked.</p>
      ) : (
        <ul aria-label="Blocked" className="-mx-4 border-b border-line">
          {query.data.items.map(({ subject, until, why }) => (
            <li key={subject} className="flex items-center gap-3 border-b border-line px-4 py-2 last:border-b-0">
              <div className="min-w-0 flex-1">
                <p className="truncate font-mono text-xs" title={subject}>
                  {shown(subject)}
                </p>
                <p className="text-xs text-ink-3">
                  {why.replaceAll(/[_-]/g, ' ')}, until <Time at={until} />
                </p>
              </div>
              {may && (
                <Button
                  small
                  kind="ghost"
                  disabled={unblock.isPending}
                  aria-label={`Unblock ${shown(subject)}`}
                  icon={<Undo2 aria-hidden className="size-3.5" />}
                  onClick={() => unblock.mutate(subject)}
                >
                  Unblock
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {may && (
        <form onSubmit={submit} className="mt-4 space-y-3">
          <div className="grid grid-cols-[minmax(0,1fr)_6rem] gap-3">
            <Field
              id="block-address"
              label="Address or principal"
              placeholder="203.0.113.9"
              required
              autoComplete="off"
              value={given.address}
              onChange={({ target }) => setGiven({ ...given, address: target.value })}
            />
            <Field
              id="block-hours"
              label="Hours"
              type="number"
              min="0.1"
              max="8760"
              step="any"
              required
              value={given.hours}
              onChange={({ target }) => setGiven({ ...given, hours: target.value })}
            />
          </div>
          {(block.isError || unblock.isError) && <Warning>{explain(block.error ?? unblock.error).detail}</Warning>}
          <Button small kind="danger" type="submit" disabled={block.isPending} icon={<Ban aria-hidden className="size-3.5" />}>
            {block.isPending ? 'Blocking…' : 'Block'}
          </Button>
        </form>
      )}
    </Panel>
  )
}

/** The address of a network, or a principal's id, shortened. */
function shown(subject: string): string {
  return subject.startsWith('network:') ? subject.slice('network:'.length) : shortened(subject)
}
