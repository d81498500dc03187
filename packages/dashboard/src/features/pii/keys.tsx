import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../app/client.ts'
import { useSession } from '../../app/session.tsx'
import { Button } from '../../ui/button.tsx'
import { Id } from '../../ui/id.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Bar, Loading } from '../../ui/skeleton.tsx'
import { Failed } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { Confirm } from './confirm.tsx'
import { Erase } from './erase.tsx'
import { vaultKeysQuery } from './queries.ts'
import { Retention } from './retention.tsx'

/** The keys that wrap the keys of sessions, and how long what they keep is kept. */
export function KeysTab() {
  const query = useQuery({ ...vaultKeysQuery, refetchInterval: ({ state }) => ((state.data?.items.length ?? 0) > 1 ? 1_000 : false) })
  const client = useQueryClient()
  const { can } = useSession()
  const [rotating, setRotating] = useState(false)
  const may = can('key:rotate')
  return (
    <div className="grid items-start gap-4">
      <Panel
        title="Keys of the vault"
        flush
        aside={
          <Button small kind="danger" disabled={!may} title={may ? undefined : 'Needs `key:rotate`'} onClick={() => setRotating(true)}>
            Rotate…
          </Button>
        }
      >
        {query.isPending ? (
          <Loading what="keys">
            <div className="px-4 py-4">
              <Bar className="w-64" />
            </div>
          </Loading>
        ) : query.isError ? (
          <Failed what="keys" error={query.error} retry={() => void query.refetch()} />
        ) : query.data.items.length === 0 ? (
          <p className="px-4 py-8 text-center text-ink-3">The first key is made when something is kept.</p>
        ) : (
          <ul aria-label="Keys">
            {query.data.items.map(({ id, made_at: at, current, wraps }) => (
              <li
                key={id}
                className="grid grid-cols-[12rem_minmax(0,1fr)] items-center gap-x-3 border-b border-line px-4 py-2 last:border-b-0 sm:grid-cols-[14rem_9rem_minmax(0,1fr)_7rem]"
              >
                <Id id={id} what="the key's name" />
                <span className="font-medium">{current ? 'current' : 'being replaced'}</span>
                <span className="tabular text-ink-2">
                  wraps {wraps} {wraps === 1 ? 'key' : 'keys'} of sessions and subjects
                </span>
                <span className="text-right text-xs text-ink-3 max-sm:text-left">
                  made <Time at={at} />
                </span>
              </li>
            ))}
          </ul>
        )}
      </Panel>
      <Retention />
      <Erase />
      {rotating && (
        <Confirm
          title="Rotate the key of the vault"
          word="rotate"
          does="Rotate"
          close={() => setRotating(false)}
          act={() => api.pii.rotateKeys({ body: { confirm: 'rotate' } })}
          done={() => client.invalidateQueries({ queryKey: ['pii', 'keys'] })}
        >
          A new key is made. The keys of sessions and subjects are wrapped anew under it while everything runs on, no value is opened for
          it, and the older key is destroyed at the end.
        </Confirm>
      )}
    </div>
  )
}
