import { useQuery } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Text } from '../../ui/json.tsx'
import { explain } from '../../ui/trouble.ts'
import { hand } from './bundle.ts'
import { theoremQuery } from './queries.ts'

/** What a solver proved of one decision, asked for when somebody wants to see it. */
export function Theorem({ id }: { id: string }) {
  const [open, setOpen] = useState(false)
  const query = useQuery({ ...theoremQuery(id), enabled: open })
  return (
    <details className="rounded-lg border border-line bg-surface" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="flex h-10 cursor-pointer items-center px-4 font-semibold hover:bg-hover">The theorem</summary>
      <div className="space-y-3 border-t border-line px-4 py-3">
        {query.isPending ? (
          <p className="text-ink-3">Writing it again…</p>
        ) : query.isError ? (
          <p role="alert" className="text-failed">
            {explain(query.error).detail}
          </p>
        ) : (
          <>
            <div className="flex flex-wrap items-center gap-3">
              <p className="text-ink-2">
                SMT-LIB 2.6. Any solver answers <code className="font-mono text-xs">unsat</code>: {query.data.slice.read} of{' '}
                {query.data.slice.of} policies could apply; {query.data.solver.name} {query.data.solver.version} said{' '}
                <code className="font-mono text-xs">{query.data.solver.answer}</code>.
              </p>
              <Button
                small
                className="ml-auto"
                icon={<Download aria-hidden className="size-3.5" />}
                onClick={() => hand(new Blob([query.data.script], { type: 'text/plain' }), `${id}.smt2`)}
              >
                Download .smt2
              </Button>
            </div>
            <Text text={query.data.script} label="The theorem’s script" mono className="rounded-md bg-sunken px-3 py-2" />
          </>
        )}
      </div>
    </details>
  )
}
