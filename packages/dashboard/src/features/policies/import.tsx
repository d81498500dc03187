import { type Diagnostic, type FiledSet, type FileProblem, filedSets, type PolicySetSummary } from '@agentgate/api'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Check, CircleAlert } from 'lucide-react'
import { type ReactNode, useId, useState } from 'react'
import { api } from '../../app/client.ts'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { fieldClass } from '../../ui/field.tsx'
import { Said } from '../../ui/said.tsx'
import { Bar, Loading } from '../../ui/skeleton.tsx'
import { explain } from '../../ui/trouble.ts'
import { Warning } from '../../ui/warning.tsx'

/** What chosen files hold, and what is wrong with it. */
interface Looked {
  readonly sets: readonly { readonly set: FiledSet; readonly diagnostics: readonly Diagnostic[] }[]
  readonly problems: readonly FileProblem[]
}

/** Loads sets from files: every mistake is shown at its line first, and all of them are saved or none is. */
export function Import({ all, close }: { all: readonly PolicySetSummary[]; close: () => void }) {
  const ids = useId()
  const [publish, setPublish] = useState(false)
  const navigate = useNavigate()
  const client = useQueryClient()
  const look = useMutation({ mutationFn: looked })
  const found = look.data
  const save = useMutation({
    mutationFn: async () => {
      const sets = (found?.sets ?? []).map(({ set: { id, policy, invariants } }) => ({
        id,
        policy,
        ...(invariants !== undefined && { invariants }),
      }))
      return api.policies.load({ body: { sets, publish, why: 'imported from files' } })
    },
    onSuccess: async ({ items }) => {
      await client.invalidateQueries({ queryKey: ['policies'] })
      const [only] = items
      if (items.length === 1 && only) await navigate({ to: '/policies/$id', params: { id: only.id } })
      else await navigate({ to: '/policies', search: {} })
    },
  })
  const choose = (files: FileList | null) => {
    if (!files || files.length === 0) return
    save.reset()
    look.mutate([...files])
  }
  const wrong = found ? found.problems.length + found.sets.filter(({ diagnostics }) => diagnostics.length > 0).length : 0
  const fit = look.isSuccess && wrong === 0 && (found?.sets.length ?? 0) > 0
  return (
    <Dialog label="Import policies" close={close} className="w-[46rem] max-w-[calc(100vw-2rem)]">
      <form
        className="flex max-h-[72vh] flex-col"
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault()
          choose(event.dataTransfer.files)
        }}
        onSubmit={(event) => {
          event.preventDefault()
          if (fit) save.mutate()
        }}
      >
        <h2 className="border-b border-line px-5 py-3 text-base font-semibold">Import policies</h2>
        <div className="min-h-0 space-y-4 overflow-y-auto px-5 py-4">
          <div>
            <label htmlFor={`${ids}files`} className="mb-1 block text-xs font-medium text-ink-2">
              Files
            </label>
            <input
              id={`${ids}files`}
              data-first
              type="file"
              multiple
              accept=".cedar,.json"
              aria-describedby={`${ids}hint`}
              onChange={({ target }) => choose(target.files)}
              className={cx(
                fieldClass,
                'h-auto w-full py-1.5 file:mr-3 file:h-7 file:rounded-md file:border file:border-line-strong file:bg-hover file:px-2 file:text-xs file:font-medium file:text-ink',
              )}
            />
            <p id={`${ids}hint`} className="mt-1 text-xs/5 text-ink-3">
              <Said text="`payments.cedar` becomes the set `payments`, and `payments.invariants.cedar` its invariants. A `.json` file holds quick or conditioned rules, or a bundle of `sets`." />
            </p>
          </div>
          {look.isPending && (
            <Loading what="the files" className="space-y-2">
              <Bar className="w-2/5" />
              <Bar className="w-3/5" />
            </Loading>
          )}
          {look.isError && <Warning>{`Not read. ${explain(look.error).detail}`}</Warning>}
          {found && <Found found={found} all={all} />}
          {save.isError && <Warning>{`Nothing was saved. ${explain(save.error).detail}`}</Warning>}
        </div>
        <footer className="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line px-5 py-3">
          <div className="flex gap-2">
            <Button kind="solid" type="submit" disabled={!fit || save.isPending}>
              {save.isPending ? 'Saving…' : publish ? 'Publish all' : 'Save as drafts'}
            </Button>
            <Button kind="ghost" onClick={close}>
              Cancel
            </Button>
          </div>
          <label className="flex items-center gap-2 text-xs text-ink-2">
            <input
              type="checkbox"
              checked={publish}
              onChange={({ target }) => setPublish(target.checked)}
              className="size-4 accent-accent"
            />
            Publish each as a version. Nothing is activated.
          </label>
        </footer>
      </form>
    </Dialog>
  )
}

async function looked(chosen: readonly File[]): Promise<Looked> {
  const files = await Promise.all(chosen.map(async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })))
  const { sets, problems } = filedSets(files)
  const answers: Looked['sets'][number][] = []
  for (const set of sets) {
    const { policy, invariants } = set
    const { diagnostics } = await api.policies.validate({ body: { policy, ...(invariants !== undefined && { invariants }) } })
    answers.push({ set, diagnostics })
  }
  return { sets: answers, problems }
}

function Found({ found: { sets, problems }, all }: { found: Looked; all: readonly PolicySetSummary[] }) {
  const wrong = sets.reduce((sum, { diagnostics }) => sum + diagnostics.length, problems.length)
  return (
    <div>
      <p role="status" data-found={wrong > 0 ? 'wrong' : 'fit'} className="mb-2 text-xs text-ink-2">
        {sets.length} {sets.length === 1 ? 'set' : 'sets'}
        {wrong > 0 ? `, ${wrong} ${wrong === 1 ? 'mistake' : 'mistakes'}: nothing is saved until they are mended.` : ', all valid.'}
      </p>
      <ul aria-label="What they hold" className="divide-y divide-line rounded-md border border-line">
        {problems.map(({ file, line, column, message }) => (
          <Filed key={`${file} ${message}`} name={file} said="cannot be read" wrong>
            <Mistake line={line} column={column} message={message} />
          </Filed>
        ))}
        {sets.map(({ set, diagnostics }) => (
          <Filed key={set.from.file} name={set.from.file} said={becomes(set, all)} wrong={diagnostics.length > 0}>
            {diagnostics.map(({ in: part, path, line, column, message, help }, at) => {
              const from = part === 'invariants' ? set.invariantsFrom : set.from
              return (
                <Mistake
                  // The list is told once and never changes its order.
                  key={at}
                  file={part === 'invariants' ? from?.file : undefined}
                  path={path}
                  line={line}
                  column={column}
                  message={message}
                  help={help}
                  source={line === undefined ? undefined : from?.text?.split('\n')[line - 1]}
                />
              )
            })}
          </Filed>
        ))}
      </ul>
    </div>
  )
}

function becomes({ id, invariants }: FiledSet, all: readonly PolicySetSummary[]): string {
  const there = all.find((set) => set.id === id)
  const what = !there ? `new set ${id}` : there.draft ? `replaces the draft of ${id}` : `draft of ${id}`
  return invariants === undefined ? what : `${what}, with invariants`
}

function Filed({ name, said, wrong, children }: { name: string; said: string; wrong: boolean; children: ReactNode }) {
  const Icon = wrong ? CircleAlert : Check
  return (
    <li className="px-3 py-2">
      <p className="flex flex-wrap items-center gap-x-2">
        <Icon aria-hidden className={cx('size-4 shrink-0', wrong ? 'text-failed' : 'text-allowed')} />
        <span className="min-w-0 font-mono text-xs break-all">{name}</span>
        <span className="text-xs text-ink-3">{said}</span>
      </p>
      {children}
    </li>
  )
}

function Mistake({
  file,
  path,
  line,
  column = 1,
  message,
  help,
  source,
}: {
  file?: string | undefined
  path?: string | undefined
  line?: number | undefined
  column?: number | undefined
  message: string
  help?: string | undefined
  source?: string | undefined
}) {
  const place = line === undefined ? path : `line ${line}:${column}`
  return (
    <div className="mt-1.5 pl-6 text-xs/5">
      <p className="break-words text-failed">
        {[file, place].filter((part) => part).join(', ')} <Said text={message} />
      </p>
      {source !== undefined && (
        <pre
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a long line scrolls, by keyboard too
          tabIndex={0}
          aria-label={`Line ${line}`}
          className="mt-1 overflow-x-auto rounded-md border border-line bg-sunken px-2 py-1 font-mono text-2xs"
        >
          {`${source}\n${' '.repeat(Math.max(0, column - 1))}^`}
        </pre>
      )}
      {help !== undefined && (
        <p className="text-ink-3">
          <Said text={help} />
        </p>
      )}
    </div>
  )
}
