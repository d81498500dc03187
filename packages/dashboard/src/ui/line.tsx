import { LoaderCircle, Radio, Unplug } from 'lucide-react'

/** Whether what is shown still moves. A broken line is said, never taken for quiet. */
export function LineState({ line, paused = false }: { line: 'connecting' | 'live' | 'broken' | 'refused'; paused?: boolean }) {
  if (line === 'broken')
    return (
      <span className="inline-flex items-center gap-1.5 text-xs font-medium text-failed">
        <Unplug aria-hidden className="size-3.5" /> Live updates broken, retrying
      </span>
    )
  if (line === 'refused') return <span className="text-xs text-ink-3">No live updates</span>
  if (line === 'connecting')
    return (
      <span className="inline-flex items-center gap-1.5 text-xs text-ink-3">
        <LoaderCircle aria-hidden className="turn size-3.5" /> Connecting
      </span>
    )
  return (
    <span className="inline-flex items-center gap-1.5 text-xs text-ink-3">
      <Radio aria-hidden className="size-3.5" /> {paused ? 'Paused' : 'Live'}
    </span>
  )
}
