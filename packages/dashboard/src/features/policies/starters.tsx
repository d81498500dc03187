import type { StarterSet } from '@agentgate/api'
import { useQuery } from '@tanstack/react-query'
import { useSession } from '../../app/session.tsx'
import { Button } from '../../ui/button.tsx'
import { Bar, Loading } from '../../ui/skeleton.tsx'
import { Failed } from '../../ui/states.tsx'
import { startersQuery } from './queries.ts'

const about: { readonly [id: string]: string } = {
  'default-guardrails': 'Ordinary calls pass; what deletes, pays or sends waits for a person.',
  'pii-protection': 'What identifies a person is sent only with an approval, and never in bulk.',
  'prod-write-guard': 'Production changes only with an approval.',
  payments: 'Money moves only with an approval, and never on the word of untrusted content.',
  'data-residency-eu': 'Personal data is written and sent to places in the EU only.',
  'injection-hardening': 'Untrusted content sends, pays and deletes nothing without an approval, and executes nothing.',
}

/** The bundled sets, each with what must hold of it. */
export function Starters({ taken, begin }: { taken: ReadonlySet<string>; begin: (id: string) => void }) {
  const query = useQuery(startersQuery)
  const { can } = useSession()
  return (
    <section aria-labelledby="starters" className="mt-7">
      <h2 id="starters" className="mb-2 text-sm font-semibold">
        Begin from a bundled set
      </h2>
      {query.isPending ? (
        <Loading what="bundled sets" className="grid gap-3 md:grid-cols-2 xl:grid-cols-3">
          {Array.from({ length: 6 }, (_, at) => (
            <div key={at} className="h-[6.75rem] rounded-lg border border-line bg-surface p-4">
              <Bar className="w-32" />
              <Bar className="mt-3 w-full" />
            </div>
          ))}
        </Loading>
      ) : query.isError ? (
        <Failed what="the bundled sets" error={query.error} retry={() => void query.refetch()} />
      ) : (
        <ul className="grid gap-3 md:grid-cols-2 xl:grid-cols-3">
          {query.data.items.map((starter) => (
            <li key={starter.id} className="flex flex-col gap-1.5 rounded-lg border border-line bg-surface px-4 py-3">
              <h3 className="font-medium">{starter.id}</h3>
              <p className="flex-1 text-xs/5 text-ink-2">{about[starter.id] ?? 'A bundled set.'}</p>
              <div className="flex items-center gap-3 text-xs text-ink-3">
                <span className="tabular">{counts(starter)}</span>
                {taken.has(starter.id) && <span>in use</span>}
                <Button
                  small
                  className="ml-auto"
                  disabled={!can('policy:write')}
                  title={can('policy:write') ? undefined : 'Needs `policy:write`'}
                  aria-label={`Begin from ${starter.id}`}
                  onClick={() => begin(starter.id)}
                >
                  Begin…
                </Button>
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

/** `3 forbid, 1 permit, 2 invariants`. */
export function counts({ text, invariants }: Pick<StarterSet, 'text' | 'invariants'>): string {
  const number = (found: RegExp, within: string) => within.match(found)?.length ?? 0
  const said = [
    [number(/^permit\b/gm, text), 'permit', 'permits'],
    [number(/^forbid\b/gm, text), 'forbid', 'forbids'],
    [number(/^@invariant\b/gm, invariants), 'invariant', 'invariants'],
  ] as const
  return said.flatMap(([many, one, more]) => (many > 0 ? [`${many} ${many === 1 ? one : more}`] : [])).join(', ')
}
