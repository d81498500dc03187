import { Link } from '@tanstack/react-router'
import { Mark } from '../ui/mark.tsx'

/** There is no such page. */
export function NotFound() {
  return (
    <main className="grid min-h-dvh place-items-center px-6 text-center">
      <div>
        <Mark className="mx-auto mb-4 size-7 text-ink-3" />
        <h1 className="text-lg font-semibold">There is no such page</h1>
        <p className="mt-1 text-ink-2">The address leads nowhere in this console.</p>
        <p className="mt-4">
          <Link to="/dashboard" className="font-medium text-accent underline underline-offset-2">
            Go to the overview
          </Link>
        </p>
      </div>
    </main>
  )
}
