import { useId } from 'react'

/** A choice of one, as a row of words. */
export function Choice<T extends string>({
  label,
  value,
  options,
  choose,
}: {
  label: string
  value: T | undefined
  options: readonly { readonly value: T; readonly word: string }[]
  choose: (value: T) => void
}) {
  const name = useId()
  return (
    <fieldset className="flex rounded-md border border-line-strong bg-surface p-px">
      <legend className="sr-only">{label}</legend>
      {options.map((option) => (
        <label
          key={option.value}
          className="flex h-[26px] cursor-pointer items-center whitespace-nowrap rounded-[5px] px-2 text-xs font-medium text-ink-2 hover:text-ink has-checked:bg-hover has-checked:text-ink has-focus-visible:outline-2 has-focus-visible:outline-accent"
        >
          <input type="radio" name={name} className="sr-only" checked={value === option.value} onChange={() => choose(option.value)} />
          {option.word}
        </label>
      ))}
    </fieldset>
  )
}
