import type { PolicySetSummary } from '@agentgate/api'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { cx } from '../../ui/cx.ts'
import { fieldClass } from '../../ui/field.tsx'

const route = getRouteApi('/shell/policies/$id')

/** Which text of the set is asked about: the version of the address, else the draft, else the newest version. */
export function subjectBody({ draft, versions }: PolicySetSummary, version: number | undefined): { draft?: true; version?: number } {
  if (version !== undefined && version <= versions) return { version }
  return draft ? { draft: true } : { version: versions }
}

/** What an answer about it depends on besides its number: a draft changes. */
export function subjectStamp(set: PolicySetSummary, version: number | undefined): string {
  return subjectBody(set, version).draft ? `draft ${set.draft?.revision ?? 0}` : ''
}

/** Chooses it; the choice is in the address. */
export function Subject({ set, label }: { set: PolicySetSummary; label: string }) {
  const { version } = route.useSearch()
  const navigate = useNavigate()
  const { draft, version: chosen } = subjectBody(set, version)
  return (
    <label className="flex items-center gap-2 text-sm text-ink-2">
      {label}
      <select
        value={draft ? 'draft' : chosen}
        onChange={({ target }) =>
          void navigate({
            to: '/policies/$id',
            params: { id: set.id },
            search: ({ version: _, ...rest }) => ({ ...rest, ...(target.value !== 'draft' && { version: Number(target.value) }) }),
            replace: true,
          })
        }
        className={cx(fieldClass, 'h-8')}
      >
        {set.draft && <option value="draft">the draft, revision {set.draft.revision}</option>}
        {Array.from({ length: set.versions }, (_, at) => set.versions - at).map((each) => (
          <option key={each} value={each}>
            version {each}
            {each === set.active_version ? ' (active)' : ''}
          </option>
        ))}
      </select>
    </label>
  )
}
