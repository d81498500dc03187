import type { WireGrant } from '@agentgate/api'
import { infiniteQueryOptions, useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { HandHelping, Undo2 } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { api } from '../../app/client.ts'
import { useSession } from '../../app/session.tsx'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { Field } from '../../ui/field.tsx'
import { shortened } from '../../ui/id.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Radios } from '../../ui/radios.tsx'
import { Bar, Loading } from '../../ui/skeleton.tsx'
import { Failed } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { explain } from '../../ui/trouble.ts'
import { Warning } from '../../ui/warning.tsx'

const grantsQuery = (all: 'true' | undefined) =>
  infiniteQueryOptions({
    queryKey: ['grants', all],
    queryFn: ({ pageParam, signal }) =>
      api.delegations.list({ query: { limit: 50, ...(!all && { standing: 'true' }), ...(pageParam && { cursor: pageParam }) }, signal }),
    initialPageParam: '',
    getNextPageParam: ({ next_cursor }) => next_cursor,
    refetchInterval: 15_000,
  })

const nothing = { holder: '', actions: '', resources: '*', hours: '24' }

/** Authority that was handed on: who may act within what, until when; to be handed out and taken back. */
export function GrantsPanel() {
  const { can, user } = useSession()
  const client = useQueryClient()
  const [ended, setEnded] = useState<'true'>()
  const query = useInfiniteQuery(grantsQuery(ended))
  const [given, setGiven] = useState(nothing)
  const [ending, setEnding] = useState<string>()
  const changed = () => client.invalidateQueries({ queryKey: ['grants'] })
  const issue = useMutation({
    mutationFn: () =>
      api.delegations.issue({
        body: {
          holder: given.holder.trim(),
          allowed_actions: listed(given.actions),
          resource_scope: listed(given.resources),
          expires_at: new Date(Date.now() + Number(given.hours) * 3_600_000).toISOString(),
        },
      }),
    onSuccess: async () => {
      setGiven(nothing)
      await changed()
    },
  })
  const revoke = useMutation({
    mutationFn: (id: string) => api.delegations.revoke({ params: { id } }),
    onSettled: async () => {
      setEnding(undefined)
      await changed()
    },
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    issue.mutate()
  }
  const field = (name: keyof typeof nothing) => ({
    id: `grant-${name}`,
    value: given[name],
    autoComplete: 'off',
    onChange: ({ target }: { target: HTMLInputElement }) => setGiven({ ...given, [name]: target.value }),
  })
  const all = query.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <div className="mt-6">
      <Panel title="Grants">
        <div className="mb-3 flex flex-wrap items-center gap-3">
          <p className="text-xs text-ink-3">
            Who was ever handed a grant acts within one that stands, and within all that it was handed on from. Policies still decide.
          </p>
          <div className="ml-auto">
            <Radios
              label="Which grants"
              value={ended}
              choose={setEnded}
              options={[
                { value: undefined, word: 'Standing' },
                { value: 'true' as const, word: 'All' },
              ]}
            />
          </div>
        </div>
        {query.isPending ? (
          <Loading what="grants">
            <Bar className="w-40" />
          </Loading>
        ) : query.isError ? (
          <Failed what="grants" error={query.error} retry={() => void query.refetch()} />
        ) : all.length === 0 ? (
          <p className="text-ink-3">{ended ? 'Nothing was handed on.' : 'Nothing that was handed on stands.'}</p>
        ) : (
          <ul aria-label="Grants" className="-mx-4 border-b border-line">
            {all.map((grant) => (
              <Row
                key={grant.id}
                grant={grant}
                busy={revoke.isPending}
                asked={ending === grant.id}
                ask={can('delegation:write') || grant.issuer === user.id ? setEnding : undefined}
                revoke={() => revoke.mutate(grant.id)}
              />
            ))}
          </ul>
        )}
        {query.hasNextPage && (
          <div className="mt-3">
            <Button small disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              Older grants
            </Button>
          </div>
        )}
        {revoke.isError && (
          <div className="mt-3">
            <Warning>{explain(revoke.error).detail}</Warning>
          </div>
        )}
        {can('delegation:write') && (
          <form onSubmit={submit} className="mt-4 space-y-3">
            <div className="grid gap-3 md:grid-cols-[minmax(0,2fr)_minmax(0,2fr)_minmax(0,2fr)_6rem]">
              <Field {...field('holder')} label="Holder" placeholder="Agent::…" required />
              <Field {...field('actions')} label="Actions" placeholder="effect:read, look_up" />
              <Field {...field('resources')} label="Resources" placeholder="/reports/*" required />
              <Field {...field('hours')} label="Hours" type="number" min="0.1" max="87600" step="any" required />
            </div>
            <p className="text-xs text-ink-3">Without actions, the holder may do only what others hand on to it.</p>
            {issue.isError && <Warning>{explain(issue.error).detail}</Warning>}
            <Button small type="submit" disabled={issue.isPending} icon={<HandHelping aria-hidden className="size-3.5" />}>
              {issue.isPending ? 'Handing on…' : 'Hand on'}
            </Button>
          </form>
        )}
      </Panel>
    </div>
  )
}

function Row({
  grant,
  busy,
  asked,
  ask,
  revoke,
}: {
  grant: WireGrant
  busy: boolean
  asked: boolean
  ask: ((id: string | undefined) => void) | undefined
  revoke: () => void
}) {
  const {
    id,
    holder,
    issuer,
    parent,
    allowed_actions: actions,
    resource_scope: resources,
    obligations,
    expires_at,
    revoked_at,
    state,
    issuer_key: issuerKey,
  } = grant
  return (
    <li className="flex items-center gap-3 border-b border-line px-4 py-2 last:border-b-0">
      <div className="min-w-0 flex-1">
        <p className={cx('text-sm break-words', state !== 'stands' && 'text-ink-3')} title={holder}>
          <span className="font-mono text-xs">{shortened(holder)}</span> {actions.length > 0 ? actions.join(', ') : 'nothing of its own'}
          {' on '}
          {resources.join(', ')}
        </p>
        <p className="text-xs text-ink-3">
          {parent === undefined ? 'from ' : 'handed on by '}
          <span className="font-mono">{shortened(issuer)}</span>
          {issuerKey !== undefined && <span title={`Key ${issuerKey}`}>, signed by its issuer</span>}
          {obligations.length > 0 && ', each call approved by a person'}
          {state === 'unsigned' && <span className="font-medium text-refused">, never signed: it covers nothing</span>}
          {state === 'revoked' && revoked_at !== undefined ? (
            <>
              , revoked <Time at={revoked_at} />
            </>
          ) : (
            <>
              , {state === 'expired' ? 'ended' : 'ends'} <Time at={expires_at} />
            </>
          )}
        </p>
      </div>
      {(state === 'stands' || state === 'unsigned') && ask && !asked && (
        <Button
          small
          kind="ghost"
          disabled={busy}
          aria-label={`Revoke what ${shortened(holder)} holds on ${resources.join(', ')}`}
          icon={<Undo2 aria-hidden className="size-3.5" />}
          onClick={() => ask(id)}
        >
          Revoke…
        </Button>
      )}
      {asked && ask && (
        <span role="group" aria-label="Revoke for good" className="flex items-center gap-2">
          <Button small kind="danger" disabled={busy} autoFocus onClick={revoke}>
            Revoke, with all handed on from it
          </Button>
          <Button small kind="ghost" disabled={busy} onClick={() => ask(undefined)}>
            Keep
          </Button>
        </span>
      )}
    </li>
  )
}

/** What stands between commas. */
function listed(text: string): string[] {
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
}
