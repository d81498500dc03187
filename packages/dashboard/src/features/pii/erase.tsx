import type { WireErasure } from '@agentgate/api'
import { useQueryClient } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { useState } from 'react'
import { api } from '../../app/client.ts'
import { useSession } from '../../app/session.tsx'
import { Button } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import { Id } from '../../ui/id.tsx'
import { Fact, Facts, Panel } from '../../ui/panel.tsx'
import { hand } from '../evidence/bundle.ts'
import { Confirm } from './confirm.tsx'
import { countsOf } from './sessions.tsx'

/** Erases a person, after a typed word and the password. Who it was stands nowhere but in the salt that is handed over here, once. */
export function Erase() {
  const { can } = useSession()
  const client = useQueryClient()
  const [subject, setSubject] = useState('')
  const [asking, setAsking] = useState(false)
  const [erasure, setErasure] = useState<WireErasure>()
  const may = can('key:rotate')
  return (
    <Panel title="Erase a person">
      <form
        aria-label="Erase a person"
        className="flex flex-wrap items-end gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          setAsking(true)
        }}
      >
        <div className="min-w-0 flex-1">
          <Field
            id="erase-subject"
            label="Whom"
            hint="As sessions were opened for them: User::… for those who sign in, or the subject that an application gave."
            value={subject}
            disabled={!may}
            autoComplete="off"
            maxLength={500}
            onChange={({ target }) => setSubject(target.value)}
          />
        </div>
        <Button
          type="submit"
          kind="danger"
          className="mb-5"
          disabled={!may || subject.trim() === ''}
          title={may ? undefined : 'Needs `key:rotate`'}
        >
          Erase…
        </Button>
      </form>
      <div role="status" data-part="erased">
        {erasure && (
          <div className="mt-3 space-y-3 border-t border-line pt-3">
            <p>
              {erasure.sessions === 0
                ? 'Nothing was kept about them. The ledger has a certificate of that.'
                : `Destroyed the keys of ${erasure.sessions} ${erasure.sessions === 1 ? 'session' : 'sessions'}, those of private records among them: ${countsOf(erasure.values)}.`}
            </p>
            <Facts>
              <Fact name="Certificate">
                <Id id={erasure.erasure_id} what="the certificate's id" />
              </Fact>
              <Fact name="Entry">{erasure.entry} of the ledger</Fact>
            </Facts>
            <Button
              small
              icon={<Download aria-hidden className="size-3.5" />}
              onClick={() =>
                hand(new Blob([JSON.stringify(erasure, undefined, 2)], { type: 'application/json' }), `${erasure.erasure_id}.erasure.json`)
              }
            >
              Keep the certificate
            </Button>
            <p className="text-xs text-ink-3">
              It opens whose erasure this was, which nothing else does any more: it is kept nowhere but in that file.
            </p>
          </div>
        )}
      </div>
      {asking && (
        <Confirm
          title="Erase a person"
          word="erase"
          does="Destroy their keys"
          close={() => setAsking(false)}
          act={async () => setErasure(await api.pii.erase({ body: { subject: subject.trim(), confirm: 'erase' } }))}
          done={async () => {
            setSubject('')
            await client.invalidateQueries({ queryKey: ['pii'] })
          }}
        >
          The keys of every session about this person are destroyed, the private records of their calls included, whoever opened them.
          Nobody can ever read those values again. A certificate of the erasure goes into the ledger.
        </Confirm>
      )}
    </Panel>
  )
}
