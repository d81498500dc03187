import { type ReactNode, useEffect, useRef } from 'react'
import { cx } from './cx.ts'

/** The browser's own modal dialog: focus begins at `data-first` and stays inside, Escape and a click outside close it, focus returns. */
export function Dialog({
  label,
  close,
  children,
  className,
}: {
  label: string
  close: () => void
  children: ReactNode
  className?: string
}) {
  const ref = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const before = document.activeElement
    ref.current?.showModal()
    ref.current?.querySelector<HTMLElement>('[data-first]')?.focus()
    return () => {
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  return (
    <dialog
      ref={ref}
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault()
        close()
      }}
      onMouseDown={(event) => {
        if (event.target === event.currentTarget) close()
      }}
      className={cx(
        'rise m-auto mt-[14vh] max-h-[72vh] rounded-lg border border-line-strong bg-surface p-0 text-ink shadow-pop',
        className,
      )}
    >
      {children}
    </dialog>
  )
}
