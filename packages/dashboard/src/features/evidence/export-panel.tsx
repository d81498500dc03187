import { useMutation } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { type FormEvent, useRef, useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import { Panel } from '../../ui/panel.tsx'
import { explain } from '../../ui/trouble.ts'
import { hand } from './bundle.ts'
import { exported, type Progress } from './export.ts'

const day = (ms: number) => new Date(ms).toISOString().slice(0, 10)

/** Every entry of a period and the bundle of each decision, for an auditor who trusts nobody. */
export function ExportPanel() {
  const [progress, setProgress] = useState<Progress>()
  const leave = useRef<AbortController>(undefined)
  const save = useMutation({
    mutationFn: async ({ first, last }: { first: string; last: string }) => {
      leave.current = new AbortController()
      // The last day is part of it.
      const period = { from: new Date(first).toISOString(), to: new Date(Date.parse(last) + 86_400_000).toISOString() }
      hand(await exported(period, { say: setProgress, signal: leave.current.signal }), `agentgate-${first}-${last}.tar`)
    },
    onSettled: () => setProgress(undefined),
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const said = new FormData(event.currentTarget)
    save.mutate({ first: String(said.get('first')), last: String(said.get('last')) })
  }
  const stopped = save.error instanceof DOMException && save.error.name === 'AbortError'
  const now = Date.now()
  return (
    <Panel title="Export a period">
      <form onSubmit={submit} className="space-y-3">
        <p className="text-ink-2">
          Every entry of the ledger and the bundle of each decision, with the proof that none is left out. Check it without us:{' '}
          <code className="font-mono text-xs">agentgate evidence verify period --trust KEYS</code>
        </p>
        <div className="grid grid-cols-2 gap-3">
          <Field id="export-first" name="first" type="date" label="First day (UTC)" required defaultValue={day(now - 7 * 86_400_000)} />
          <Field id="export-last" name="last" type="date" label="Last day (UTC)" required defaultValue={day(now)} />
        </div>
        {save.isError && !stopped && (
          <p role="alert" className="text-failed">
            Not exported. {save.error instanceof RangeError ? save.error.message : explain(save.error).detail}
          </p>
        )}
        <div className="flex items-center gap-3">
          <Button small type="submit" disabled={save.isPending} icon={<Download aria-hidden className="size-3.5" />}>
            {save.isPending ? 'Exporting…' : 'Export'}
          </Button>
          {save.isPending && (
            <Button small kind="ghost" onClick={() => leave.current?.abort()}>
              Stop
            </Button>
          )}
          <span role="status" className="tabular text-xs text-ink-3">
            {progress && `${progress.done} of ${progress.of} entries`}
            {save.isSuccess && 'Exported.'}
            {stopped && 'Stopped.'}
          </span>
        </div>
      </form>
    </Panel>
  )
}
