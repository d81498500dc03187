import type { Answer, routes } from '@agentgate/api'
import { useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { ArrowLeft, Check, CircleDashed, Download, ListTree, Minus } from 'lucide-react'
import { useCallback } from 'react'
import { useTitle } from '../../app/title.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Id } from '../../ui/id.tsx'
import { JsonView } from '../../ui/json.tsx'
import { Fact, Facts, PageHead, Panel } from '../../ui/panel.tsx'
import { Bar, Loading } from '../../ui/skeleton.tsx'
import { Empty, Failed } from '../../ui/states.tsx'
import { ofVerdict } from '../../ui/status.ts'
import { Time } from '../../ui/time.tsx'
import { explain } from '../../ui/trouble.ts'
import { bundleBytes, download } from './bundle.ts'
import { certificateQuery } from './queries.ts'
import { predicatesOf } from './statement.ts'
import { Theorem } from './theorem.tsx'
import { Verification } from './verification.tsx'

const route = getRouteApi('/shell/evidence/$id')

/** What one decision's certificate claims, and the means to check it without us. */
export function CertificatePage() {
  const { id } = route.useParams()
  const query = useQuery(certificateQuery(id))
  useTitle('Certificate')
  return (
    <>
      <Link to="/evidence" className="mb-2 inline-flex items-center gap-1 text-xs text-ink-3 hover:text-ink">
        <ArrowLeft aria-hidden className="size-3" /> Evidence
      </Link>
      {!query.isSuccess && <h1 className="sr-only">Certificate</h1>}
      {query.isPending ? (
        <Skeleton />
      ) : query.isError ? (
        explain(query.error).status === 404 ? (
          <Empty title="No such certificate">
            No decision that you may see has the id <code className="break-all font-mono text-xs">{id}</code>.
          </Empty>
        ) : (
          <Failed what="this certificate" error={query.error} retry={() => void query.refetch()} />
        )
      ) : (
        <Certificate {...query.data} />
      )}
    </>
  )
}

function Certificate({ certificate, envelope, statement }: Answer<(typeof routes)['evidence']['certificate']>) {
  const { decision_id, call_id, issued_at, verdict, result, action, principal, solver_mode, entry } = certificate
  const load = useCallback(() => bundleBytes(decision_id), [decision_id])
  const save = useMutation({ mutationFn: () => download(decision_id) })
  const predicates = predicatesOf(statement)
  return (
    <>
      <PageHead
        title={
          <span className="flex flex-wrap items-center gap-3">
            Certificate <Badge status={ofVerdict(verdict)} />
          </span>
        }
        about="What was decided, by what, signed the moment it was. What it says is only a claim until it is verified."
      >
        <Link
          to="/traces/$id"
          params={{ id: call_id }}
          className="inline-flex h-8 items-center gap-1.5 rounded-md border border-line-strong bg-surface px-3 font-medium hover:bg-hover"
        >
          <ListTree aria-hidden className="size-3.5" /> Trace
        </Link>
        <Button disabled={save.isPending} onClick={() => save.mutate()} icon={<Download aria-hidden className="size-3.5" />}>
          Download the bundle
        </Button>
      </PageHead>
      {save.isError && (
        <p role="alert" className="mb-4 rounded-md border border-failed-line bg-failed-soft px-3 py-2 text-failed">
          Not downloaded. {explain(save.error).detail}
        </p>
      )}
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
        <div className="grid min-w-0 gap-4">
          <Panel title="Claims">
            <Facts>
              <Fact name="Decision">
                <Id id={decision_id} what="the decision id" />
              </Fact>
              <Fact name="Call">
                <Id id={call_id} what="the call id" />
              </Fact>
              <Fact name="Issued">
                <Time at={issued_at} />
              </Fact>
              <Fact name="Result">
                <code className="font-mono text-xs">{result}</code>
              </Fact>
              <Fact name="Action">{action}</Fact>
              <Fact name="Principal">
                <Id id={principal} what="the principal id" />
              </Fact>
              <Fact name="Ledger entry">
                <span className="tabular font-mono text-xs">{entry}</span>
              </Fact>
              <Fact name="Signed by">
                {envelope.signatures.map(({ keyid }) => (
                  <div key={keyid}>
                    <Id id={keyid} what="the fingerprint of the key" short />
                  </div>
                ))}
              </Fact>
              <Fact name="Solver">{solver_mode === 'off' ? 'off: the predicates below are stated, not proved' : solver_mode}</Fact>
            </Facts>
          </Panel>
          {predicates.length > 0 && (
            <Panel title="Predicates" flush aside="as the certificate states them">
              <ul>
                {predicates.map(({ name, holds, witness }) => (
                  <li
                    key={name}
                    className="grid grid-cols-[1rem_9rem_6rem_minmax(0,1fr)] items-center gap-2.5 border-b border-line px-4 py-2 last:border-b-0"
                  >
                    {holds === undefined ? (
                      <Minus aria-hidden className="size-3.5 text-ink-3" />
                    ) : holds ? (
                      <Check aria-hidden className="size-3.5 text-ink-2" />
                    ) : (
                      <CircleDashed aria-hidden className="size-3.5 text-ink-3" />
                    )}
                    <span className="font-mono text-xs">{name}</span>
                    <span className="text-xs text-ink-2">{holds === undefined ? 'not known' : holds ? 'holds' : 'does not hold'}</span>
                    <span className="truncate text-xs text-ink-3" title={witness}>
                      {witness}
                    </span>
                  </li>
                ))}
              </ul>
            </Panel>
          )}
          {solver_mode !== 'off' && <Theorem id={decision_id} />}
          <details className="rounded-lg border border-line bg-surface">
            <summary className="flex h-10 cursor-pointer items-center px-4 font-semibold hover:bg-hover">The whole statement</summary>
            <JsonView value={statement} label="The whole statement" className="max-h-[36rem] border-t border-line px-4 py-3" />
          </details>
        </div>
        <Verification key={decision_id} load={load} />
      </div>
    </>
  )
}

function Skeleton() {
  return (
    <Loading what="the certificate">
      <div className="mb-4 flex h-[50px] flex-col justify-center gap-2">
        <Bar className="h-5 w-48" />
        <Bar className="w-72" />
      </div>
      <div className="grid gap-4 xl:grid-cols-2">
        <div className="h-72 rounded-lg border border-line bg-surface" />
        <div className="h-72 rounded-lg border border-line bg-surface" />
      </div>
    </Loading>
  )
}
