import type { LucideIcon } from 'lucide-react'
import { useId } from 'react'
import { cx } from './cx.ts'

/** One of a few, all in sight; it scrolls where there is no room for all. */
export function Radios<T extends string | undefined>({
  label,
  value,
  choose,
  options,
}: {
  label: string
  value: T
  choose: (value: T) => void
  options: readonly {
    readonly value: T
    readonly word: string
    readonly icon?: LucideIcon | undefined
    readonly tone?: string | undefined
  }[]
}) {
  const name = useId()
  return (
    // A fieldset is as wide as its content unless it is told otherwise.
    <fieldset className="flex max-w-full min-w-0 overflow-x-auto rounded-md border border-line-strong bg-surface p-px">
      <legend className="sr-only">{label}</legend>
      {options.map(({ value: each, word, icon: Icon, tone }) => (
        <label
          key={word}
          className="relative flex h-[26px] cursor-pointer items-center gap-1 rounded-[5px] px-2 text-xs font-medium text-ink-2 hover:text-ink has-checked:bg-hover has-checked:text-ink has-focus-visible:outline-2 has-focus-visible:outline-accent"
        >
          <input type="radio" name={name} className="sr-only" checked={value === each} onChange={() => choose(each)} />
          {Icon && <Icon aria-hidden className={cx('size-3.5', tone)} />}
          {word}
        </label>
      ))}
    </fieldset>
  )
}
