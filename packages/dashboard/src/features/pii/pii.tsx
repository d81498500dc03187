import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useSession } from '../../app/session.tsx'
import { useTitle } from '../../app/title.ts'
import { PageHead } from '../../ui/panel.tsx'
import { AccessTab } from './access.tsx'
import { ComplianceTab } from './compliance.tsx'
import type { PiiTab } from './address.ts'
import { KeysTab } from './keys.tsx'
import { piiStatsQuery } from './queries.ts'
import { RecognizersTab } from './recognizers.tsx'
import { SessionsTab } from './sessions.tsx'
import { TextTab } from './text.tsx'

const route = getRouteApi('/shell/pii')

const tabs: readonly { readonly tab: PiiTab; readonly word: string }[] = [
  { tab: 'sessions', word: 'Sessions' },
  { tab: 'text', word: 'Try a text' },
  { tab: 'recognizers', word: 'Recognizers' },
  { tab: 'keys', word: 'Keys and retention' },
  { tab: 'access', word: 'Who saw values' },
  { tab: 'compliance', word: 'Compliance' },
]

/** Personal data: what the vault holds, under which keys, for how long, and who may see it again. */
export function PiiPage() {
  useTitle('Personal data')
  const { part: tab = 'sessions' } = route.useSearch()
  const { can } = useSession()
  const stats = useQuery({ ...piiStatsQuery, enabled: can('pii:audit') })
  return (
    <>
      <PageHead
        title="Personal data"
        about="Values stay sealed in the vault. What you see are tokens, until somebody reveals one, and says what for."
      >
        {stats.data && (
          <dl className="flex flex-wrap gap-x-5 gap-y-1 text-xs" data-part="stats">
            <Count name="Sessions" value={stats.data.sessions} />
            <Count name="Values" value={stats.data.values.reduce((sum, { kind, count }) => (kind === 'RECORD' ? sum : sum + count), 0)} />
            <Count name="Integrity failures" value={stats.data.integrity_failures} alarming={stats.data.integrity_failures > 0} />
          </dl>
        )}
      </PageHead>
      <nav aria-label="Parts of this page" className="mb-3 flex gap-4 overflow-x-auto border-b border-line">
        {tabs.map(({ tab: each, word }) => (
          <Link
            key={each}
            to="/pii"
            search={each === 'sessions' ? {} : { part: each }}
            activeOptions={{ exact: true, includeSearch: true }}
            aria-current={each === tab ? 'page' : undefined}
            className="-mb-px flex h-9 shrink-0 items-center border-b-2 border-transparent px-1 font-medium text-ink-3 -outline-offset-2 hover:text-ink aria-[current]:border-ink aria-[current]:text-ink"
          >
            {word}
          </Link>
        ))}
      </nav>
      {tab === 'sessions' && <SessionsTab />}
      {tab === 'text' && <TextTab />}
      {tab === 'recognizers' && <RecognizersTab />}
      {tab === 'keys' && <KeysTab />}
      {tab === 'access' && <AccessTab />}
      {tab === 'compliance' && <ComplianceTab />}
    </>
  )
}

function Count({ name, value, alarming = false }: { name: string; value: number; alarming?: boolean }) {
  return (
    <div className="flex items-baseline gap-1.5">
      <dt className="text-ink-3">{name}</dt>
      <dd className={alarming ? 'tabular font-semibold text-failed' : 'tabular font-semibold'}>{value}</dd>
    </div>
  )
}
