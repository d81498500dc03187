import type { Overview } from '@agentgate/api'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { CircleCheck, CircleHelp, OctagonX } from 'lucide-react'
import { api } from '../../app/client.ts'
import { useSession } from '../../app/session.tsx'
import { Button } from '../../ui/button.tsx'
import { count } from '../../ui/count.ts'
import { Id } from '../../ui/id.tsx'
import { Fact, Facts, Panel } from '../../ui/panel.tsx'
import { Time } from '../../ui/time.tsx'
import { explain } from '../../ui/trouble.ts'

/** Whether the record holds together: what was checked, when, and what has never been. */
export function EvidenceHealth({ evidence: { size, root, solver_mode, chain } }: { evidence: Overview['evidence'] }) {
  const { can } = useSession()
  const client = useQueryClient()
  const check = useMutation({
    mutationFn: () => api.evidence.verifyChain(),
    onSettled: () => client.invalidateQueries({ queryKey: ['overview'] }),
  })
  const said = check.data ?? chain
  return (
    <Panel
      title="Evidence"
      aside={
        <Link to="/evidence" className="hover:text-ink">
          Certificates
        </Link>
      }
    >
      <Facts>
        <Fact name="Audit chain">
          {check.isError ? (
            <span role="alert" className="text-failed">
              Not checked: {explain(check.error).detail}
            </span>
          ) : !said ? (
            <span className="inline-flex items-center gap-1.5 text-ink-2">
              <CircleHelp aria-hidden className="size-3.5 text-ink-3" /> not checked yet
            </span>
          ) : said.valid ? (
            <span className="inline-flex items-center gap-1.5 text-allowed">
              <CircleCheck aria-hidden className="size-3.5" /> intact, {said.entries_checked}{' '}
              {said.entries_checked === 1 ? 'entry' : 'entries'}
            </span>
          ) : (
            <span role="alert" className="inline-flex items-center gap-1.5 font-medium text-refused">
              <OctagonX aria-hidden className="size-3.5" /> broken
              {check.data?.first_invalid !== undefined && <>: {check.data.first_invalid.what}</>}
            </span>
          )}
        </Fact>
        <Fact name="Checked">
          {check.data ? 'just now' : chain ? <Time at={chain.checked_at} /> : <span className="text-ink-3">never</span>}
        </Fact>
        <Fact name="Ledger">
          <span className="tabular">{count(size)}</span> {size === 1 ? 'entry' : 'entries'}
        </Fact>
        <Fact name="Root">
          <Id id={root} what="the ledger’s root" short />
        </Fact>
        <Fact name="Solver">{solver_mode === 'off' ? 'off: verdicts are signed, not proved' : solver_mode}</Fact>
      </Facts>
      {can('audit:read') && (
        <Button small className="mt-4" disabled={check.isPending} onClick={() => check.mutate()}>
          {check.isPending ? 'Checking…' : 'Check the audit chain'}
        </Button>
      )}
    </Panel>
  )
}
