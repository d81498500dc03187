import type { ReactNode } from 'react'
import { cx } from './cx.ts'

/** A value as indented JSON, tokens of masked data marked. Always text, never HTML. */
export function JsonView({ value, className, label }: { value: unknown; className?: string; label: string }) {
  return <Text text={JSON.stringify(value, null, 2) ?? 'null'} label={label} {...(className && { className })} mono />
}

/** Text exactly as it is, line breaks kept, tokens of masked data marked. */
export function Text({ text, className, label, mono = false }: { text: string; className?: string; label?: string; mono?: boolean }) {
  return (
    <div
      // A region that may scroll must be reachable by keyboard.
      {...(label && { tabIndex: 0, role: 'group', 'aria-label': label })}
      className={cx('max-h-80 overflow-auto whitespace-pre-wrap break-words', mono && 'font-mono text-xs/5', className)}
    >
      {marked(text)}
    </div>
  )
}

/** `<EMAIL_1>`, as the vault writes it. */
const token = /<[A-Z][A-Z0-9_]{1,38}_\d{1,6}>/g

function marked(text: string): ReactNode[] {
  const parts: ReactNode[] = []
  let from = 0
  for (const found of text.matchAll(token)) {
    parts.push(text.slice(from, found.index))
    parts.push(
      <mark
        key={found.index}
        className="rounded-sm border border-withheld-line bg-withheld-soft px-0.5 font-mono text-[0.94em] text-withheld"
      >
        {found[0]}
      </mark>,
    )
    from = found.index + found[0].length
  }
  parts.push(text.slice(from))
  return parts
}
