import type { PiiSession } from '@agentgate/api'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useSession } from '../../app/session.tsx'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { Id, shortened } from '../../ui/id.tsx'
import { Fact, Facts, Panel } from '../../ui/panel.tsx'
import { Radios } from '../../ui/radios.tsx'
import { Empty, Failed } from '../../ui/states.tsx'
import { type Column, from, Heads, LoadingRows, rowClass, rowLinkClass } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'
import { Forget } from './forget.tsx'
import { piiSessionsQuery } from './queries.ts'
import { Reveal } from './reveal.tsx'

const route = getRouteApi('/shell/pii')

const columns =
  'grid grid-cols-[5.5rem_minmax(0,1fr)_6rem] lg:grid-cols-[5rem_minmax(0,1fr)_minmax(0,1fr)_8rem_6rem_4.5rem] gap-x-3 items-center px-4'

const heads: readonly Column[] = [
  { name: 'Opened', bar: 'w-14' },
  { name: 'Purpose', bar: 'w-28' },
  { name: 'Values', from: 'lg', bar: 'w-32' },
  { name: 'Principal', from: 'lg', bar: 'w-20' },
  { name: 'Profile', from: 'lg', bar: 'w-20' },
  { name: 'Expires', right: true, bar: 'w-12' },
]

const profiles: { readonly [profile in PiiSession['profile']]: { readonly word: string; readonly means: string } } = {
  strict_tokenized: { word: 'tokens only', means: 'Nobody sees values of it again.' },
  trusted_restore: { word: 'its owner', means: 'Only the principal that it belongs to sees values again.' },
  authorized_viewers: { word: 'viewers too', means: 'Its owner, and whoever may restore everything, see values again.' },
}

/** Sessions of the vault: one's own, or everybody's for those who may see them. */
export function SessionsTab() {
  const { all, session: chosen, of } = route.useSearch()
  const { can } = useSession()
  const navigate = useNavigate()
  const query = useInfiniteQuery(piiSessionsQuery(all === 'true'))
  const rows = query.data?.pages.flatMap(({ items }) => items) ?? []
  // Principals may have sessions of the same name.
  const isChosen = ({ session_id, principal }: PiiSession) => session_id === chosen && (of === undefined || principal === of)
  const shown = rows.find(isChosen)
  const everybody = can('pii:audit')
  return (
    <div className={cx('grid items-start gap-4', shown && 'xl:grid-cols-[minmax(0,1fr)_26rem]')}>
      <div className="rounded-lg border border-line bg-surface">
        <div className="flex min-h-10 items-center gap-3 border-b border-line px-4 py-1.5">
          <h2 className="text-sm font-semibold">Sessions</h2>
          {everybody && (
            <div className="ml-auto">
              <Radios
                label="Whose sessions"
                value={all}
                choose={(value) => void navigate({ to: '/pii', search: value ? { all: value } : {}, replace: true })}
                options={[
                  { value: undefined, word: 'Mine' },
                  { value: 'true' as const, word: "Everybody's" },
                ]}
              />
            </div>
          )}
        </div>
        {query.isPending ? (
          <LoadingRows what="sessions" columns={heads} rows={6} className={cx(columns, 'h-[37px]')} />
        ) : query.isError ? (
          <Failed what="sessions" error={query.error} retry={() => void query.refetch()} />
        ) : rows.length === 0 ? (
          <Empty title="The vault holds no session">
            A session opens when a call or a text with personal data is masked, and ends by itself.
          </Empty>
        ) : (
          <div role="table" aria-label="Sessions">
            <Heads columns={heads} className={columns} />
            {rows.map((each) => (
              <Row key={`${each.principal}/${each.session_id}`} session={each} chosen={each === shown} all={all} />
            ))}
          </div>
        )}
        {query.hasNextPage && (
          <div className="border-t border-line px-4 py-2">
            <Button small disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              Older sessions
            </Button>
          </div>
        )}
      </div>
      {shown && <Session key={`${shown.principal}/${shown.session_id}`} session={shown} />}
    </div>
  )
}

function Row({ session, chosen, all }: { session: PiiSession; chosen: boolean; all: 'true' | undefined }) {
  const navigate = useNavigate()
  const { session_id: id, purpose, principal, profile, created_at: at, expires_at: until, kinds } = session
  return (
    <div role="row" aria-selected={chosen} className={cx(columns, rowClass, 'relative h-[37px] aria-selected:bg-hover')}>
      <span role="cell" className="text-xs text-ink-3">
        <Time at={at} />
      </span>
      <span role="cell" className="truncate">
        <button
          type="button"
          className={cx(rowLinkClass, 'max-w-full truncate')}
          onClick={() => void navigate({ to: '/pii', search: { session: id, of: principal, ...(all && { all }) }, replace: true })}
        >
          {purpose}
        </button>
      </span>
      <span role="cell" className={cx(from.lg, 'truncate text-xs text-ink-2')}>
        {countsOf(kinds)}
      </span>
      <span role="cell" className={cx(from.lg, 'truncate font-mono text-xs text-ink-2')} title={principal}>
        {shortened(principal)}
      </span>
      <span role="cell" className={cx(from.lg, 'text-xs text-ink-2')} title={profiles[profile].means}>
        {profiles[profile].word}
      </span>
      <span role="cell" className="text-right text-xs text-ink-3">
        <Time at={until} />
      </span>
    </div>
  )
}

function Session({ session }: { session: PiiSession }) {
  const { user, can } = useSession()
  const {
    session_id: id,
    purpose,
    principal,
    profile,
    created_at: at,
    expires_at: until,
    kinds,
    key,
    subject,
    agent,
    channel,
    conversation,
  } = session
  const mine = principal === user.id
  const visible = profile !== 'strict_tokenized' && (mine || profile === 'authorized_viewers') && can('pii:reveal')
  return (
    <Panel title="Session" aside={<Id id={id} what="the session's id" short />}>
      <Facts>
        <Fact name="Purpose">{purpose}</Fact>
        <Fact name="Belongs to">
          <Id id={principal} what="the principal" short />
        </Fact>
        {agent && <Fact name="Agent">{agent}</Fact>}
        {channel && <Fact name="Channel">{channel}</Fact>}
        {conversation && <Fact name="Conversation">{conversation}</Fact>}
        <Fact name="May see">{profiles[profile].means}</Fact>
        <Fact name="Subject">{subject ? 'known, as a keyed hash: it can be erased' : 'not known'}</Fact>
        <Fact name="Under key">
          <Id id={key} what="the key's name" />
        </Fact>
        <Fact name="Opened">
          <Time at={at} />
        </Fact>
        <Fact name="Expires">
          <Time at={until} />
        </Fact>
        <Fact name="Values">{countsOf(kinds)}</Fact>
      </Facts>
      <div className="mt-4 space-y-4 border-t border-line pt-4">
        {visible ? <Reveal session={session} /> : <p className="text-ink-3">You may reveal no value of this session.</p>}
        {mine && <Forget session={id} />}
      </div>
    </Panel>
  )
}

/** `2 SSN, 1 EMAIL`. */
export function countsOf(kinds: { readonly [kind: string]: number }): string {
  const parts = Object.entries(kinds).map(([kind, count]) => `${count} ${kind}`)
  return parts.length === 0 ? 'none' : parts.join(', ')
}
