import { Problem } from '@agentgate/api'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '../../app/client.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import { Text } from '../../ui/json.tsx'
import { explain } from '../../ui/trouble.ts'
import { blank } from './form.ts'
import { startersQuery } from './queries.ts'
import { Warning } from '../../ui/warning.tsx'

/** A free name: the starter's own, else with a number behind it. */
export function freeName(wanted: string, taken: readonly string[]): string {
  for (let at = 1; ; at++) {
    const name = at === 1 ? wanted : `${wanted}-${at}`
    if (!taken.includes(name)) return name
  }
}

/** Names a new set and saves its first draft. Nothing decides by it yet. */
export function NewSet({ from, taken, close }: { from: string; taken: readonly string[]; close: () => void }) {
  const starters = useQuery(startersQuery)
  const starter = starters.data?.items.find(({ id }) => id === from)
  const [typed, setTyped] = useState<string>()
  const name = typed ?? freeName(starter?.id ?? 'my-rules', taken)
  const navigate = useNavigate()
  const client = useQueryClient()
  const save = useMutation({
    mutationFn: () =>
      api.policies.putDraft({
        params: { id: name },
        body: {
          policy: { text: starter?.text ?? blank.cedar },
          ...(starter?.invariants && { invariants: starter.invariants }),
          revision: 0,
          why: starter ? `begun from ${starter.id}` : 'begun',
        },
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['policies'] })
      await navigate({ to: '/policies/$id', params: { id: name } })
    },
  })
  const wrong = taken.includes(name)
    ? 'There is a set of this name.'
    : /^[a-z0-9][a-z0-9._-]{0,99}$/.test(name)
      ? undefined
      : 'Lower-case letters, digits, dots and dashes, at most 100.'
  return (
    <Dialog label="New policy set" close={close} className="w-[40rem] max-w-[calc(100vw-2rem)]">
      <form
        className="flex max-h-[72vh] flex-col"
        onSubmit={(event) => {
          event.preventDefault()
          if (!wrong) save.mutate()
        }}
      >
        <h2 className="border-b border-line px-5 py-3 text-base font-semibold">
          {starter ? `New set from ${starter.id}` : 'New policy set'}
        </h2>
        <div className="min-h-0 space-y-4 overflow-y-auto px-5 py-4">
          <Field
            id="set-name"
            label="Name"
            data-first
            value={name}
            onChange={({ target }) => setTyped(target.value)}
            spellCheck={false}
            autoComplete="off"
            required
            aria-invalid={wrong !== undefined}
            hint={wrong ?? 'It is saved as a draft. Nothing decides by it before it is published and activated.'}
          />
          {starter && (
            <div>
              <h3 className="label mb-1">Its text</h3>
              <Text text={starter.text} label="Its text" mono className="max-h-56 rounded-md border border-line bg-sunken px-3 py-2" />
            </div>
          )}
          {save.isError && <Warning>{whyNot(save.error)}</Warning>}
        </div>
        <footer className="flex gap-2 border-t border-line px-5 py-3">
          <Button kind="solid" type="submit" disabled={wrong !== undefined || save.isPending || (from !== 'nothing' && !starter)}>
            {save.isPending ? 'Saving…' : 'Save the draft'}
          </Button>
          <Button kind="ghost" onClick={close}>
            Cancel
          </Button>
        </footer>
      </form>
    </Dialog>
  )
}

function whyNot(error: unknown): string {
  if (error instanceof Problem && error.code === 'draft-changed') return 'Somebody else just made a set of this name. Choose another.'
  return `Not saved. ${explain(error).detail}`
}
