import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../app/client.ts'
import { useSession } from '../../app/session.tsx'
import { Button } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Bar, Loading } from '../../ui/skeleton.tsx'
import { Failed } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { explain } from '../../ui/trouble.ts'
import { Warning } from '../../ui/warning.tsx'
import { retentionQuery } from './queries.ts'

/** What is kept, until when, and shorter times for some kinds. */
export function Retention() {
  const query = useQuery(retentionQuery)
  if (query.isPending)
    return (
      <Panel title="Retention">
        <Loading what="retention">
          <Bar className="w-72" />
        </Loading>
      </Panel>
    )
  if (query.isError)
    return (
      <Panel title="Retention" flush>
        <Failed what="retention" error={query.error} retry={() => void query.refetch()} />
      </Panel>
    )
  const { sessions, records, kinds, posture, purged_at: purged } = query.data
  return (
    <Panel
      title="Retention"
      flush
      aside={
        purged ? (
          <>
            last purged <Time at={purged} />
          </>
        ) : (
          'not purged yet since the start'
        )
      }
    >
      <p className="border-b border-line px-4 py-2 text-ink-2">
        Values live {span(sessions)} after their session was last used, private records of calls {span(records)}. What is over is taken away
        every few minutes, with a certificate.
      </p>
      {posture.length === 0 ? (
        <p className="px-4 py-6 text-center text-ink-3">The vault holds no value.</p>
      ) : (
        <ul aria-label="What is kept">
          {posture.map(({ kind, count, kept_for: keptFor, oldest, until, overdue }) => (
            <li
              key={kind}
              className="grid grid-cols-2 gap-x-3 border-b border-line px-4 py-1.5 sm:grid-cols-[12rem_5rem_9rem_minmax(0,1fr)_9rem]"
            >
              <span className="font-medium">{kind}</span>
              <span className="tabular text-ink-2">{count}</span>
              <span className="text-ink-2">
                {span(keptFor)}
                {kind in kinds ? ', set' : ''}
              </span>
              <span className="text-xs/5 text-ink-3">
                oldest <Time at={oldest} />
              </span>
              <span className={overdue ? 'text-xs/5 font-medium text-failed' : 'text-xs/5 text-ink-3'}>
                {overdue ? 'over since ' : 'gone '}
                <Time at={until} />
              </span>
            </li>
          ))}
        </ul>
      )}
      <SetRetention kinds={kinds} />
    </Panel>
  )
}

function SetRetention({ kinds }: { kinds: { readonly [kind: string]: number } }) {
  const client = useQueryClient()
  const { can } = useSession()
  const may = can('config:update')
  const [kind, setKind] = useState('')
  const [hours, setHours] = useState('')
  const [error, setError] = useState<unknown>()
  const seconds = Math.round(Number(hours) * 3_600)
  const put = async (next: { readonly [kind: string]: number }) => {
    setError(undefined)
    try {
      client.setQueryData(retentionQuery.queryKey, await api.pii.setRetention({ body: { kinds: next } }))
      setKind('')
      setHours('')
    } catch (cause) {
      setError(cause)
    }
  }
  return (
    <form
      aria-label="Set retention"
      className="space-y-3 px-4 py-3"
      onSubmit={(event) => {
        event.preventDefault()
        void put({ ...kinds, [kind]: seconds })
      }}
    >
      <div className="flex flex-wrap items-end gap-3">
        <Field
          id="retention-kind"
          label="Kind"
          placeholder="SSN"
          value={kind}
          disabled={!may}
          onChange={({ target }) => setKind(target.value)}
        />
        <Field
          id="retention-hours"
          label="Hours"
          inputMode="decimal"
          placeholder="8"
          value={hours}
          disabled={!may}
          onChange={({ target }) => setHours(target.value)}
        />
        <Button type="submit" disabled={!may || kind === '' || !(seconds >= 60)} title={may ? undefined : 'Needs `config:update`'}>
          Keep it only so long
        </Button>
      </div>
      {Object.entries(kinds).map(([each, length]) => (
        <p key={each} className="flex items-center gap-3 text-ink-2">
          {each}: {span(length)}
          <Button
            small
            kind="ghost"
            disabled={!may}
            onClick={() => void put(Object.fromEntries(Object.entries(kinds).filter(([other]) => other !== each)))}
          >
            Back to usual
          </Button>
        </p>
      ))}
      {error !== undefined && <Warning>{explain(error).detail}</Warning>}
    </form>
  )
}

/** So many seconds in words: `1 day`, `8 hours`. */
export function span(seconds: number): string {
  const [count, word] =
    seconds >= 86_400 ? [seconds / 86_400, 'day'] : seconds >= 3_600 ? [seconds / 3_600, 'hour'] : [seconds / 60, 'minute']
  const shown = Math.round(count * 10) / 10
  return `${shown} ${word}${shown === 1 ? '' : 's'}`
}
