import { honeyLevel, type WireHoneyToken } from '@agentgate/api'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Sprout, Undo2 } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { api } from '../../app/client.ts'
import { Button } from '../../ui/button.tsx'
import { Copy } from '../../ui/copy.tsx'
import { cx } from '../../ui/cx.ts'
import { Field, fieldClass } from '../../ui/field.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Bar, Loading } from '../../ui/skeleton.tsx'
import { Failed } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { explain } from '../../ui/trouble.ts'
import { Warning } from '../../ui/warning.tsx'
import { honeyTokensQuery } from './queries.ts'

const answers: { readonly [level in WireHoneyToken['level']]: string } = {
  log: 'put on record',
  alert: 'tell people',
  block: 'block who and where from',
}
const none = { name: '', level: 'alert' as WireHoneyToken['level'], prefix: '' }

/** Values that are planted for intruders: what was touched first, then the newest. Only for those who may change them. */
export function HoneyTokensPanel() {
  const client = useQueryClient()
  const query = useQuery(honeyTokensQuery)
  const [given, setGiven] = useState(none)
  const [made, setMade] = useState<{ readonly name: string; readonly value: string }>()
  const changed = () => client.invalidateQueries(honeyTokensQuery)
  const plant = useMutation({
    mutationFn: () => api.threats.plantHoneyToken({ body: given }),
    onSuccess: async ({ value, honey_token: { name } }) => {
      setMade({ name, value })
      setGiven(none)
      await changed()
    },
  })
  const retire = useMutation({ mutationFn: (id: string) => api.threats.retireHoneyToken({ params: { id } }), onSettled: changed })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    setMade(undefined)
    plant.mutate()
  }
  return (
    <Panel title="Honey tokens">
      {query.isPending ? (
        <Loading what="honey tokens">
          <Bar className="w-40" />
        </Loading>
      ) : query.isError ? (
        <Failed what="honey tokens" error={query.error} retry={() => void query.refetch()} />
      ) : query.data.items.length === 0 ? (
        <p className="text-ink-3">None is planted. Put one where only an intruder looks: any call that carries its value is told.</p>
      ) : (
        <ul aria-label="Honey tokens" className="-mx-4 max-h-80 overflow-y-auto border-b border-line">
          {query.data.items.toSorted(touchedFirst).map((token) => (
            <Row key={token.id} token={token} busy={retire.isPending} retire={() => retire.mutate(token.id)} />
          ))}
        </ul>
      )}
      {retire.isError && (
        <div className="mt-3">
          <Warning>{explain(retire.error).detail}</Warning>
        </div>
      )}
      <div role="status">
        {made && (
          <div className="mt-4 rounded-md border border-line-strong bg-sunken px-3 py-2">
            <p className="text-xs text-ink-2">The value of “{made.name}”, which is not shown again:</p>
            <p className="mt-1 flex items-start gap-1">
              <code data-value className="min-w-0 flex-1 font-mono text-xs break-all">
                {made.value}
              </code>
              <Copy text={made.value} what="the value" />
            </p>
          </div>
        )}
      </div>
      <form onSubmit={submit} className="mt-4 space-y-3">
        <Field
          id="honey-name"
          label="Where it is planted"
          placeholder="the wiki's page of keys"
          required
          maxLength={100}
          autoComplete="off"
          value={given.name}
          onChange={({ target }) => setGiven({ ...given, name: target.value })}
        />
        <div className="grid grid-cols-2 gap-3">
          <Field
            id="honey-prefix"
            label="Begins with"
            placeholder="sk_live_"
            maxLength={100}
            pattern="[!-~]*"
            title="ASCII signs without spaces"
            autoComplete="off"
            value={given.prefix}
            onChange={({ target }) => setGiven({ ...given, prefix: target.value })}
          />
          <div>
            <label htmlFor="honey-level" className="mb-1 block text-xs font-medium text-ink-2">
              When touched
            </label>
            <select
              id="honey-level"
              value={given.level}
              onChange={({ target }) => setGiven({ ...given, level: honeyLevel.parse(target.value) })}
              className={cx(fieldClass, 'h-9 w-full')}
            >
              {honeyLevel.options.map((level) => (
                <option key={level} value={level}>
                  {answers[level]}
                </option>
              ))}
            </select>
          </div>
        </div>
        {plant.isError && <Warning>{explain(plant.error).detail}</Warning>}
        <Button small type="submit" disabled={plant.isPending} icon={<Sprout aria-hidden className="size-3.5" />}>
          {plant.isPending ? 'Planting…' : 'Plant'}
        </Button>
      </form>
    </Panel>
  )
}

function Row({ token, busy, retire }: { token: WireHoneyToken; busy: boolean; retire: () => void }) {
  const { name, level, state, touches, touched_at, planted_at } = token
  return (
    <li className="flex items-center gap-3 border-b border-line px-4 py-2 last:border-b-0">
      <div className="min-w-0 flex-1">
        <p className={cx('truncate text-sm', state !== 'planted' && 'text-ink-3')} title={name}>
          {name}
        </p>
        <p className="text-xs text-ink-3">
          {level},{' '}
          {touched_at === undefined ? (
            <>
              planted <Time at={planted_at} />, never touched
            </>
          ) : (
            <span className="font-medium text-refused">
              touched {touches === 1 ? 'once' : `${touches} times`}, last <Time at={touched_at} />
            </span>
          )}
          {state === 'retired' && ', retired'}
          {state === 'key-replaced' && ', found no more: its key was replaced'}
        </p>
      </div>
      {state !== 'retired' && (
        <Button
          small
          kind="ghost"
          disabled={busy}
          aria-label={`Retire ${name}`}
          icon={<Undo2 aria-hidden className="size-3.5" />}
          onClick={retire}
        >
          Retire
        </Button>
      )}
    </li>
  )
}

function touchedFirst(one: WireHoneyToken, other: WireHoneyToken): number {
  return (other.touched_at ?? '').localeCompare(one.touched_at ?? '') || other.planted_at.localeCompare(one.planted_at)
}
