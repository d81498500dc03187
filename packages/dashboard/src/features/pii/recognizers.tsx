import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import { api } from '../../app/client.ts'
import { useSession } from '../../app/session.tsx'
import { Button } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Bar, Loading } from '../../ui/skeleton.tsx'
import { Empty, Failed } from '../../ui/states.tsx'
import { explain } from '../../ui/trouble.ts'
import { Warning } from '../../ui/warning.tsx'
import { Confirm } from './confirm.tsx'
import { recognizersQuery } from './queries.ts'

/** What is found besides the built-in kinds, in every call from then on. */
export function RecognizersTab() {
  const query = useQuery(recognizersQuery)
  const client = useQueryClient()
  const { can } = useSession()
  const [leaving, setLeaving] = useState<string>()
  const may = can('config:update')
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_24rem]">
      <Panel title="Recognizers" flush aside="besides the built-in ones">
        {query.isPending ? (
          <Loading what="recognizers">
            <div className="space-y-4 px-4 py-4">
              <Bar className="w-40" />
              <Bar className="w-56" />
            </div>
          </Loading>
        ) : query.isError ? (
          <Failed what="recognizers" error={query.error} retry={() => void query.refetch()} />
        ) : query.data.items.length === 0 ? (
          <Empty title="None of your own yet">A staff number, a case number: what the built-in detectors cannot know.</Empty>
        ) : (
          <ul aria-label="Recognizers">
            {query.data.items.map(({ name, kind, pattern, context }) => (
              <li key={name} className="flex items-center gap-3 border-b border-line px-4 py-2 last:border-b-0">
                <div className="min-w-0 flex-1">
                  <p className="flex flex-wrap gap-x-3">
                    <span className="font-medium">{name}</span>
                    <code className="font-mono text-xs text-ink-2">{`<${kind}_n>`}</code>
                  </p>
                  <p className="truncate font-mono text-xs text-ink-3">{pattern}</p>
                  {context && <p className="text-xs text-ink-3">near {context.join(', ')}</p>}
                </div>
                <Button
                  small
                  kind="ghost"
                  disabled={!may}
                  aria-label={`Remove ${name}`}
                  icon={<Trash2 aria-hidden className="size-3.5" />}
                  onClick={() => setLeaving(name)}
                />
              </li>
            ))}
          </ul>
        )}
      </Panel>
      <Add may={may} />
      {leaving !== undefined && (
        <Confirm
          title={`Remove ${leaving}`}
          word="remove"
          does="Remove it"
          close={() => setLeaving(undefined)}
          act={() => api.pii.removeRecognizer({ params: { id: leaving } })}
          done={() => client.invalidateQueries(recognizersQuery)}
        >
          From the next call on nothing looks for what it found: such values go out as they stand. What is masked already stays masked.
        </Confirm>
      )}
    </div>
  )
}

function Add({ may }: { may: boolean }) {
  const client = useQueryClient()
  const [given, setGiven] = useState({ name: '', kind: '', pattern: '', context: '' })
  const [error, setError] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  const field = (member: keyof typeof given) => ({
    id: `recognizer-${member}`,
    value: given[member],
    disabled: !may,
    autoComplete: 'off',
    onChange: ({ target }: { target: { value: string } }) => setGiven({ ...given, [member]: target.value }),
  })
  const add = async () => {
    setBusy(true)
    setError(undefined)
    const { name, kind, pattern, context } = given
    const words = context
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== '')
    try {
      await api.pii.addRecognizer({ body: { name, kind, pattern, ...(words.length > 0 && { context: words }) } })
      setGiven({ name: '', kind: '', pattern: '', context: '' })
      await client.invalidateQueries(recognizersQuery)
    } catch (cause) {
      setError(cause)
    }
    setBusy(false)
  }
  return (
    <Panel title="Add one">
      <form
        className="space-y-3"
        onSubmit={(event) => {
          event.preventDefault()
          void add()
        }}
      >
        <Field label="Name" placeholder="staff-number" {...field('name')} />
        <Field label="Kind" placeholder="STAFF_NUMBER" hint="Names its tokens: <STAFF_NUMBER_1>." {...field('kind')} />
        <Field
          label="Pattern"
          placeholder="S-\d{6}"
          hint="A regular expression of linear time: no backreferences, no looking around. What it looks like, not whose it is."
          className="font-mono"
          {...field('pattern')}
        />
        <Field
          label="Words nearby"
          placeholder="staff, employee"
          hint="Optional, with commas. Far from them a find counts half."
          {...field('context')}
        />
        {error !== undefined && <Warning>{explain(error).detail}</Warning>}
        <Button
          type="submit"
          kind="solid"
          disabled={!may || busy || given.name === '' || given.kind === '' || given.pattern === ''}
          title={may ? undefined : 'Needs `config:update`'}
        >
          Add
        </Button>
      </form>
    </Panel>
  )
}
