import { CircleDashed } from 'lucide-react'
import { shadowable } from './shadowed.ts'

/** Puts controls in shadow for the messages that follow, to see what they would have let through. */
export function ShadowChoice({ shadowed, choose }: { shadowed: readonly string[]; choose: (names: readonly string[]) => void }) {
  return (
    <fieldset className="mt-2 flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-ink-3">
      <legend className="float-left mr-3 inline-flex items-center gap-1">
        <CircleDashed aria-hidden className="size-3.5" /> In shadow
      </legend>
      {shadowable.map((name) => (
        <label key={name} className="inline-flex cursor-pointer items-center gap-1.5 hover:text-ink">
          <input
            type="checkbox"
            className="accent-accent"
            checked={shadowed.includes(name)}
            onChange={({ target }) => choose(shadowable.filter((each) => (each === name ? target.checked : shadowed.includes(each))))}
          />
          <span className="font-mono">{name}</span>
        </label>
      ))}
      {shadowed.length > 0 && <span>evaluated and reported, not enforced: this model is on this machine</span>}
    </fieldset>
  )
}
