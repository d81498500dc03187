import { type Ref, useEffect, useImperativeHandle, useRef } from 'react'
import { cx } from '../../ui/cx.ts'
import { type Code, type Complaint, openCode } from './code-mirror.ts'

/** What can be done with an editor from outside. */
export interface EditorHandle {
  readonly goTo: (line: number, column: number) => void
}

interface Props {
  readonly label: string
  readonly text: string
  readonly change?: (text: string) => void
  readonly save?: () => void
  readonly complaints?: readonly Complaint[]
  readonly readOnly?: boolean
  readonly className?: string
  readonly ref?: Ref<EditorHandle>
}

const nothing: readonly Complaint[] = []

/** The code editor. Loaded when it is first needed: it is larger than any page. */
export function CodeEditor({ label, text, change, save, complaints = nothing, readOnly = false, className, ref }: Props) {
  const host = useRef<HTMLDivElement>(null)
  const code = useRef<Code>(undefined)
  const latest = useRef({ text, change, save })
  useEffect(() => {
    latest.current = { text, change, save }
  })
  useEffect(() => {
    if (!host.current) return
    const opened = openCode(host.current, {
      label,
      text: latest.current.text,
      change: (typed) => typed !== latest.current.text && latest.current.change?.(typed),
      save: () => latest.current.save?.(),
    })
    code.current = opened
    return () => {
      code.current = undefined
      opened.destroy()
    }
  }, [label])
  useEffect(() => code.current?.setText(text), [text, label])
  useEffect(() => code.current?.setReadOnly(readOnly), [readOnly, label])
  useEffect(() => code.current?.complain(complaints), [complaints, label])
  useImperativeHandle(ref, () => ({ goTo: (line, column) => code.current?.goTo(line, column) }), [])
  return <div ref={host} data-editor={label} className={cx('min-w-0 overflow-hidden', className)} />
}
