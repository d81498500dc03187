import { Mark } from '../ui/mark.tsx'

/** Shown while the server is asked who is signed in. */
export function Starting() {
  return (
    <main className="grid min-h-dvh place-items-center" role="status" aria-label="Starting">
      <Mark className="breathe size-7 text-ink-3" />
    </main>
  )
}
