import { Check, Copy as Sheets } from 'lucide-react'
import { useEffect, useState } from 'react'
import { cx } from './cx.ts'

/** Copies `text`; says so where it stands, and to those who listen. */
export function Copy({ text, what, className }: { text: string; what: string; className?: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle')
  useEffect(() => {
    if (state === 'idle') return
    const timer = setTimeout(() => setState('idle'), 1500)
    return () => clearTimeout(timer)
  }, [state])
  const label = state === 'copied' ? `Copied ${what}` : state === 'refused' ? 'The browser refused to copy' : `Copy ${what}`
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      onClick={(event) => {
        event.preventDefault()
        event.stopPropagation()
        navigator.clipboard.writeText(text).then(
          () => setState('copied'),
          () => setState('refused'),
        )
      }}
      className={cx(
        'inline-grid size-5 shrink-0 place-items-center rounded-sm text-ink-3 hover:bg-hover hover:text-ink',
        state === 'copied' && 'text-allowed',
        state === 'refused' && 'text-refused',
        className,
      )}
    >
      {state === 'copied' ? <Check aria-hidden className="size-3" /> : <Sheets aria-hidden className="size-3" />}
    </button>
  )
}
