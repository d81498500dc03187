import { type PolicySetSummary, readJson } from '@agentgate/api'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Play } from 'lucide-react'
import { type FormEvent, useRef, useState } from 'react'
import { present } from '../../app/search.ts'
import { useSession } from '../../app/session.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Copy } from '../../ui/copy.tsx'
import { cx } from '../../ui/cx.ts'
import { Field, fieldClass } from '../../ui/field.tsx'
import { Id } from '../../ui/id.tsx'
import { Fact, Facts, Panel } from '../../ui/panel.tsx'
import { Said } from '../../ui/said.tsx'
import { Bar, Loading } from '../../ui/skeleton.tsx'
import { Failed } from '../../ui/states.tsx'
import { ofVerdict } from '../../ui/status.ts'
import { evaluateQuery, toolsQuery } from './queries.ts'
import { type Asked, emptyInput, requestOf } from './request.ts'
import { Warning } from '../../ui/warning.tsx'

const route = getRouteApi('/shell/policies/$id')

/** What these policies say of one call. Nothing runs and nothing is recorded. */
export function EvaluateTab({ set }: { set: PolicySetSummary }) {
  const search = route.useSearch()
  const navigate = useNavigate()
  const { user, can } = useSession()
  const tools = useQuery(toolsQuery)
  const subject = subjectOf(search, set)
  const { who, roles, mfa, action, resource, context } = search
  const asked: Asked = present({ who, roles, mfa, action, resource, context })
  const ready = action === undefined ? undefined : requestOf(asked, subject.body)
  const query = useQuery({
    ...evaluateQuery(ready?.ok ? ready.body : { principal: { id: '' }, action: '', resource: '' }),
    enabled: ready?.ok === true && can('policy:evaluate'),
  })
  const [named, setNamed] = useState(action)
  const tool = tools.data?.items.find(({ name }) => name === named)
  const facts = useRef<HTMLTextAreaElement>(null)
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const typed = (name: string) => {
      const value = form.get(name)
      return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
    }
    const next = present({
      who: typed('who'),
      roles: typed('roles'),
      mfa: form.get('mfa') === 'on' ? ('yes' as const) : undefined,
      action: typed('action'),
      resource: typed('resource'),
      context: typed('context'),
    })
    const again = JSON.stringify(next) === JSON.stringify(asked)
    if (again) void query.refetch()
    else
      void navigate({
        to: '/policies/$id',
        params: { id: set.id },
        search: ({ tab, by, version }) => present({ tab, by, version, ...next }),
        replace: true,
      })
  }
  const choose = (value: string) => {
    const version = /^v(\d+)$/.exec(value)?.[1]
    void navigate({
      to: '/policies/$id',
      params: { id: set.id },
      search: ({ by: _, version: __, ...rest }) => ({
        ...rest,
        ...(version !== undefined
          ? { by: 'version' as const, version: Number(version) }
          : { by: value === 'draft' ? ('draft' as const) : ('active' as const) }),
      }),
      replace: true,
    })
  }
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <Panel title="The call" aside="an example: nothing runs, nothing is recorded">
        <form key={`${set.id}${JSON.stringify(asked)}`} onSubmit={submit} className="space-y-3.5">
          <div>
            <label htmlFor="by" className="mb-1 block text-xs font-medium text-ink-2">
              Judged by
            </label>
            <select id="by" value={subject.value} onChange={({ target }) => choose(target.value)} className={cx(fieldClass, 'h-9 w-full')}>
              <option value="active">All active sets, as calls are judged now</option>
              {set.draft && <option value="draft">The saved draft of this set, alone</option>}
              {Array.from({ length: set.versions }, (_, at) => set.versions - at).map((version) => (
                <option key={version} value={`v${version}`}>
                  Version {version} of this set, alone{version === set.active_version ? ' (active)' : ''}
                </option>
              ))}
            </select>
          </div>
          <div className="grid gap-3.5 sm:grid-cols-2">
            <Field
              id="who"
              name="who"
              label="Principal"
              defaultValue={who ?? user.id}
              required
              maxLength={200}
              spellCheck={false}
              className="font-mono text-xs"
            />
            <Field
              id="roles"
              name="roles"
              label="Roles, separated by spaces"
              defaultValue={roles ?? (action === undefined ? 'developer' : '')}
              spellCheck={false}
            />
            <Field
              id="action"
              name="action"
              label="Action: a tool or an effect"
              list="actions"
              defaultValue={action}
              required
              maxLength={200}
              spellCheck={false}
              onChange={({ target }) => setNamed(target.value)}
              data-main-field
            />
            <Field
              id="resource"
              name="resource"
              label="Resource"
              defaultValue={resource}
              maxLength={300}
              spellCheck={false}
              placeholder="/api/orders"
            />
          </div>
          <datalist id="actions">
            {['read', 'write', 'delete', 'execute', 'send', 'pay', ...(tools.data?.items.map(({ name }) => name) ?? [])].map((name) => (
              <option key={name} value={name} />
            ))}
          </datalist>
          <label className="flex items-center gap-2 text-sm">
            <input type="checkbox" name="mfa" defaultChecked={mfa === 'yes'} className="size-4 accent-(--accent)" />
            With a fresh second factor
          </label>
          <div>
            <div className="mb-1 flex min-h-7 flex-wrap items-center justify-between gap-x-3">
              <label htmlFor="context" className="text-xs font-medium text-ink-2">
                Facts, as JSON <span className="font-normal text-ink-3">(what is not said has its value for “none”)</span>
              </label>
              {tool && (
                <Button
                  small
                  kind="ghost"
                  onClick={() => facts.current && (facts.current.value = begunWith(facts.current.value, tool.input))}
                >
                  Insert the input of {tool.name}
                </Button>
              )}
            </div>
            <textarea
              id="context"
              ref={facts}
              name="context"
              rows={5}
              defaultValue={pretty(context)}
              spellCheck={false}
              maxLength={6000}
              placeholder={'{ "input": { "message": "hello" }, "taint": "untrusted" }'}
              className={cx(fieldClass, 'w-full py-1.5 font-mono text-xs/5')}
            />
          </div>
          {ready && !ready.ok && (
            <Warning>
              {ready.message}
              {ready.line !== undefined && ` Line ${ready.line}.`}
            </Warning>
          )}
          <Button
            kind="solid"
            type="submit"
            disabled={!can('policy:evaluate')}
            title={can('policy:evaluate') ? undefined : 'Needs `policy:evaluate`'}
            icon={<Play aria-hidden className="size-3.5" />}
          >
            Evaluate
          </Button>
        </form>
      </Panel>
      <Panel title="What they say" aside={ready?.ok && <Copy text={curl(ready.body)} what="as curl" />}>
        <div aria-live="polite" data-part="decision">
          {ready === undefined ? (
            <p className="py-8 text-center text-ink-3">
              Name an action and evaluate: the verdict, and the policies that made it, appear here.
            </p>
          ) : !ready.ok ? (
            <p className="py-8 text-center text-ink-3">Not asked yet: the facts are no JSON.</p>
          ) : query.isFetching ? (
            <Loading what="the decision" className="space-y-3 py-2">
              <Bar className="w-24" />
              <Bar className="w-2/3" />
              <Bar className="w-1/2" />
            </Loading>
          ) : query.isError ? (
            <Failed what="a decision" error={query.error} retry={() => void query.refetch()} />
          ) : query.data ? (
            <Decision {...query.data} by={subject.word} />
          ) : (
            <p className="py-8 text-center text-ink-3">Your role may not evaluate policies.</p>
          )}
        </div>
      </Panel>
    </div>
  )
}

function subjectOf(
  { by, version }: { by?: 'active' | 'draft' | 'version'; version?: number },
  { id, draft, versions }: PolicySetSummary,
): { readonly value: string; readonly word: string; readonly body: { policy_set_id?: string; draft?: true; version?: number } } {
  const ofVersion = (number: number) => ({
    value: `v${number}`,
    word: `version ${number} alone`,
    body: { policy_set_id: id, version: number },
  })
  if (by === 'active') return { value: 'active', word: 'all active sets', body: {} }
  if (version !== undefined && version <= versions) return ofVersion(version)
  if (draft) return { value: 'draft', word: 'the draft alone', body: { policy_set_id: id, draft: true } }
  return ofVersion(versions)
}

function Decision({
  verdict,
  reason,
  determining,
  obligations,
  digests,
  by,
}: {
  verdict: 'allow' | 'hold' | 'deny'
  reason?: { code: string; message: string } | undefined
  determining: readonly string[]
  obligations: readonly { name: string; value: string; policy: string }[]
  digests: readonly string[]
  by: string
}) {
  return (
    <div className="space-y-4">
      <p className="flex flex-wrap items-center gap-2.5">
        <Badge status={ofVerdict(verdict)} /> <span className="text-ink-3">by {by}</span>
      </p>
      {reason && (
        <p className="text-ink-2">
          <code className="mr-1.5 rounded-sm border border-line bg-sunken px-1 font-mono text-xs text-ink">{reason.code}</code>
          <Said text={reason.message} />
        </p>
      )}
      <Facts className="grid-cols-[8rem_minmax(0,1fr)]">
        <Fact name="Determined by">
          {determining.length === 0 ? (
            <span className="text-ink-3">no policy: what nothing permits is denied</span>
          ) : (
            <ul className="space-y-1">
              {determining.map((name) => (
                <li key={name}>
                  <code className="rounded-sm border border-line bg-sunken px-1 font-mono text-xs">{name}</code>
                </li>
              ))}
            </ul>
          )}
        </Fact>
        <Fact name="Obligations">
          {obligations.length === 0 ? (
            <span className="text-ink-3">none</span>
          ) : (
            <ul className="space-y-1">
              {obligations.map(({ name, value, policy }) => (
                <li key={`${name}${policy}`}>
                  <code className="font-mono text-xs">{name}</code> {value} <span className="text-ink-3">({policy})</span>
                </li>
              ))}
            </ul>
          )}
        </Fact>
        <Fact name="Sets">
          {digests.length === 0 ? (
            <span className="text-refused">none is active</span>
          ) : (
            digests.map((digest) => (
              <div key={digest}>
                <Id id={digest} what="the policy digest" short />
              </div>
            ))
          )}
        </Fact>
      </Facts>
    </div>
  )
}

/** The facts with the empty input of a tool among them; what is no JSON is left alone. */
function begunWith(context: string, schema: unknown): string {
  const read = context.trim() === '' ? undefined : readJson(context)
  if (read && (!read.ok || typeof read.value !== 'object' || Array.isArray(read.value))) return context
  return JSON.stringify({ ...(read?.ok && (read.value as object)), input: emptyInput(schema) }, null, 2)
}

function pretty(context: string | undefined): string | undefined {
  if (context === undefined || context.includes('\n')) return context
  try {
    return JSON.stringify(JSON.parse(context), null, 2)
  } catch {
    return context
  }
}

function curl(body: object): string {
  const json = JSON.stringify(body).replaceAll("'", String.raw`'\''`)
  return `curl -X POST ${window.location.origin}/api/policies/evaluate -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '${json}'`
}
