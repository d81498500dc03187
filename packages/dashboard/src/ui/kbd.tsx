/** Keys to press: `g t` is one after the other. */
export function Keys({ keys }: { keys: string }) {
  return (
    <span className="inline-flex gap-1">
      {keys.split(' ').map((key, at) => (
        <kbd
          key={`${at}${key}`}
          className="inline-grid h-[18px] min-w-[18px] place-items-center rounded-sm border border-line-strong bg-sunken px-1 font-mono text-2xs text-ink-2"
        >
          {key}
        </kbd>
      ))}
    </span>
  )
}
